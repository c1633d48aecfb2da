import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNatsBus } from '../../storage/events/nats.ts';
import type { EventBus } from '../../storage/events/port.ts';
import { NatsServer } from '../support/nats-server.ts';
import { describeBus, eventOf } from './events.contract.ts';

let server: NatsServer;
let clusters = 0;
beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server?.[Symbol.asyncDispose]());

describeBus('NATS', async () => {
  const cluster = `cluster-${++clusters}`;
  const opened: EventBus[] = [];
  return {
    async open() {
      const bus = await openNatsBus({ url: server.url, cluster });
      opened.push(bus);
      return bus;
    },
    async close() {
      for (const bus of opened) await bus.close();
    },
  };
});

describe('NATS: the bus of domain events', () => {
  /** The messages that the stream of a cluster keeps: subjects and ids. */
  async function kept(cluster: string): Promise<string[]> {
    const connection = await connect({ servers: server.url });
    try {
      const consumer = await jetstream(connection).consumers.get(`${cluster}-events`);
      const messages: string[] = [];
      for await (const message of await consumer.fetch({ max_messages: 100, expires: 1_000 }))
        messages.push(`${message.subject} ${message.json<{ id: string }>().id}`);
      return messages;
    } finally {
      await connection.close();
    }
  }

  test('keeps events for those who come later, each once, under its type', async () => {
    const bus = await openNatsBus({ url: server.url, cluster: 'keeping' });
    try {
      await bus.publish([eventOf('a'), eventOf('b')]);
      await bus.publish([eventOf('a'), eventOf('b'), eventOf('c')]);
      expect(await kept('keeping')).toEqual([
        'keeping.events.campaign.created a',
        'keeping.events.campaign.created b',
        'keeping.events.campaign.created c',
      ]);
    } finally {
      await bus.close();
    }
  });

  test('refuses while its server is away, and goes on when it is back', async () => {
    await using own = await NatsServer.start();
    const bus = await openNatsBus({ url: own.url });
    try {
      await own.kill();
      await expect(bus.publish([eventOf('a')])).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      await own.start();
      await expect
        .poll(() => bus.publish([eventOf('a')]).then(() => 'published'), { timeout: 15_000 })
        .toBe('published');
    } finally {
      await bus.close();
    }
  });
});
