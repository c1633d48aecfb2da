/** What the deliveries to webhooks tell of themselves. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Attempt } from './sender.ts';

export interface WebhookMetrics {
  attempted(result: Attempt['result']): void;
  disabled(): void;
}

/** @param oldest record time of the oldest event that waits, milliseconds since the epoch */
export function registerWebhookMetrics(
  registry: Registry,
  now: () => number,
  oldest: () => number | undefined,
): WebhookMetrics {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'turnpike_webhook_deliveries_total',
    help: 'Attempts to deliver an event to a webhook, by what came of them',
    labelNames: ['result'] as const,
    registers,
  });
  const disabled = new Counter({
    name: 'turnpike_webhook_disabled_total',
    help: 'Webhooks that were disabled because they took nothing for too long',
    registers,
  });
  new Gauge({
    name: 'turnpike_webhook_oldest_undelivered_seconds',
    help: 'Age of the oldest event that waits for a webhook; 0: none waits',
    registers,
    collect() {
      const time = oldest();
      this.set(time === undefined ? 0 : Math.max(0, (now() - time) / 1_000));
    },
  });
  return {
    attempted: (result) => deliveries.inc({ result }),
    disabled: () => disabled.inc(),
  };
}
