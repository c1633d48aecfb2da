import { credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EventType } from '../../model/event.ts';
import {
  CommissionServiceClient,
  type ConversionRefund,
  RefundConversionRequest,
} from '../../proto/generated/turnpike/v1/commission_service.ts';
import { detailsOf, failureOf } from './grpc-client.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW, SUMMER } from './management-system.ts';

let system: ManagementSystem;
let stub: CommissionServiceClient;
beforeAll(async () => {
  system = await ManagementSystem.start();
  stub = new CommissionServiceClient(system.grpc, credentials.createInsecure());
});
/** Every test has a campaign that has counted a sale of 20.00 by ann, who earns a tenth of it. */
beforeEach(async () => {
  system.actors.reset();
  await call('POST /v1/campaigns', {
    ...SUMMER,
    cost: { model: 'CPA', rate: usd('5.00') },
    commission: { model: 'PERCENTAGE', percent: '10', refunds_budget: true },
  });
  await call('POST /v1/campaigns/summer:activate');
  const sale = {
    eventId: 'sale',
    campaignId: 'summer',
    type: EventType.conversion,
    transactionId: 'order-1',
    partnerId: 'ann',
    occurredAt: NOW - 60_000,
    valueMicros: 20_000_000,
    currency: 'USD',
  };
  expect(await system.actors.track([sale])).toEqual(['accepted']);
});
afterAll(async () => {
  stub?.close();
  await system?.[Symbol.asyncDispose]();
});

const call = (target: string, body?: unknown, headers = {}): Promise<Answer> =>
  send(system.http, target, body, headers);
const refund = (body: unknown = { transaction_id: 'order-1' }, headers = {}) =>
  call('POST /v1/campaigns/summer:refund-conversion', body, headers);
const usd = (amount: string) => ({ amount, currency: 'USD' });
const account = async () => (await call('GET /v1/partners/ann/account')).body;

describe('a refund over REST', () => {
  test('says what it has taken back, from the figures, the budget and the partner', async () => {
    expect(await refund({ transaction_id: 'order-1', reason: 'Sent back.' })).toMatchObject({
      status: 200,
      body: {
        campaign_id: 'summer',
        decision_id: expect.stringMatching(/^0-/),
        occurred_at: '2026-11-22T12:33:56.789Z',
        refunded_at: '2026-11-22T12:34:56.789Z',
        revenue: usd('20.00'),
        spend: usd('5.00'),
        commission: usd('2.00'),
        reversed: [{ partner_id: 'ann', amount: usd('2.00') }],
      },
    });
    const { body: figures } = await call('GET /v1/campaigns/summer/metrics');
    expect(figures).toMatchObject({ conversions: 1, revenue: usd('0.00'), commission: usd('0.00') });
    expect((await call('GET /v1/campaigns/summer/budget')).body).toMatchObject({ spent: usd('0.00') });
    expect(await account()).toMatchObject({
      balances: [{ assigned: usd('2.00'), reversed: usd('2.00'), balance: usd('0.00') }],
    });
  });

  test('leaves what was paid already below zero, until the next commission makes up for it', async () => {
    await call('POST /v1/payouts', { partner_id: 'ann', amount: usd('2.00'), reference: 'november' });
    await system.actors.pay({ transfer: async () => ({ kind: 'succeeded', transferId: 'tr_1' }) as const });
    await refund();
    expect(await account()).toMatchObject({ balances: [{ payable: usd('-2.00'), balance: usd('-2.00') }] });
    const next = { eventId: 'next', campaignId: 'summer', type: EventType.conversion, partnerId: 'ann' };
    await system.actors.track([
      { ...next, transactionId: 'order-2', occurredAt: NOW, valueMicros: 30_000_000, currency: 'USD' },
    ]);
    expect(await account()).toMatchObject({ balances: [{ payable: usd('1.00'), balance: usd('1.00') }] });
  });

  test('happens once, and is harmless to repeat under its key', async () => {
    const first = await refund(undefined, { 'idempotency-key': 'k1' });
    expect(await refund(undefined, { 'idempotency-key': 'k1' })).toMatchObject({ body: first.body });
    expect(await refund()).toMatchObject({
      status: 409,
      body: { code: 'already_exists', detail: 'the conversion of transaction order-1 was refunded before' },
    });
    expect(await account()).toMatchObject({ balances: [{ reversed: usd('2.00') }] });
  });

  test('names what there is not', async () => {
    expect(await refund({ transaction_id: 'order-9' })).toMatchObject({
      status: 404,
      body: { detail: 'campaign summer has counted no conversion of transaction order-9' },
    });
    const nobody = 'POST /v1/campaigns/nobody:refund-conversion';
    expect(await call(nobody, { transaction_id: 'order-1' })).toMatchObject({ status: 404 });
  });

  test.each([
    ['neither transaction nor click', {}, 'transaction_id', 'is required, unless click_id is given'],
    ['both', { transaction_id: 'a', click_id: 'b' }, 'click_id', expect.stringContaining('left out')],
    [
      'a goal without a click',
      { transaction_id: 'a', goal: 'b' },
      'goal',
      'must be left out without click_id',
    ],
    ['what is no click id', { click_id: 'b' }, 'click_id', 'is not a click id'],
    ['a blank reason', { transaction_id: 'a', reason: ' ' }, 'reason', 'must not be blank'],
  ])('with %s is refused', async (_, body, field, description) => {
    expect(await refund(body)).toMatchObject({ status: 400, body: { violations: [{ field, description }] } });
  });

  test('is not taken by a campaign that has never run', async () => {
    await call('POST /v1/campaigns', { ...SUMMER, campaign_id: 'draft' });
    const answer = await call('POST /v1/campaigns/draft:refund-conversion', { transaction_id: 'order-1' });
    expect(answer).toMatchObject({ status: 409, body: { state: 'DRAFT' } });
  });
});

describe('a refund over gRPC', () => {
  const refundConversion = (request: Partial<RefundConversionRequest>): Promise<ConversionRefund> =>
    new Promise((resolve, reject) => {
      const whole = RefundConversionRequest.fromPartial({ campaignId: 'summer', ...request });
      stub.refundConversion(whole, (error: ServiceError | null, answer) =>
        error ? reject(error) : resolve(answer),
      );
    });
  const units = (amount: bigint) => ({ currencyCode: 'USD', units: amount, nanos: 0 });

  test('says what it has taken back', async () => {
    const request = { transactionId: 'order-1', requestId: 'r1' };
    const first = await refundConversion(request);
    expect(first).toMatchObject({
      campaignId: 'summer',
      revenue: units(20n),
      spend: units(5n),
      commission: units(2n),
      reversals: [{ partnerId: 'ann', amount: units(2n) }],
    });
    expect(await refundConversion(request)).toEqual(first);
  });

  test('names the conversion that there is not, or that was refunded before', async () => {
    await refundConversion({ transactionId: 'order-1' });
    const names = async (request: Partial<RefundConversionRequest>) =>
      detailsOf(await failureOf(refundConversion(request)));
    expect(await names({ transactionId: 'order-1' })).toMatchObject({
      ResourceInfo: { resourceType: 'turnpike.v1.Conversion', resourceName: 'transaction order-1' },
    });
    expect(await names({ transactionId: 'order-9' })).toMatchObject({
      ResourceInfo: { resourceType: 'turnpike.v1.Conversion', resourceName: 'transaction order-9' },
    });
  });
});
