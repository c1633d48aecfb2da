import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TurnpikeError } from '../../model/errors.ts';
import { GetCampaignConservationRequest } from '../../proto/generated/turnpike/v1/campaign_service.ts';
import { Granularity } from '../../proto/generated/turnpike/v1/metrics.ts';
import { GrpcClient } from './grpc-client.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
  await send(system.http, 'POST /v1/campaigns', SUMMER);
});
afterEach(() => system?.[Symbol.asyncDispose]());

const PATH = 'GET /v1/campaigns/summer/conservation';
const ask = (query = ''): Promise<Answer> => send(system.http, `${PATH}${query}`);

const COUNTS = { received: 20, accepted: 10, duplicates: 6, rejected: 3, pending: 1 };
const balanced = (counts: typeof COUNTS) => ({ ...counts, sum: counts.received, balanced: true });
const seconds = (text: string): number => Date.parse(text) / 1_000;

/** A row of the aggregates; 64-bit integers arrive as text. */
const row = (counts: typeof COUNTS, startsAt = 0) => ({
  starts_at: String(startsAt),
  received: String(counts.received),
  accepted: String(counts.accepted),
  duplicates: String(counts.duplicates),
  rejected: String(counts.rejected),
  pending: String(counts.pending),
  impressions: '0',
  clicks: '0',
  unique_clicks: '0',
  conversions: '0',
  revenue_micros: '0',
  spend_micros: '0',
  commission_micros: '0',
});

const reason = (code: number, events: number, startsAt = 0) => ({
  starts_at: String(startsAt),
  reason: code,
  events: String(events),
});

/** All sources tell the same: four of the six duplicates were stopped by the filter. */
function agree(): void {
  system.actors.count('summer', COUNTS);
  system.warehouse.rows = [row(COUNTS)];
  system.warehouse.reasons = [
    reason(100, 10),
    reason(200, 1),
    reason(210, 1),
    reason(302, 3),
    reason(400, 1),
  ];
}

describe('GET /v1/campaigns/{id}/conservation', () => {
  test('shows that what was received is the sum of what was said of it, by every account', async () => {
    agree();
    expect(await ask()).toMatchObject({
      status: 200,
      body: {
        campaign_id: 'summer',
        as_of: new Date(NOW).toISOString(),
        balanced: true,
        sources_agree: true,
        live: balanced(COUNTS),
        aggregates: balanced(COUNTS),
        decided_events: balanced({ ...COUNTS, received: 16, duplicates: 2 }),
        stopped_duplicates: 4,
        arrived_meanwhile: 0,
        differences: [],
        reasons: [
          { code: 100, name: 'accepted', events: 10 },
          { code: 200, name: 'duplicate_event', events: 1 },
          { code: 210, name: 'repeat_visitor', events: 1 },
          { code: 302, name: 'campaign_not_active', events: 3 },
          { code: 400, name: 'budget_exhausted', events: 1 },
        ],
      },
    });
    expect(system.actors.settlements).toEqual(['summer']);
  });

  test('says what differs by how much, and is an answer like another', async () => {
    agree();
    system.actors.count('summer', { accepted: 11 });
    system.warehouse.reasons[3] = reason(302, 5);
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      balanced: false,
      sources_agree: false,
      live: { received: 20, sum: 21, balanced: false },
      decided_events: { rejected: 5, balanced: true },
      differences: [
        { count: 'rejected', sources: ['aggregates', 'decided_events'], by: -2 },
        { count: 'accepted', sources: ['live', 'aggregates'], by: 1 },
      ],
    });
  });

  test('does not hold events against the sources that arrive while it is made', async () => {
    agree();
    system.warehouse.meanwhile = () => system.actors.count('summer', { received: 23, accepted: 13 });
    system.warehouse.rows = [row({ ...COUNTS, received: 22, accepted: 12 })];
    expect((await ask()).body).toMatchObject({ balanced: true, arrived_meanwhile: 3 });
  });

  test('expects minutes that are over to agree, whatever arrives', async () => {
    agree();
    system.warehouse.meanwhile = () => system.actors.count('summer', { received: 23, accepted: 13 });
    system.warehouse.rows = [row({ ...COUNTS, received: 22, accepted: 12 })];
    const { body } = await ask('?from=2026-11-22T12:00:00Z&to=2026-11-22T12:34:00Z');
    expect(body).toMatchObject({
      balanced: false,
      differences: [{ count: 'accepted', sources: ['aggregates', 'decided_events'], by: 2 }],
    });
  });

  test('takes the whole minutes of a range, and leaves the actor out of the comparison', async () => {
    agree();
    system.actors.count('summer', { received: 21, accepted: 11 });
    const { body } = await ask('?from=2026-11-22T12:30:01Z&to=2026-11-22T12:33:01Z');
    expect(system.warehouse.asked).toMatchObject({
      campaign: 'summer',
      from: seconds('2026-11-22T12:31:00Z'),
      to: seconds('2026-11-22T12:34:00Z'),
    });
    expect(body).toMatchObject({
      from: '2026-11-22T12:30:01.000Z',
      to: '2026-11-22T12:33:01.000Z',
      balanced: true,
      live: { received: 21 },
    });
  });

  test('is broken down, and finds what only the stretches show', async () => {
    const [eleven, twelve] = [seconds('2026-11-22T11:00:00Z'), seconds('2026-11-22T12:00:00Z')];
    const ten = { received: 10, accepted: 10, duplicates: 0, rejected: 0, pending: 0 };
    system.actors.count('summer', { ...ten, received: 20, accepted: 20 });
    system.warehouse.rows = [row(ten, eleven), row(ten, twelve)];
    system.warehouse.reasons = [reason(100, 9, eleven), reason(100, 11, twelve)];
    const { body } = await ask('?granularity=hour');
    expect(system.warehouse.asked).toMatchObject({ step: 3_600 });
    expect(body).toMatchObject({
      balanced: false,
      live: { received: 20, balanced: true },
      decided_events: { received: 20, balanced: true },
      differences: [
        { count: 'accepted', by: 1, starts_at: '2026-11-22T11:00:00.000Z' },
        { count: 'accepted', by: -1, starts_at: '2026-11-22T12:00:00.000Z' },
      ],
      buckets: [
        {
          starts_at: '2026-11-22T11:00:00.000Z',
          balanced: false,
          aggregates: { received: 10, balanced: true },
          decided_events: { received: 9, balanced: true },
          stopped_duplicates: 0,
        },
        { starts_at: '2026-11-22T12:00:00.000Z', balanced: false },
      ],
    });
  });

  test('names a reason that nobody knows by its number, and does not balance', async () => {
    agree();
    system.warehouse.reasons.push(reason(999, 1));
    expect((await ask()).body).toMatchObject({
      balanced: false,
      decided_events: { received: 17, sum: 16, balanced: false },
      reasons: expect.arrayContaining([{ code: 999, name: 'unknown_reason_999', events: 1 }]),
    });
  });

  test('refuses what the figures refuse, in the same words', async () => {
    expect(await ask('?from=yesterday')).toMatchObject({
      status: 400,
      body: { violations: [{ field: 'from' }] },
    });
    expect(await ask('?from=2026-11-22T12:00:00Z&to=2026-11-22T11:00:00Z')).toMatchObject({
      status: 400,
      body: { violations: [{ field: 'from', description: 'must be earlier than to' }] },
    });
    expect(await ask('?from=2020-01-01T00:00:00Z&granularity=minute')).toMatchObject({
      status: 400,
      body: { violations: [{ field: 'granularity' }] },
    });
    expect((await send(system.http, 'GET /v1/campaigns/winter/conservation')).status).toBe(404);
  });

  test('is 503 where the warehouse does not take everything in time', async () => {
    system.actors.failure = new TurnpikeError({ code: 'deadline_exceeded', message: 'too slow' });
    expect((await ask()).status).toBe(503);
  });
});

describe('GetCampaignConservation', () => {
  test('gives the same report', async () => {
    agree();
    using client = new GrpcClient(system.grpc);
    const from = { seconds: BigInt(seconds('2026-11-22T12:00:00Z')), nanos: 0 };
    const report = await client.call(
      'getCampaignConservation',
      GetCampaignConservationRequest.fromPartial({
        campaignId: 'summer',
        from,
        granularity: Granularity.HOUR,
      }),
    );
    expect(report).toMatchObject({
      campaignId: 'summer',
      from,
      to: undefined,
      balanced: true,
      sourcesAgree: true,
      live: { received: 20n, sum: 20n, balanced: true },
      aggregates: { received: 20n, duplicates: 6n },
      decidedEvents: { received: 16n, duplicates: 2n, balanced: true },
      stoppedDuplicates: 4n,
      differences: [],
    });
    expect(report.reasons).toContainEqual({ code: 302, name: 'campaign_not_active', events: 3n });
    expect(report.buckets).toHaveLength(1);
  });
});
