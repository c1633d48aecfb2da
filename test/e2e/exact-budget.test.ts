import { afterAll, beforeAll, expect, test } from 'vitest';
import { CollectorClient, chunks, type EventJson, shuffled } from '../support/collector.ts';
import { seed } from '../support/environment.ts';
import { eventsOf, historyOf, launchCampaign, liveMetrics } from '../support/management.ts';
import { Random } from '../support/random.ts';
import { call, ReflectionClient } from '../support/reflection.ts';
import { Server } from '../support/server.ts';
import { isConserved } from '../support/traffic.ts';
import { waitFor } from '../support/wait.ts';

const CLIENTS = 64;
const ROOM = 1_000;
const CLICKS = 2_000;

/** Each has room for exactly that many clicks. By ISO 4217 the peso has two decimals, the yen none. */
const CAMPAIGNS = [
  { currency: 'USD', rate: '0.13', price: '0.13', total: '130.00', units: '130' },
  { currency: 'COP', rate: '150', price: '150.00', total: '150000.00', units: '150000' },
  { currency: 'JPY', rate: '15', price: '15', total: '15000', units: '15000' },
] as const;

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** Clicks of different visitors on all campaigns, in some order. */
function clicksOnAll(prefix: string): EventJson[] {
  const clicks = CAMPAIGNS.flatMap(({ currency }) =>
    Array.from({ length: CLICKS }, (_, i) => ({
      event_id: `${prefix}${currency}-${i}`,
      type: 'click' as const,
      campaign_id: `${prefix}${currency}`,
      partner_id: `partner-${i % 7}`,
      anonymous_id: `visitor-${i}`,
    })),
  );
  return shuffled(clicks, new Random(seed));
}

/** Sends a client's clicks in its own way: as links, as pixels, or in batches of its size. */
async function sendAs(
  index: number,
  client: CollectorClient,
  clicks: readonly EventJson[],
  sent: (count: number) => void,
): Promise<void> {
  const size = index % 3 === 2 ? 1 + (index % 17) : 1;
  for (const batch of chunks(clicks, size)) {
    const [click] = batch as [EventJson];
    if (index % 3 === 0) await client.follow(click);
    else if (index % 3 === 1) await client.pixel(click);
    else await client.send(batch);
    sent(batch.length);
  }
}

/** Lets all clients send at once, and kills the server as often meanwhile. */
async function sendAll(clicks: readonly EventJson[], kills: number): Promise<void> {
  let sent = 0;
  const clients = chunks(clicks, Math.ceil(clicks.length / CLIENTS)).map(async (own, index) => {
    await using client = new CollectorClient(server.addresses.ingest, 1);
    await sendAs(index, client, own, (count) => {
      sent += count;
    });
  });
  expect(clients).toHaveLength(CLIENTS);
  const killing = async (): Promise<void> => {
    if (kills === 0) return;
    // The budgets are half spent then.
    await waitFor('a quarter of the clicks', () => sent >= clicks.length / 4, 120_000);
    await server.kill();
    await server.restart();
  };
  await Promise.all([killing(), ...clients]);
}

test.each([
  ['under way', 0],
  ['killed meanwhile', 1],
] as const)(
  `of what ${CLIENTS} clients send at once, exactly what the budgets have room for is paid: %s`,
  async (_, kills) => {
    const prefix = `killed-${kills}-`;
    for (const { currency, rate, total } of CAMPAIGNS)
      await launchCampaign(server, `${prefix}${currency}`, {
        budget: { total: { amount: total, currency }, when_exhausted: 'pause' },
        cost: { model: 'CPC', rate: { amount: rate, currency } },
        uniqueness: { key: 'cookie' },
      });

    await sendAll(clicksOnAll(prefix), kills);

    using reflection = new ReflectionClient(server.addresses.grpc);
    const grpc = await reflection.client('turnpike.v1.CampaignService');
    for (const { currency, price, total, units } of CAMPAIGNS) {
      const campaignId = `${prefix}${currency}`;
      const metrics = await liveMetrics(server, campaignId);
      expect(metrics).toMatchObject({
        accepted: ROOM,
        clicks: ROOM,
        unique_clicks: ROOM,
        pending: 0,
        spend: { amount: total, currency },
      });
      expect(isConserved(metrics)).toBe(true);
      if (kills === 0) expect(metrics).toMatchObject({ received: CLICKS, rejected: CLICKS - ROOM });

      const told = (await historyOf(server, campaignId)).filter(({ type }) =>
        /threshold_reached|exhausted|paused/.test(type),
      );
      expect(told.map(({ type, data }) => data.percent ?? type)).toEqual([
        ...[50, 75, 90, 100],
        'budget.exhausted',
        'campaign.paused',
      ]);

      expect(await call(grpc, 'GetCampaign', { campaign_id: campaignId })).toMatchObject({
        status: 'CAMPAIGN_STATUS_PAUSED',
        status_reason: 'the budget is used up',
      });
      const live = await call<{ totals: unknown }>(grpc, 'GetCampaignMetrics', { campaign_id: campaignId });
      expect(live.totals).toMatchObject({
        clicks: String(ROOM),
        spend: { currency_code: currency, units, nanos: 0 },
      });
      const paid = await eventsOf(server, campaignId, 'status=accepted');
      expect(paid).toHaveLength(ROOM);
      expect(new Set(paid.map(({ event_id }) => event_id)).size).toBe(ROOM);
      expect(new Set(paid.map(({ spend }) => `${spend.amount} ${spend.currency}`))).toEqual(
        new Set([`${price} ${currency}`]),
      );
    }
  },
);
