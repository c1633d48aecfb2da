import { expect, test } from 'vitest';
import { CollectorClient, chunks, type EventJson } from '../support/collector.ts';
import { seed } from '../support/environment.ts';
import { launchCampaign, liveMetrics } from '../support/management.ts';
import { Random } from '../support/random.ts';
import { Server } from '../support/server.ts';
import { countedTotals, makeTraffic } from '../support/traffic.ts';
import { waitFor } from '../support/wait.ts';

test('terminated under load, it ends by itself with code 0 and everything answered is counted', async () => {
  await using server = await Server.start();
  await launchCampaign(server, 'busy');
  const traffic = makeTraffic(new Random(seed), ['busy'], 60_000, 0);
  await using client = new CollectorClient(server.addresses.ingest);

  const queue = chunks(traffic.events, 50);
  const unanswered: (readonly EventJson[])[] = [];
  let answered = 0;
  let stopping = false;
  const lane = async (): Promise<void> => {
    for (let batch = queue.pop(); batch; batch = queue.pop()) {
      const answer = await client.sendOnce(batch).catch(() => undefined);
      if (answer?.status === 202) answered += answer.body.accepted;
      else {
        unanswered.push(batch);
        if (stopping) return;
      }
    }
  };
  const load = Promise.all(Array.from({ length: 8 }, lane));
  await waitFor('load', () => answered > 5_000, 60_000);
  stopping = true;
  const end = await server.terminate();
  await load;
  expect(end).toMatchObject({ code: 0, signal: null });
  expect(end.tookMs).toBeLessThan(10_000);
  expect(server.process.stderr).not.toMatch(/unhandled|uncaught/i);

  await server.restart();
  expect(queue.length + unanswered.length, 'the load ended before the server did').toBeGreaterThan(0);
  expect((await liveMetrics(server, 'busy')).accepted).toBeGreaterThanOrEqual(answered);

  await client.sendAll([...unanswered, ...queue], 8);
  expect(countedTotals(await liveMetrics(server, 'busy'))).toEqual(traffic.expected.get('busy'));
});

test('an idle server ends at once', async () => {
  await using server = await Server.start();
  const end = await server.terminate();
  expect(end).toMatchObject({ code: 0, signal: null });
  expect(end.tookMs).toBeLessThan(10_000);
});
