/** What the live feed measures. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { ENDINGS } from './connection.ts';

export function liveMetrics(registry: Registry, connections: () => number) {
  new Gauge({
    name: 'turnpike_management_live_connections',
    help: 'Connections of the live feed',
    registers: [registry],
    collect() {
      this.set(connections());
    },
  });
  const messages = new Counter({
    name: 'turnpike_management_live_messages_total',
    help: 'Messages that clients of the live feed have taken',
    registers: [registry],
  });
  const closed = new Counter({
    name: 'turnpike_management_live_closed_total',
    help: 'Connections of the live feed that have ended, by why: the client, slow, silent, shutdown',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of ENDINGS) closed.inc({ reason }, 0);
  return { messages, closed };
}
