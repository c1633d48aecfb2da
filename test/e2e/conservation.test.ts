import { expect, test } from 'vitest';
import { CollectorClient, chunks } from '../support/collector.ts';
import { seed } from '../support/environment.ts';
import { launchCampaign, rest } from '../support/management.ts';
import { Random } from '../support/random.ts';
import { Server } from '../support/server.ts';
import { makeTraffic } from '../support/traffic.ts';

interface AccountJson {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly pending: number;
  readonly sum: number;
}

interface ReportJson {
  readonly balanced: boolean;
  readonly arrived_meanwhile: number;
  readonly differences: readonly unknown[];
  readonly live: AccountJson;
  readonly aggregates: AccountJson;
  readonly decided_events: AccountJson;
  readonly stopped_duplicates: number;
  readonly reasons: readonly { readonly name: string; readonly events: number }[];
  readonly buckets?: readonly { readonly balanced: boolean; readonly aggregates: AccountJson }[];
}

async function report(server: Server, campaignId: string, query = ''): Promise<ReportJson> {
  const path = `/v1/campaigns/${campaignId}/conservation${query}`;
  const { status, body } = await rest<ReportJson>(server, 'GET', path);
  expect(status).toBe(200);
  return body;
}

test(`what campaigns received is the sum of what was said of it, by every account (seed ${seed})`, async () => {
  await using server = await Server.start();
  await launchCampaign(server, 'open');
  await launchCampaign(server, 'tight', { budget: { total: { amount: '10.00', currency: 'USD' } } });
  await launchCampaign(server, 'halted');
  await rest(server, 'POST', '/v1/campaigns/halted:pause', {});
  const traffic = makeTraffic(new Random(seed), ['open', 'tight', 'halted'], 3_000);
  await using client = new CollectorClient(server.addresses.ingest);
  await client.sendAll(chunks(traffic.events, 50), 8);

  for (const campaignId of ['open', 'tight', 'halted']) {
    const found = await report(server, campaignId);
    expect(found, campaignId).toMatchObject({ balanced: true, arrived_meanwhile: 0, differences: [] });
    const sent = traffic.events.filter((event) => event.campaign_id === campaignId).length;
    expect(found.live.received, campaignId).toBe(sent);
    expect(found.aggregates, campaignId).toEqual(found.live);
    expect(found.decided_events.received + found.stopped_duplicates, campaignId).toBe(sent);
  }
  expect((await report(server, 'tight')).live.pending).toBeGreaterThan(0);
  expect((await report(server, 'halted')).reasons).toContainEqual(
    expect.objectContaining({ name: 'campaign_not_active' }),
  );
  const { buckets = [] } = await report(server, 'open', '?granularity=minute');
  expect(buckets.every(({ balanced }) => balanced)).toBe(true);
  expect(buckets.reduce((sum, { aggregates }) => sum + aggregates.received, 0)).toBe(
    (await report(server, 'open')).live.received,
  );
});
