import { expect, test } from 'vitest';
import { CollectorClient, chunks, type EventJson } from '../support/collector.ts';
import { seed, sizes } from '../support/environment.ts';
import { figuresOf, launchCampaign, liveMetrics, storedMetrics } from '../support/management.ts';
import { Random } from '../support/random.ts';
import { Server } from '../support/server.ts';
import { cents, countedTotals, isConserved, makeTraffic } from '../support/traffic.ts';
import { waitFor } from '../support/wait.ts';
import { warehouseTotals } from '../support/warehouse.ts';

/** Kills and restarts the server when the work has reached each of `marks`, and tells how long it took. */
async function killAt(server: Server, marks: readonly number[], progress: () => number): Promise<number[]> {
  const readyMs: number[] = [];
  for (const mark of marks) {
    await waitFor(`progress ${mark}`, () => progress() >= mark, 120_000);
    await server.kill();
    await server.restart();
    readyMs.push(Math.round(server.readyMs));
  }
  return readyMs;
}

/** `count` random shares of the work, in order, none at its very ends. */
function killMarks(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => 0.02 + 0.9 * random.next()).sort((a, b) => a - b);
}

test(`killed ${sizes.kills} times under load, it has counted every event once (seed ${seed})`, async () => {
  const random = new Random(seed);
  const campaignIds = ['cpc', 'cpm', 'cpa', 'quiet'];
  await using server = await Server.start();
  await launchCampaign(server, 'cpc', { cost: { model: 'CPC', rate: { amount: '0.25', currency: 'USD' } } });
  await launchCampaign(server, 'cpm', { cost: { model: 'CPM', rate: { amount: '4.00', currency: 'USD' } } });
  await launchCampaign(server, 'cpa', { cost: { model: 'CPA', rate: { amount: '7.50', currency: 'USD' } } });
  await launchCampaign(server, 'quiet');
  const traffic = makeTraffic(random, campaignIds, 6_000 * (sizes.kills + 1));
  await using client = new CollectorClient(server.addresses.ingest);

  const batches = chunks(traffic.events, 40);
  let sent = 0;
  function* counted(): Generator<readonly EventJson[]> {
    for (const batch of batches) {
      yield batch;
      sent++;
    }
  }
  const [readyMs] = await Promise.all([
    killAt(server, killMarks(random, sizes.kills), () => sent / batches.length),
    client.sendAll(counted(), 8),
  ]);
  console.log(`ready again after ${readyMs.join(', ')} ms; ${client.repeats} batches were repeated`);

  const live = new Map(
    await Promise.all(campaignIds.map(async (id) => [id, await liveMetrics(server, id)] as const)),
  );
  for (const [campaignId, expected] of traffic.expected) {
    const metrics = live.get(campaignId);
    if (!metrics) throw new Error(`no figures of ${campaignId}`);
    expect(countedTotals(metrics), campaignId).toEqual(expected);
    expect(metrics.rejected + metrics.pending, campaignId).toBe(0);
    expect(metrics.duplicates, campaignId).toBeGreaterThanOrEqual(traffic.repeats.get(campaignId) as number);
    expect(isConserved(metrics), campaignId).toBe(true);
  }
  const spent = (id: string): string | undefined => live.get(id)?.spend.amount;
  const total = (id: string) =>
    traffic.expected.get(id) as NonNullable<ReturnType<typeof traffic.expected.get>>;
  expect(cents(spent('cpc') as string)).toBe(25 * total('cpc').clicks);
  expect(Number(spent('cpm'))).toBeCloseTo((4 * total('cpm').impressions) / 1000, 9);
  expect(cents(spent('cpa') as string)).toBe(750 * total('cpa').conversions);
  for (const ms of readyMs) expect(ms).toBeLessThan(15_000);

  for (const [campaignId, metrics] of live)
    expect(figuresOf(await storedMetrics(server, campaignId)), campaignId).toEqual(figuresOf(metrics));
  expect((await server.terminate()).code).toBe(0);
  for (const [campaignId, metrics] of live) {
    expect(await warehouseTotals(server.dataDirectory, campaignId), campaignId).toMatchObject({
      received: metrics.received,
      accepted: metrics.accepted,
      clicks: metrics.clicks,
      spend: metrics.spend.amount,
      revenue: metrics.revenue.amount,
      acceptedRows: metrics.accepted,
      distinctEventIds: metrics.accepted,
    });
  }
});

test(`a budget with room for exactly N clicks ends at N paid clicks, killed meanwhile (seed ${seed})`, async () => {
  const room = 700;
  const random = new Random(seed + 1);
  await using server = await Server.start();
  await launchCampaign(server, 'capped', {
    budget: { total: { amount: '91.00', currency: 'USD' } },
    cost: { model: 'CPC', rate: { amount: '0.13', currency: 'USD' } },
  });
  const clicks: EventJson[] = Array.from({ length: 3 * room }, (_, i) => ({
    event_id: `click-${i}`,
    type: 'click',
    campaign_id: 'capped',
    partner_id: `partner-${i % 7}`,
  }));
  const lanes = chunks(chunks(clicks, 5), Math.ceil((3 * room) / 5 / 6));
  let sent = 0;
  const clients = lanes.map(async (batches) => {
    await using client = new CollectorClient(server.addresses.ingest, 2);
    for (const batch of batches) {
      await client.send(batch);
      sent += batch.length;
    }
  });
  await Promise.all([killAt(server, killMarks(random, 2), () => sent / clicks.length), ...clients]);

  const metrics = await liveMetrics(server, 'capped');
  expect(metrics.clicks).toBe(room);
  expect(metrics.spend).toEqual({ amount: '91.00', currency: 'USD' });
  expect(metrics.accepted).toBe(room);
  expect(metrics.pending).toBe(2 * room);
  expect(isConserved(metrics)).toBe(true);
});
