import { status as Code, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AttributionModel } from '../../proto/generated/turnpike/v1/attribution.ts';
import { DecisionStatus, EventType, TouchKind } from '../../proto/generated/turnpike/v1/tracking.ts';
import {
  type AttributionReport,
  type EventAccount,
  GetAttributionRequest,
  ListEventsRequest,
  type ListEventsResponse,
  TrackingServiceClient,
} from '../../proto/generated/turnpike/v1/tracking_service.ts';
import { creditRow, eventRow } from './event-rows.ts';
import { detailsOf, failureOf } from './grpc-client.ts';
import { send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
let client: TrackingServiceClient;
beforeEach(async () => {
  system = await ManagementSystem.start();
  client = new TrackingServiceClient(system.grpc, credentials.createInsecure());
  await send(system.http, 'POST /v1/campaigns', SUMMER);
});
afterEach(async () => {
  client?.close();
  await system?.[Symbol.asyncDispose]();
});

function promise<A>(run: (done: (error: ServiceError | null, answer: A) => void) => unknown): Promise<A> {
  return new Promise((resolve, reject) => {
    run((error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const get = (campaignId: string, eventId: string): Promise<EventAccount> =>
  promise((done) => client.getEvent({ campaignId, eventId }, done));
const list = (request: Partial<ListEventsRequest>): Promise<ListEventsResponse> =>
  promise((done) =>
    client.listEvents(ListEventsRequest.fromPartial({ campaignId: 'summer', ...request }), done),
  );
const timestamp = (text: string) => ({ seconds: BigInt(Date.parse(text) / 1_000), nanos: 0 });

describe('ListEvents', () => {
  test('tells of each event what was decided, why, and on what evidence', async () => {
    system.warehouse.events = [
      eventRow({
        type: 3,
        reason: 302,
        flags: 2 + 64,
        partner_id: 'maria',
        click_id: 'k1',
        transaction_id: 't1',
        value_micros: '12500001',
        currency: 'EUR',
        user_agent: 'curl/8',
        ip: '2001:db8::',
        sub1: 'x',
        properties: '{"size":4,"gift":true}',
      }),
    ];
    const { events, nextPageToken } = await list({});
    expect(nextPageToken).toBe('');
    expect(events).toMatchObject([
      {
        eventId: 'e1',
        type: EventType.CONVERSION,
        partnerId: 'maria',
        clickId: 'k1',
        transactionId: 't1',
        decision: {
          id: 'a-10-1',
          status: DecisionStatus.REJECTED,
          reasonCode: 302,
          reason: 'campaign_not_active',
        },
        value: { currencyCode: 'EUR', units: 12n, nanos: 500_001_000 },
        spend: { currencyCode: 'USD', units: 0n, nanos: 0 },
        occurredAt: timestamp('2026-11-22T12:00:00Z'),
        recordedAt: { nanos: 250_000_000 },
        evidence: {
          userAgent: 'curl/8',
          referrer: '',
          address: '2001:db8::',
          flags: ['head_request', 'self_referral'],
        },
        parameters: { sub1: 'x' },
        properties: { size: 4, gift: true },
      },
    ]);
  });

  test('restricts and pages', async () => {
    system.warehouse.events = [eventRow({ row: 2 }), eventRow()];
    const filter = {
      type: EventType.CLICK,
      status: DecisionStatus.DUPLICATE,
      reason: '210',
      partnerId: 'maria',
      flag: 'too_fast',
      from: timestamp('2026-11-22T00:00:00Z'),
      to: timestamp('2026-11-23T00:00:00Z'),
      pageSize: 1,
    };
    const { events, nextPageToken } = await list(filter);
    expect(events).toHaveLength(1);
    expect(system.warehouse.asked).toEqual({
      campaign: 'summer',
      type: 2,
      hundreds: 2,
      reason: 210,
      partner: 'maria',
      flag: 32,
      from: Date.parse('2026-11-22T00:00:00Z'),
      to: Date.parse('2026-11-23T00:00:00Z'),
      count: 2,
    });
    await list({ ...filter, pageToken: nextPageToken });
    expect(system.warehouse.asked).toMatchObject({ sequence: 36, row: 2 });
  });

  test('INVALID_ARGUMENT names the fields at fault', async () => {
    const error = await failureOf(
      list({ type: 9 as EventType, reason: 'none', from: { seconds: -1n, nanos: 0 } }),
    );
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    const { fieldViolations } = detailsOf(error).BadRequest as { fieldViolations: { field: string }[] };
    expect(fieldViolations.map(({ field }) => field).sort()).toEqual(['from', 'reason', 'type']);
  });
});

describe('GetEvent', () => {
  test('gives what was decided on the event and on its repeats', async () => {
    system.warehouse.events = [eventRow(), eventRow({ row: 2, reason: 200 })];
    const { event, repeats } = await get('summer', 'e1');
    expect(event?.decision?.status).toBe(DecisionStatus.ACCEPTED);
    expect(repeats.map(({ decision }) => decision?.reason)).toEqual(['duplicate_event']);
  });

  test('NOT_FOUND says what there is not', async () => {
    expect(await failureOf(get('winter', 'e1'))).toMatchObject({
      code: Code.NOT_FOUND,
      details: 'there is no campaign winter',
    });
    const error = await failureOf(get('summer', 'e9'));
    expect(error).toMatchObject({ code: Code.NOT_FOUND, details: 'campaign summer has no event e9' });
    expect(detailsOf(error).ResourceInfo).toMatchObject({
      resourceType: 'turnpike.v1.TrackedEvent',
      resourceName: 'e9',
    });
  });

  test('INVALID_ARGUMENT for a missing id', async () => {
    expect(await failureOf(get('', 'e1'))).toMatchObject({ code: Code.INVALID_ARGUMENT });
    expect(await failureOf(get('summer', ''))).toMatchObject({ code: Code.INVALID_ARGUMENT });
  });
});

describe('the attribution of conversions', () => {
  const report = (request: Partial<GetAttributionRequest>): Promise<AttributionReport> =>
    promise((done) =>
      client.getAttribution(GetAttributionRequest.fromPartial({ campaignId: 'summer', ...request }), done),
    );

  test('is told with each of them', async () => {
    system.warehouse.events = [eventRow({ type: 3 })];
    system.warehouse.credits = [creditRow({ kind: 'direct', model: 'TIME_DECAY' })];
    const { event } = await get('summer', 'e1');
    expect(event?.attribution).toEqual({
      model: AttributionModel.TIME_DECAY,
      touches: [
        {
          kind: TouchKind.DIRECT,
          partnerId: 'maria',
          contentId: '',
          touchedAt: timestamp('2026-11-21T12:00:00Z'),
          share: 0.5,
          revenue: { units: 6n, nanos: 250_000_000, currencyCode: 'USD' },
          commission: { units: 0n, nanos: 1_000, currencyCode: 'USD' },
        },
      ],
    });
  });

  test('is summed by partner', async () => {
    const row = { share_ppm: '333333', clicks: '1', views: '0', direct: '0' };
    system.warehouse.partners = [
      { ...row, partner_id: 'maria', revenue_micros: '1000000', commission_micros: '0' },
    ];
    const { partners, nextPageToken } = await report({});
    expect(partners).toEqual([
      {
        partnerId: 'maria',
        conversions: 0.333333,
        clicks: 1n,
        views: 0n,
        direct: 0n,
        revenue: { units: 1n, nanos: 0, currencyCode: 'USD' },
        commission: { units: 0n, nanos: 0, currencyCode: 'USD' },
      },
    ]);
    expect(nextPageToken).toBe('');
    expect(await failureOf(report({ campaignId: 'winter' }))).toMatchObject({ code: Code.NOT_FOUND });
  });
});
