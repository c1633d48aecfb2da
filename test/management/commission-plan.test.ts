import { status as Code } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { Campaign } from '../../proto/generated/turnpike/v1/campaign.ts';
import { Commission, CommissionModel, TierMode } from '../../proto/generated/turnpike/v1/commission_plan.ts';
import { detailsOf, failureOf, GrpcClient, summer } from './grpc-client.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
let client: GrpcClient;
beforeEach(async () => {
  system = await ManagementSystem.start();
  client = new GrpcClient(system.grpc);
});
afterEach(async () => {
  client?.[Symbol.dispose]();
  await system?.[Symbol.asyncDispose]();
});

const rest = (target: string, body?: unknown): Promise<Answer> => send(system.http, target, body);
const usd = (amount: string) => ({ amount, currency: 'USD' });

const PLAN = {
  model: 'PERCENTAGE',
  percent: '5',
  tiers: {
    mode: 'MARGINAL',
    by: 'revenue',
    period: 'month',
    steps: [
      { from_amount: usd('1000.00'), percent: '7.5' },
      { from_amount: usd('5000.00'), percent: '10' },
    ],
  },
  cap: { amount: usd('500.00'), period: 'month' },
  hold_days: 30,
  flagged_hold_days: 60,
  refunds_budget: true,
  rules: [
    {
      name: 'gift cards',
      properties: [{ name: 'category', values: ['gift card'] }],
      model: 'FLAT',
      rate: usd('0.00'),
      hold_days: 0,
    },
    {
      name: 'large sales by Ana',
      partner_ids: ['ana'],
      goals: ['sale'],
      content_ids: ['video-7'],
      minimum_value: usd('100.00'),
      model: 'FLAT',
      rate: usd('20.00'),
      tiers: {
        mode: 'RETROACTIVE',
        by: 'conversions',
        period: 'total',
        steps: [{ from_count: 10, rate: usd('25.00') }],
      },
      cap: { amount: usd('1000.00'), period: 'total' },
    },
    { name: 'clicks', model: 'CPC', rate: usd('0.01') },
  ],
};

describe('a commission plan', () => {
  test('is kept as it was sent, and is the same over gRPC', async () => {
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, commission: PLAN });
    expect(status).toBe(201);
    expect(body.commission).toEqual(PLAN);
    const { commission, ...campaign } = await client.call('getCampaign', { campaignId: 'summer' });
    expect(commission).toMatchObject({
      model: CommissionModel.PERCENTAGE,
      percent: '5',
      holdDays: 30,
      refundsBudget: true,
      tiers: { mode: TierMode.MARGINAL, steps: [{ fromAmount: { units: 1_000n }, percent: '7.5' }, {}] },
      rules: [{ name: 'gift cards', holdDays: 0 }, { minimumValue: { units: 100n } }, {}],
    });
    const copy = Campaign.fromPartial({ ...campaign, commission });
    await client.call('createCampaign', { campaignId: 'copy', campaign: copy, requestId: '' });
    expect((await rest('GET /v1/campaigns/copy')).body.commission).toEqual(PLAN);
  });

  test('may be of rules alone, and words are taken in any case', async () => {
    const tiers = {
      mode: 'Retroactive',
      by: 'Clicks',
      period: 'DAY',
      steps: [{ from_count: 5, rate: usd('1') }],
    };
    const commission = { rules: [{ name: 'clicks', model: 'cpc', rate: usd('0.5'), tiers }] };
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, commission });
    expect(body.commission).toEqual({
      rules: [
        {
          name: 'clicks',
          model: 'CPC',
          rate: usd('0.50'),
          tiers: {
            mode: 'RETROACTIVE',
            by: 'clicks',
            period: 'day',
            steps: [{ from_count: 5, rate: usd('1.00') }],
          },
        },
      ],
    });
  });

  test('is changed member by member by a merge patch, also while the campaign runs', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, commission: PLAN });
    await rest('POST /v1/campaigns/summer:activate');
    const change = { commission: { hold_days: 14, tiers: { period: 'day' }, cap: null, rules: [] } };
    const { status, body } = await rest('PATCH /v1/campaigns/summer', change);
    expect(status).toBe(200);
    const { cap: _, rules: __, ...others } = PLAN;
    expect(body.commission).toEqual({ ...others, hold_days: 14, tiers: { ...PLAN.tiers, period: 'day' } });
    const { body: cleared } = await rest('PATCH /v1/campaigns/summer', { commission: null });
    expect(cleared).not.toHaveProperty('commission');
  });

  test('is replaced by a mask that names it, and changed by one that names a part', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, commission: PLAN });
    const update = (commission: Partial<Commission>, updateMask: string[]) =>
      client.call('updateCampaign', {
        campaign: summer({ id: 'summer', commission: Commission.fromPartial(commission) }),
        updateMask,
        requestId: '',
        etag: '',
      });
    const held = await update({ holdDays: 7 }, ['commission.hold_days', 'commission.rules']);
    expect(held.commission).toMatchObject({ percent: '5', holdDays: 7, rules: [], refundsBudget: true });
    const flat = { currencyCode: 'USD', units: 3n, nanos: 0 };
    const replaced = await update({ model: CommissionModel.FLAT, rate: flat }, ['commission']);
    expect(replaced.commission).toEqual(Commission.fromPartial({ model: CommissionModel.FLAT, rate: flat }));
  });
});

describe('a commission plan that makes no sense', () => {
  const flat = { model: 'FLAT', rate: usd('1') };
  const step = (from_count: number, rate = usd('2')) => ({ from_count, rate });
  const tiers = { mode: 'RETROACTIVE', by: 'conversions', period: 'month', steps: [step(5)] };
  const rule = { name: 'a', ...flat };

  test.each<[object, string]>([
    [{}, 'commission.model'],
    [{ rules: [] }, 'commission.model'],
    [{ rules: [rule], cap: { amount: usd('1'), period: 'day' } }, 'commission.cap'],
    [{ ...flat, hold_days: 91 }, 'commission.hold_days'],
    [{ ...flat, rate: usd('0') }, 'commission.rate.amount'],
    [{ ...flat, cap: { amount: usd('0'), period: 'day' } }, 'commission.cap.amount.amount'],
    [{ ...flat, cap: { amount: usd('1'), period: 'year' } }, 'commission.cap.period'],
    [
      { ...flat, cap: { amount: { amount: '1', currency: 'EUR' }, period: 'day' } },
      'commission.cap.amount.currency',
    ],
    [{ ...flat, tiers: { ...tiers, mode: 'CUBIC' } }, 'commission.tiers.mode'],
    [{ ...flat, tiers: { ...tiers, by: 'clicks' } }, 'commission.tiers.by'],
    [{ ...flat, tiers: { ...tiers, steps: [] } }, 'commission.tiers.steps'],
    [{ ...flat, tiers: { ...tiers, steps: [step(5), step(5)] } }, 'commission.tiers.steps[1].from_count'],
    [{ ...flat, tiers: { ...tiers, steps: [step(5), step(6, usd('1.5'))] } }, 'commission.tiers.steps[1]'],
    [
      { ...flat, tiers: { ...tiers, steps: [{ from_count: 5, percent: '5' }] } },
      'commission.tiers.steps[0].percent',
    ],
    [
      { ...flat, tiers: { ...tiers, steps: [{ ...step(5), from_amount: usd('5') }] } },
      'commission.tiers.steps[0].from_amount',
    ],
    [{ ...flat, tiers: { ...tiers, by: 'revenue' } }, 'commission.tiers.steps[0].from_count'],
    [
      { ...flat, tiers: { ...tiers, by: 'revenue', steps: [{ rate: usd('2') }] } },
      'commission.tiers.steps[0].from_amount',
    ],
    [{ ...flat, rules: [rule, rule] }, 'commission.rules[1].name'],
    [{ ...flat, rules: [{ ...rule, model: 'BARTER' }] }, 'commission.rules[0].model'],
    [{ ...flat, rules: [{ ...rule, name: ' ' }] }, 'commission.rules[0].name'],
    [{ ...flat, rules: [{ ...rule, percent: '5' }] }, 'commission.rules[0].percent'],
    [{ ...flat, rules: [{ ...rule, partner_ids: [] }] }, 'commission.rules[0].partner_ids'],
    [{ ...flat, rules: [{ ...rule, minimum_value: usd('-1') }] }, 'commission.rules[0].minimum_value.amount'],
    [
      { ...flat, rules: [{ ...rule, properties: ['a', 'a'].map((name) => ({ name, values: ['1'] })) }] },
      'commission.rules[0].properties[1].name',
    ],
    [
      { ...flat, rules: Array.from({ length: 51 }, (_, i) => ({ ...rule, name: `r${i}` })) },
      'commission.rules',
    ],
    [
      {
        ...flat,
        rules: [{ ...rule, goals: Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(120, 'x')) }],
      },
      'commission',
    ],
  ])('is refused: %j', async (commission, field) => {
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, commission });
    expect(status).toBe(400);
    expect(body.violations).toContainEqual({ field, description: expect.any(String) });
  });

  test('is refused over gRPC in the spelling of messages', async () => {
    const commission = Commission.fromPartial({
      model: CommissionModel.CPM,
      rate: { currencyCode: 'USD', units: 1n },
      cap: { amount: { currencyCode: 'USD', units: 0n }, period: 1 },
    });
    const request = { campaignId: 'odd', campaign: summer({ commission }), requestId: '' };
    const failure = await failureOf(client.call('createCampaign', request));
    expect(failure.code).toBe(Code.INVALID_ARGUMENT);
    expect(JSON.stringify(detailsOf(failure))).toContain('"campaign.commission.cap.amount"');
  });

  test('needs the currency of its amounts to be known', async () => {
    const { budget: _, cost: __, ...draft } = SUMMER;
    const commission = { model: 'PERCENTAGE', percent: '5', cap: { amount: usd('5'), period: 'day' } };
    const { body } = await rest('POST /v1/campaigns', { ...draft, commission });
    expect(body.violations).toEqual([
      { field: 'commission.cap.amount.currency', description: expect.stringContaining('not set') },
    ]);
    const rules = [{ name: 'a', model: 'FLAT', rate: usd('1') }];
    expect(
      await rest('POST /v1/campaigns', { ...draft, commission: { ...commission, rules } }),
    ).toMatchObject({
      status: 201,
    });
  });

  test('is as large as its bound says, and no larger', async () => {
    const named = (length: number) =>
      Array.from({ length }, (_, i) => `partner-${String(i).padStart(5, '0')}`.padEnd(28, 'x'));
    const plan = (length: number) => ({ ...flat, rules: [{ ...rule, partner_ids: named(length) }] });
    expect(JSON.stringify(named(1_000)).length).toBeLessThan(limits.commissionPlanBytes);
    const { status } = await rest('POST /v1/campaigns', { ...SUMMER, commission: plan(1_000) });
    expect(status).toBe(201);
  });
});
