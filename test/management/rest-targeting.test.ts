import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown): Promise<Answer> => send(system.http, target, body);
const TARGETING = { age: { from: 18, to: 30 }, locations: ['CO'], interests: ['music', 'sports'] };
const create = (targeting: unknown) => rest('POST /v1/campaigns', { ...SUMMER, targeting });

describe('the targeting of a campaign', () => {
  test('is kept as a whole, in one spelling', async () => {
    const whole = {
      age: { from: 18, to: 45 },
      genders: ['female', 'other'],
      locations: ['CO-ANT/medellín', 'MX'],
      languages: ['es'],
      interests: ['fashion'],
      behaviors: ['online_shopper'],
      custom_audiences: ['Newsletter'],
      lookalike_audiences: [{ audience_id: 'Newsletter', percent: 2 }],
      job_titles: ['buyer'],
      industries: ['retail'],
      company_sizes: ['micro', 'small'],
      income_ranges: ['middle'],
      device_types: ['mobile'],
      platforms: ['android', 'ios'],
      connection_types: ['wifi'],
      exclusions: [{ criterion: 'interest', value: 'gambling' }],
      frequency_cap: { impressions: 3, period: 'day' },
      bid_strategy: { kind: 'bid_cap', cap: { amount: '0.40', currency: 'USD' } },
    };
    const { status, body } = await create({
      ...whole,
      locations: ['mx', 'co-ant/Medellín'],
      genders: ['OTHER', 'Female'],
    });
    expect(status).toBe(201);
    expect(body.targeting).toEqual(whole);
    expect((await rest('GET /v1/campaigns/summer')).body.targeting).toEqual(whole);
  });

  test('is changed part by part, and taken away, before the launch', async () => {
    await create(TARGETING);
    const patch = (targeting: unknown) => rest('PATCH /v1/campaigns/summer', { targeting });
    const changed = await patch({ age: { from: 21 }, interests: null, behaviors: ['online_shopper'] });
    expect(changed.body.targeting).toEqual({
      age: { from: 21, to: 30 },
      locations: ['CO'],
      behaviors: ['online_shopper'],
    });
    expect((await patch(null)).body).not.toHaveProperty('targeting');
  });

  test('cannot be changed after it', async () => {
    await create(TARGETING);
    await rest('POST /v1/campaigns/summer:activate');
    const { status, body } = await rest('PATCH /v1/campaigns/summer', {
      targeting: { interests: ['chess'] },
    });
    expect(status).toBe(409);
    expect(body.violations).toEqual([
      { field: 'targeting', description: 'cannot be changed after the launch' },
    ]);
  });

  test.each([
    [{ ...TARGETING, age: { from: 5, to: 30 } }, 'targeting.age.from'],
    [{ ...TARGETING, age: { from: 31, to: 30 } }, 'targeting.age.to'],
    [{ interests: ['music'] }, 'targeting.locations'],
    [{ locations: ['CO'] }, 'targeting.interests'],
    [
      { ...TARGETING, exclusions: [{ criterion: 'interest', value: 'music' }] },
      'targeting.exclusions[0].value',
    ],
    [
      { ...TARGETING, bid_strategy: { kind: 'bid_cap', cap: { amount: 1, currency: 'EUR' } } },
      'targeting.bid_strategy.cap.currency',
    ],
  ])('is refused where it makes no sense: %j', async (targeting, field) => {
    const { status, body } = await create(targeting);
    expect(status).toBe(400);
    expect(body.violations).toEqual([{ field, description: expect.any(String) }]);
  });
});

describe('POST /v1/targeting:validate', () => {
  const validate = async (body: unknown) => (await rest('POST /v1/targeting:validate', body)).body;

  test('finds nothing wrong with one that a campaign can have', async () => {
    expect(await validate({ targeting: TARGETING })).toEqual({ valid: true, violations: [] });
  });

  test.each([
    [{ targeting: { ...TARGETING, age: { from: 'ten', to: 20 } } }, ['targeting.age.from']],
    [{ targeting: { ...TARGETING, genders: ['martian'] } }, ['targeting.genders[0]']],
    [{ targeting: {} }, ['targeting.locations', 'targeting.interests']],
    [{ targeting: [] }, ['targeting']],
    [{}, ['targeting']],
    ['[]', ['targeting']],
  ])('tells what is wrong with %j, as an answer', async (body, fields) => {
    const { valid, violations } = await validate(body);
    expect(valid).toBe(false);
    expect(violations.map(({ field }: { field: string }) => field)).toEqual(fields);
  });
});

describe('the reach of a targeting', () => {
  test('is estimated, whether it is sent or a campaign has it', async () => {
    const { status, body } = await rest('POST /v1/targeting:estimate-reach', { targeting: TARGETING });
    expect(status).toBe(200);
    expect(body.minimum).toBe(Math.floor(body.minimum));
    expect(body.minimum).toBeLessThan(body.estimated);
    expect(body.breakdown.map(({ factor }: { factor: string }) => factor)).toEqual([
      'demographics',
      'geography',
      'interests',
      'professional',
      'devices',
      'exclusions',
    ]);
    await create(TARGETING);
    expect((await rest('GET /v1/campaigns/summer/targeting/reach')).body).toEqual(body);
  });

  test('is not that of a campaign that has none, or that there is not', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    const { status, body } = await rest('GET /v1/campaigns/summer/targeting/reach');
    expect([status, body.detail]).toEqual([404, 'campaign summer has no targeting']);
    expect((await rest('GET /v1/campaigns/winter/targeting/reach')).status).toBe(404);
  });

  test('is not estimated of what contradicts itself', async () => {
    const { status, body } = await rest('POST /v1/targeting:estimate-reach', {
      targeting: { age: { from: 40, to: 30 } },
    });
    expect(status).toBe(400);
    expect(body.violations).toMatchObject([{ field: 'targeting.age.to' }]);
  });
});

describe('POST /v1/targeting:compare', () => {
  const compare = (first: unknown, second: unknown) => rest('POST /v1/targeting:compare', { first, second });

  test('compares targetings and campaigns with each other', async () => {
    await create(TARGETING);
    const { body } = await compare(
      { campaign_id: 'summer' },
      { targeting: { ...TARGETING, interests: ['music'] } },
    );
    expect(body.parts).toEqual({ demographics: 1, geography: 1, interests: 0.5, professional: 1 });
    expect(body.overlap).toBeCloseTo(0.85, 12);
    expect((await compare({ campaign_id: 'summer' }, { targeting: TARGETING })).body.overlap).toBe(1);
  });

  test.each([
    [{ targeting: { genders: ['martian'] } }, 'second.targeting.genders[0]'],
    [{ targeting: { genders: 'female' } }, 'second.targeting.genders'],
    [{ campaign_id: 'summer', targeting: {} }, 'second.targeting'],
    [{}, 'second.targeting'],
  ])('names what is wrong with %j', async (second, field) => {
    const { status, body } = await compare({ targeting: TARGETING }, second);
    expect(status).toBe(400);
    expect(body.violations).toEqual([{ field, description: expect.any(String) }]);
  });
});
