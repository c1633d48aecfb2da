import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNatsIntegration } from '../../storage/integration/nats.ts';
import type { IntegrationFeed } from '../../storage/integration/port.ts';
import { NatsServer } from '../support/nats-server.ts';
import { waitFor } from '../support/wait.ts';
import { describeFeed } from './integration.contract.ts';

const logger = pino({ level: 'silent' });
let server: NatsServer;
let clusters = 0;
beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server?.[Symbol.asyncDispose]());

describeFeed('NATS', async () => {
  const cluster = `cluster-${++clusters}`;
  const opened: IntegrationFeed[] = [];
  return {
    async open() {
      const feed = await openNatsIntegration({ url: server.url, cluster, logger });
      opened.push(feed);
      return feed;
    },
    async close() {
      for (const feed of opened) await feed.close();
    },
  };
});

describe('NATS: the feed of integration events', () => {
  test('takes what anybody publishes on its subjects, and sets aside what is not JSON', async () => {
    const lines: string[] = [];
    const feed = await openNatsIntegration({
      url: server.url,
      cluster: 'open',
      logger: pino({ level: 'error' }, { write: (line: string) => void lines.push(line) }),
    });
    const connection = await connect({ servers: server.url });
    try {
      const client = jetstream(connection);
      await client.publish('open.integration.onboarding.contract_activated', 'not JSON');
      await client.publish('open.integration.any.other', '{"id":"a"}');
      const taken: unknown[] = [];
      feed.take(async (event) => {
        taken.push(event);
        return { kind: 'done' };
      });
      await waitFor('the event', () => taken.length > 0);
      expect(taken).toEqual([{ id: 'a' }]);
      expect(lines.join()).toContain('it is not JSON');
    } finally {
      await connection.close();
      await feed.close();
    }
  });

  test('goes on when its server is back, with what was not taken', async () => {
    await using own = await NatsServer.start();
    const feed = await openNatsIntegration({ url: own.url, logger });
    try {
      const taken: unknown[] = [];
      let isReady = false;
      feed.take(async (event) => {
        if (!isReady) throw new Error('not now');
        taken.push(event);
        return { kind: 'done' };
      });
      await feed.send('test.happened', { id: 'a' });
      await own.kill();
      await own.start();
      isReady = true;
      await waitFor('the event', () => taken.length > 0, 30_000);
      expect(taken[0]).toEqual({ id: 'a' });
    } finally {
      await feed.close();
    }
  });
});
