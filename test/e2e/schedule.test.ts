import { expect, test } from 'vitest';
import { CollectorClient } from '../support/collector.ts';
import {
  type CampaignJson,
  eventsOf,
  historyOf,
  launchCampaign,
  type MetricsJson,
  rest,
  scheduleCampaign,
} from '../support/management.ts';
import { Server } from '../support/server.ts';
import { waitFor } from '../support/wait.ts';

/** When a campaign begins and ends by itself, milliseconds since the epoch. */
interface Plan {
  readonly startsAt?: number;
  readonly endsAt?: number;
}

/** Some fall due one after the other about the moment of the kill, and some while the process is dead. */
function plansFrom(begin: number, dead: number): ReadonlyMap<string, Plan> {
  const around = Array.from({ length: 12 }, (_, index): [string, Plan] => {
    const startsAt = begin + 50 * index;
    return [`around-${index}`, { startsAt, endsAt: startsAt + 300 }];
  });
  return new Map([
    ...around,
    ['begins', { startsAt: dead }],
    ['passes', { startsAt: dead - 200, endsAt: dead }],
    ['ends', { endsAt: dead }],
  ]);
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();

function plan(server: Server, campaignId: string, { startsAt, endsAt }: Plan): Promise<CampaignJson> {
  const ends = endsAt === undefined ? {} : { ends_at: instant(endsAt) };
  return startsAt === undefined
    ? launchCampaign(server, campaignId, ends)
    : scheduleCampaign(server, campaignId, { starts_at: instant(startsAt), ...ends });
}

test('what is scheduled happens once and on time, killed at that moment or dead beyond it', async () => {
  await using server = await Server.start();
  await using client = new CollectorClient(server.addresses.ingest);
  const statusOf = async (id: string) =>
    (await rest<CampaignJson>(server, 'GET', `/v1/campaigns/${id}`)).body.status;
  const dead = Date.now() + 2_000;
  const plans = plansFrom(dead - 1_200, dead);
  const ids = [...plans.keys()];
  await Promise.all(ids.map((id) => plan(server, id, plans.get(id) as Plan)));

  let round = 0;
  const sendClicks = async (): Promise<void> => {
    round++;
    const click = (id: string) => ({ event_id: `${id}-${round}`, type: 'click' as const, campaign_id: id });
    await client.send(ids.map(click));
  };
  const whenEnded = (id: string) =>
    waitFor(`the end of ${id}`, async () => {
      await sendClicks();
      return (await statusOf(id)) === 'COMPLETED';
    });
  // Some have begun, some have ended, none of it is saved, and the others have it all before them.
  await whenEnded('around-0');
  await server.kill();
  await waitFor('the instant', () => Date.now() > dead);
  await server.restart();
  await sendClicks();
  for (const id of ids) if (id !== 'begins') await whenEnded(id);
  expect(await statusOf('begins')).toBe('ACTIVE');

  for (const [id, { startsAt, endsAt }] of plans) {
    const changes = (await historyOf(server, id)).filter(({ data }) => data.previous_status !== undefined);
    expect(
      changes.map(({ type, data }) => [type, data.by, data.reason]),
      id,
    ).toEqual([
      [startsAt === undefined ? 'campaign.activated' : 'campaign.scheduled', 'operator', undefined],
      ...(startsAt === undefined ? [] : [['campaign.activated', 'schedule', 'starts_at reached']]),
      ...(endsAt === undefined ? [] : [['campaign.completed', 'schedule', 'ends_at reached']]),
    ]);
    const events = await eventsOf(server, id, '');
    for (const { event_id, decision, occurred_at, recorded_at } of events) {
      const hasBegun = Date.parse(occurred_at) >= (startsAt ?? 0);
      const hasEnded = Date.parse(recorded_at) >= (endsAt ?? Number.POSITIVE_INFINITY);
      // What came before the begin and was recorded after it may be judged either way.
      const isBetween = !hasBegun && Date.parse(recorded_at) >= (startsAt ?? 0);
      const expected = hasBegun && !hasEnded ? 'accepted' : 'campaign_not_active';
      if (!isBetween) expect(decision.reason, event_id).toBe(expected);
    }
    const { final } = (await rest<{ final?: MetricsJson }>(server, 'GET', `/v1/campaigns/${id}`)).body;
    const counted = events.filter(({ decision }) => decision.reason === 'accepted').length;
    expect(final?.accepted, id).toBe(endsAt === undefined ? undefined : counted);
  }
});
