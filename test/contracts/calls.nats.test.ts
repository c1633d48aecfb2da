import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNatsCalls } from '../../storage/calls/nats.ts';
import type { Calls } from '../../storage/calls/port.ts';
import { NatsServer } from '../support/nats-server.ts';
import { waitFor } from '../support/wait.ts';
import { describeCalls } from './calls.contract.ts';

let server: NatsServer;
let clusters = 0;
beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server?.[Symbol.asyncDispose]());

describeCalls('NATS', async () => {
  const cluster = `cluster-${++clusters}`;
  const opened: Calls[] = [];
  return {
    async open() {
      const calls = await openNatsCalls({ url: server.url, cluster });
      opened.push(calls);
      return calls;
    },
    async close() {
      for (const calls of opened) await calls.close();
    },
  };
});

describe('NATS: calls over an outage', () => {
  test('fail while the server is away, and go on when it is back', async () => {
    await using own = await NatsServer.start();
    const asking = await openNatsCalls({ url: own.url });
    const serving = await openNatsCalls({ url: own.url });
    try {
      let isHanging = false;
      serving.serve(0, async (question) => (isHanging ? new Promise(() => undefined) : question));
      await waitFor('an answer', async () => (await asking.ask(0, 'before', 1_000)) === 'before');
      isHanging = true;
      const hanging = expect(asking.ask(0, 'during', 60_000)).rejects.toMatchObject({
        failure: { code: 'unavailable' },
      });
      await own.kill();
      await hanging;
      await expect(asking.ask(0, 'away', 60_000)).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      asking.announce('nobody hears this');
      isHanging = false;
      await own.start();
      await waitFor('an answer', async () => (await asking.ask(0, 'after', 1_000)) === 'after');
    } finally {
      await asking.close();
      await serving.close();
    }
  });

  test('overlook messages that are not theirs', async () => {
    const asking = await openNatsCalls({ url: server.url, cluster: 'foreign' });
    const { connect } = await import('@nats-io/transport-node');
    const stranger = await connect({ servers: server.url });
    try {
      const heard: unknown[] = [];
      asking.listen((news) => heard.push(news));
      stranger.subscribe('foreign.partition.0', {
        callback: (_error, message) => {
          message.respond('garbage');
        },
      });
      await stranger.flush();
      await expect(asking.ask(0, 'x', 1_000)).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      await waitFor('the news', () => {
        stranger.publish('foreign.news', 'garbage');
        asking.announce('real');
        return heard.includes('real');
      });
      expect(new Set(heard)).toEqual(new Set(['real']));
    } finally {
      await stranger.close();
      await asking.close();
    }
  });
});
