import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);

describe('the budget of a campaign', () => {
  const { total } = SUMMER.budget;

  test('has thresholds, an end, and days of its time zone', async () => {
    const budget = { total, thresholds: [100, 80, 80], when_exhausted: 'PAUSE' };
    const draft = { ...SUMMER, budget, time_zone: 'america/bogota' };
    const { body } = await rest('POST /v1/campaigns', draft);
    expect(body).toMatchObject({
      budget: { total, thresholds: [80, 100], when_exhausted: 'pause' },
      time_zone: 'America/Bogota',
    });
    const { body: changed } = await rest('PATCH /v1/campaigns/summer', {
      budget: { thresholds: null },
      time_zone: 'UTC',
    });
    expect(changed.budget).toEqual({ total, when_exhausted: 'pause' });
    expect(changed).not.toHaveProperty('time_zone');
  });

  test.each([
    [{ budget: { total, thresholds: [0] } }, 'budget.thresholds[0]'],
    [{ budget: { total, thresholds: [50.5] } }, 'budget.thresholds[0]'],
    [{ budget: { total, when_exhausted: 'explode' } }, 'budget.when_exhausted'],
    [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
  ])('is refused where it makes no sense: %j', async (fields, field) => {
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, ...fields });
    expect(status).toBe(400);
    expect(body.violations).toContainEqual({ field, description: expect.any(String) });
  });
});

describe('the attribution of a campaign', () => {
  const attribution = {
    model: 'time_decay',
    half_life_seconds: 86_400,
    view_window_seconds: 0,
    minimum_seconds_to_convert: 10,
  };

  test('is kept, and can be changed member by member while the campaign runs', async () => {
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, attribution });
    expect(body.attribution).toEqual({ ...attribution, model: 'TIME_DECAY' });
    await rest('POST /v1/campaigns/summer:activate');
    const change = { attribution: { model: 'LINEAR', view_window_seconds: null } };
    const { body: changed } = await rest('PATCH /v1/campaigns/summer', change);
    expect(changed.attribution).toEqual({ ...attribution, model: 'LINEAR', view_window_seconds: 86_400 });
  });

  test.each([
    [{ attribution: { model: 'GUESS' } }, 'attribution.model'],
    [{ attribution: { half_life_seconds: 0 } }, 'attribution.half_life_seconds'],
    [{ attribution: { view_window_seconds: 2_592_001 } }, 'attribution.view_window_seconds'],
    [
      { attribution: { minimum_seconds_to_convert: 60 }, click_window_seconds: 60 },
      'attribution.minimum_seconds_to_convert',
    ],
  ])('is refused where it makes no sense: %j', async (fields, field) => {
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, ...fields });
    expect(status).toBe(400);
    expect(body.violations).toContainEqual({ field, description: expect.any(String) });
  });
});

describe('the terms of a campaign', () => {
  const usd = (amount: string) => ({ amount, currency: 'USD' });

  test.each([
    [
      { cost: { model: 'revenue_share', percent: 12.5 } },
      { cost: { model: 'REVENUE_SHARE', percent: '12.5' } },
    ],
    [{ cost: { model: 'FIXED', rate: usd('500') } }, { cost: { model: 'FIXED', rate: usd('500.00') } }],
    [
      { commission: { model: 'percentage', percent: '33.3333' } },
      { commission: { model: 'PERCENTAGE', percent: '33.3333' } },
    ],
    [{ commission: { model: 'flat', rate: usd('1') } }, { commission: { model: 'FLAT', rate: usd('1.00') } }],
  ])('are kept, and can be changed: %j', async (terms, kept) => {
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, ...terms });
    expect(body).toMatchObject(kept);
    const { body: renamed } = await rest('PATCH /v1/campaigns/summer', { name: 'Winter sale' });
    expect(renamed).toMatchObject({ ...kept, name: 'Winter sale' });
  });

  test.each([
    [{ cost: { model: 'REVENUE_SHARE', rate: usd('1') } }, 'cost.rate'],
    [{ cost: { model: 'REVENUE_SHARE' } }, 'cost.percent'],
    [{ cost: { model: 'CPC', percent: '5' } }, 'cost.percent'],
    [{ cost: { model: 'FIXED' } }, 'cost.rate'],
    [{ commission: { model: 'PERCENTAGE', percent: '100.1' } }, 'commission.percent'],
    [{ commission: { model: 'PERCENTAGE', percent: '1.00001' } }, 'commission.percent'],
    [{ commission: { model: 'PERCENTAGE', percent: '0' } }, 'commission.percent'],
    [{ commission: { model: 'CPM', rate: usd('0.0001') } }, 'commission.rate.amount'],
    [{ commission: { model: 'FLAT', rate: { amount: '1', currency: 'EUR' } } }, 'commission.rate.currency'],
    [{ commission: { model: 'BARTER' } }, 'commission.model'],
  ])('are refused where they make no sense: %j', async (fields, field) => {
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, ...fields });
    expect(status).toBe(400);
    expect(body.violations).toContainEqual({ field, description: expect.any(String) });
  });
});

describe('what the launch of a campaign needs', () => {
  test('can be more, or less, than it usually is', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, launch_needs: ['targets', 'targeting', 'cost'] });
    const { status, body } = await rest('POST /v1/campaigns/summer:activate');
    expect(status).toBe(409);
    expect(body.violations.map(({ field }: { field: string }) => field)).toEqual(['targeting', 'targets']);
    const { body: changed } = await rest('PATCH /v1/campaigns/summer', { launch_needs: [] });
    expect(changed.launch_needs).toEqual([]);
    expect(await rest('POST /v1/campaigns/summer:activate')).toMatchObject({ status: 200 });
  });

  test('is dates that have not passed, unless it does without', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, ends_at: '2020-01-01T00:00:00Z' });
    const { body } = await rest('POST /v1/campaigns/summer:activate');
    expect(body.violations).toEqual([{ field: 'ends_at', description: expect.stringContaining('later') }]);
  });
});

describe('the events that a campaign publishes', () => {
  test('are kept, each once, and can be taken away', async () => {
    const published = { published_events: ['Conversion', 'impression', 'conversion'] };
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, ...published });
    expect(body.published_events).toEqual(['impression', 'conversion']);
    const { body: changed } = await rest('PATCH /v1/campaigns/summer', { published_events: null });
    expect(changed).not.toHaveProperty('published_events');
  });

  test('are refused where there is no such type', async () => {
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, published_events: ['sale'] });
    expect(body.violations).toEqual([{ field: 'published_events[0]', description: expect.any(String) }]);
  });
});

describe('the caps of a campaign', () => {
  const CAPS = [
    { metric: 'clicks', period: 'day', limit: 500 },
    { metric: 'spend', period: 'month', amount: { amount: '250.00', currency: 'USD' } },
    { metric: 'commission', period: 'total', amount: { amount: '50.00', currency: 'USD' } },
  ];

  test('are kept, and can be changed', async () => {
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, caps: CAPS });
    expect(body.caps).toEqual(CAPS);
    const { body: changed } = await rest('PATCH /v1/campaigns/summer', { caps: null });
    expect(changed).not.toHaveProperty('caps');
  });

  test.each([
    [[{ metric: 'fame', period: 'day', limit: 1 }], 'caps[0].metric'],
    [[{ metric: 'clicks', period: 'year', limit: 1 }], 'caps[0].period'],
    [[{ metric: 'clicks', period: 'day' }], 'caps[0].limit'],
    [[{ metric: 'clicks', period: 'day', limit: 0 }], 'caps[0].limit'],
    [[{ metric: 'spend', period: 'day', limit: 5 }], 'caps[0].amount'],
    [
      [{ metric: 'spend', period: 'day', amount: { amount: '5', currency: 'EUR' } }],
      'caps[0].amount.currency',
    ],
    [[CAPS[0], CAPS[0]], 'caps[1]'],
  ])('are refused where they make no sense: %j', async (caps, field) => {
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, caps });
    expect(status).toBe(400);
    expect(body.violations).toContainEqual({ field, description: expect.any(String) });
  });
});

describe('the targets of a campaign', () => {
  const TARGETS = [
    { metric: 'clicks', value: 1_000 },
    { metric: 'cpa', value: 12.5 },
  ];

  test('are kept, whatever their case and order, and can be changed', async () => {
    const sent = [{ metric: 'CPA', value: '12.50' }, TARGETS[0]];
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, targets: sent });
    expect(body.targets).toEqual(TARGETS);
    const changed = await rest('PATCH /v1/campaigns/summer', { targets: [{ metric: 'roas', value: 3 }] });
    expect(changed.body.targets).toEqual([{ metric: 'roas', value: 3 }]);
  });

  test.each([
    [[{ metric: 'fame', value: 1 }], 'targets[0].metric'],
    [[{ metric: 'clicks', value: 0 }], 'targets[0].value'],
    [[{ metric: 'clicks', value: 'many' }], 'targets[0].value'],
    [[TARGETS[0], TARGETS[0]], 'targets[1].metric'],
    [[{ metric: 'clicks' }], 'targets[0].value'],
  ])('are refused where they make no sense: %j', async (targets, field) => {
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, targets });
    expect(status).toBe(400);
    expect(body.violations).toContainEqual({ field, description: expect.any(String) });
  });

  test.each([
    ['CONVERSION', 'clicks', 'conversions or cpa'],
    ['TRAFFIC', 'revenue', 'clicks or ctr'],
  ])('of a campaign for %s must fit it', async (objective, metric, needed) => {
    const draft = { ...SUMMER, objective, targets: [{ metric, value: 1 }] };
    const { body } = await rest('POST /v1/campaigns', draft);
    expect(body.violations).toEqual([
      { field: 'targets', description: `must have one for ${needed}, as the objective is ${objective}` },
    ]);
  });

  test('give the figures a score, which the final figures keep', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, targets: TARGETS });
    await rest('POST /v1/campaigns/summer:activate');
    expect((await rest('GET /v1/campaigns/summer/metrics')).body.success_score).toBe(0);
    const { body } = await rest('POST /v1/campaigns/summer:complete');
    expect(body.final).toMatchObject({
      completed_at: body.updated_at,
      received: 0,
      spend: { amount: '0.00', currency: 'USD' },
      roi: null,
      success_score: 0,
    });
    expect((await rest('GET /v1/campaigns/summer')).body.final).toEqual(body.final);
  });

  test('are not needed', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    const { body } = await rest('GET /v1/campaigns/summer/metrics');
    expect(body).not.toHaveProperty('success_score');
  });
});
