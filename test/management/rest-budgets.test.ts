import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeAll(async () => {
  system = await ManagementSystem.start();
});
afterAll(() => system?.[Symbol.asyncDispose]());

let campaigns = 0;
let path = '';
/** Every test has a campaign of its own, which may spend 1,000. */
beforeEach(async () => {
  const campaignId = `summer-${++campaigns}`;
  path = `/v1/campaigns/${campaignId}`;
  await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: campaignId });
});

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);
const usd = (amount: string) => ({ amount, currency: 'USD' });
const allocate = (...allocations: unknown[]) => rest(`PUT ${path}/budget/allocations`, { allocations });
const mail = { name: 'mail', amount: usd('300.00'), match: { field: 'utm_source', value: 'mail' } };
const print = { name: 'print', amount: usd('200.00') };

describe('the budget of a campaign', () => {
  test('is shown with what is left', async () => {
    const { status, headers, body } = await rest(`GET ${path}/budget`);
    expect([status, headers.etag]).toEqual([200, '"1"']);
    expect(body).toEqual({
      campaign_id: path.slice('/v1/campaigns/'.length),
      etag: '1',
      total: usd('1000.00'),
      extra: usd('0.00'),
      spent: usd('0.00'),
      reported: usd('0.00'),
      left: usd('1000.00'),
      utilization: 0,
      spent_today: usd('0.00'),
      allocations: [],
      unallocated: usd('1000.00'),
      thresholds: [50, 75, 90, 100].map((percent) => ({ percent, reached: false })),
      pace: { pacing: 'asap' },
    });
  });

  test('is 404 where there is no campaign, or no budget', async () => {
    expect((await rest('GET /v1/campaigns/nobody/budget')).status).toBe(404);
    const { budget: _, ...poor } = SUMMER;
    await rest('POST /v1/campaigns', { ...poor, campaign_id: 'poor' });
    const { status, body } = await rest('GET /v1/campaigns/poor/budget');
    expect([status, body.detail]).toEqual([404, 'campaign poor has no budget']);
    expect(
      (await rest('POST /v1/campaigns/poor/budget:record-spend', { amount: usd('1') })).body,
    ).toMatchObject({
      status: 409,
      violations: [{ field: 'budget.total', description: 'set it first' }],
    });
  });

  test('may be paced evenly, if the campaign ends', async () => {
    const even = { budget: { pacing: 'even' } };
    expect((await rest(`PATCH ${path}`, even)).body).toMatchObject({
      status: 400,
      violations: [{ field: 'budget.pacing' }],
    });
    const { body } = await rest(`PATCH ${path}`, { ...even, ends_at: '2026-12-02T00:00:00Z' });
    expect(body.budget.pacing).toBe('even');
    // Ten days are left with that of the test's clock, 22 November.
    expect((await rest(`GET ${path}/budget`)).body.pace).toEqual({ pacing: 'even', today: usd('100.00') });
    expect((await rest(`PATCH ${path}`, { ends_at: null })).status).toBe(400);
  });
});

describe('allocations', () => {
  test('are set as a whole and shown in their order', async () => {
    const { status, body } = await allocate(mail, print);
    expect(status).toBe(200);
    expect(body.allocations).toEqual([
      { ...mail, spent: usd('0.00'), left: usd('300.00') },
      { ...print, spent: usd('0.00'), left: usd('200.00') },
    ]);
    expect(body.unallocated).toEqual(usd('500.00'));
    expect((await allocate(print)).body.allocations).toHaveLength(1);
  });

  test('are refused with the field and the fix', async () => {
    const faults = async (...allocations: unknown[]) => {
      const { status, body } = await allocate(...allocations);
      expect(status).toBe(400);
      return body.violations.map(({ field }: { field: string }) => field);
    };
    expect(await faults(mail, { ...print, name: 'mail' })).toEqual(['allocations[1].name']);
    expect(await faults(mail, { ...mail, name: 'post' })).toEqual(['allocations[1].match']);
    expect(await faults({ ...print, amount: usd('0') })).toEqual(['allocations[0].amount.amount']);
    expect(await faults({ ...mail, match: { field: 'sub1', value: 'x' } })).toEqual([
      'allocations[0].match.field',
    ]);
    expect(await faults({ ...print, amount: { amount: '1', currency: 'EUR' } })).toEqual([
      'allocations[0].amount.currency',
    ]);
    expect(await faults({ name: 'print' })).toEqual(['allocations[0].amount']);
    expect(await faults(...new Array(51).fill(print))).toEqual(['allocations']);
  });

  test('may not exceed the total', async () => {
    const { status, body } = await allocate(mail, { ...print, amount: usd('700.01') });
    expect(status).toBe(409);
    expect(body).toMatchObject({
      state: 'DRAFT',
      violations: [{ field: 'allocations', description: expect.stringContaining('by 0.01') }],
    });
  });

  test('give to each other', async () => {
    await allocate(mail, print);
    const move = { amount: usd('50'), from: 'mail', to: 'print' };
    const { body } = await rest(`POST ${path}/budget:reallocate`, move);
    expect(body.allocations.map(({ amount }: { amount: unknown }) => amount)).toEqual([
      usd('250.00'),
      usd('250.00'),
    ]);
    expect(
      (await rest(`POST ${path}/budget:reallocate`, { amount: usd('50'), from: 'mail', to: 'mail' })).body,
    ).toMatchObject({ status: 400, violations: [{ field: 'to' }] });
    expect(
      (await rest(`POST ${path}/budget:reallocate`, { ...move, amount: usd('250.01') })).body,
    ).toMatchObject({
      status: 409,
      violations: [{ field: 'amount', description: 'must be at most what mail has left, 250.00' }],
    });
  });

  test('are changed only as the caller knows them', async () => {
    const old = { 'if-match': '"1"' };
    const put = () => rest(`PUT ${path}/budget/allocations`, { allocations: [print] }, old);
    expect((await put()).headers.etag).toBe('"2"');
    expect((await put()).status).toBe(412);
  });
});

describe('an authorised extra', () => {
  test('raises the total once for an idempotency key', async () => {
    const authorize = () =>
      rest(
        `POST ${path}/budget:authorize-extra`,
        { amount: usd('100'), reason: 'It sells.' },
        { 'idempotency-key': 'k1' },
      );
    expect((await authorize()).body).toMatchObject({ total: usd('1100.00'), extra: usd('100.00') });
    expect((await authorize()).body.total).toEqual(usd('1100.00'));
    expect((await rest(path.replace(/^/, 'GET '))).body.budget.total).toEqual(usd('1100.00'));
  });

  test('needs a reason', async () => {
    const { status, body } = await rest(`POST ${path}/budget:authorize-extra`, { amount: usd('100') });
    expect([status, body.violations]).toEqual([400, [{ field: 'reason', description: 'is required' }]]);
  });
});

describe('reported spend', () => {
  const record = (body: object) => rest(`POST ${path}/budget:record-spend`, body);

  test('is recorded, and once for its reference', async () => {
    await allocate(print);
    const spend = { amount: usd('12.50'), allocation: 'print', description: 'Posters', reference: 'i-7' };
    expect((await record(spend)).body).toMatchObject({
      recorded: true,
      budget: { spent: usd('12.50'), reported: usd('12.50'), allocations: [{ left: usd('187.50') }] },
    });
    expect((await record(spend)).body).toMatchObject({ recorded: false, budget: { spent: usd('12.50') } });
  });

  test('is refused as a whole where it exceeds what is left', async () => {
    const { status, body } = await record({ amount: usd('1000.01') });
    expect([status, body.violations]).toEqual([
      409,
      [{ field: 'amount', description: 'must be at most what the budget has left, 1000.00' }],
    ]);
    expect((await rest(`GET ${path}/budget`)).body.spent).toEqual(usd('0.00'));
  });

  test('is in the live figures', async () => {
    await record({ amount: usd('12.50') });
    expect((await rest(`GET ${path}/metrics`)).body.spend).toEqual(usd('12.50'));
  });
});

describe('a forecast', () => {
  test('says that there is too little to make one', async () => {
    const { body } = await rest(`GET ${path}/budget/forecast`);
    expect(body).toEqual({
      campaign_id: path.slice('/v1/campaigns/'.length),
      days: 30,
      left: usd('1000.00'),
      records: 0,
      insufficient_data: true,
    });
  });

  test('is made of what was spent', async () => {
    for (let i = 0; i < 3; i++) await rest(`POST ${path}/budget:record-spend`, { amount: usd('10') });
    const { body } = await rest(`GET ${path}/budget/forecast?days=10`);
    expect(body).toMatchObject({
      days: 10,
      left: usd('970.00'),
      records: 3,
      insufficient_data: false,
      basis_days: 1,
      daily_mean: usd('30.00'),
      expected_spend: usd('300.00'),
      projected_total: usd('330.00'),
      recommended_daily: usd('97.00'),
    });
  });

  test.each(['0', '366', 'x'])('of %s days is refused', async (days) => {
    const { status, body } = await rest(`GET ${path}/budget/forecast?days=${days}`);
    expect([status, body.violations[0].field]).toEqual([400, 'days']);
  });
});
