import { status as Code, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  AudienceServiceClient,
  type ReachEstimate,
  type TargetingOverlap,
  type TargetingSubject,
  type ValidateTargetingResponse,
} from '../../proto/generated/turnpike/v1/audience_service.ts';
import {
  BidStrategyKind,
  FrequencyPeriod,
  Gender,
  Platform,
  Targeting,
  TargetingCriterion,
} from '../../proto/generated/turnpike/v1/targeting.ts';
import { detailsOf, failureOf, GrpcClient, summer } from './grpc-client.ts';
import { ManagementSystem } from './management-system.ts';

let system: ManagementSystem;
let campaigns: GrpcClient;
let audiences: AudienceServiceClient;
beforeEach(async () => {
  system = await ManagementSystem.start();
  campaigns = new GrpcClient(system.grpc);
  audiences = new AudienceServiceClient(system.grpc, credentials.createInsecure());
});
afterEach(async () => {
  campaigns?.[Symbol.dispose]();
  audiences?.close();
  await system?.[Symbol.asyncDispose]();
});

function promise<A>(run: (done: (error: ServiceError | null, answer: A) => void) => unknown): Promise<A> {
  return new Promise((resolve, reject) => {
    run((error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const targetingOf = (parts: Parameters<typeof Targeting.fromPartial>[0] = {}): Targeting =>
  Targeting.fromPartial({ locations: ['CO'], interests: ['sports'], ...parts });
const create = (campaignId: string, targeting?: Targeting) =>
  campaigns.call('createCampaign', { campaignId, campaign: summer({ targeting }), requestId: '' });
const of = (targeting: Targeting) => ({ $case: 'targeting', value: targeting }) as const;
const ofCampaign = (campaignId: string) => ({ $case: 'campaignId', value: campaignId }) as const;
const reach = (subject: TargetingSubject['subject']): Promise<ReachEstimate> =>
  promise((done) => audiences.estimateReach({ subject }, done));
const compare = (
  first: TargetingSubject['subject'],
  second: TargetingSubject['subject'],
): Promise<TargetingOverlap> =>
  promise((done) =>
    audiences.compareTargeting({ first: { subject: first }, second: { subject: second } }, done),
  );
const validate = (targeting: Targeting | undefined): Promise<ValidateTargetingResponse> =>
  promise((done) => audiences.validateTargeting({ targeting }, done));

describe('the targeting of a campaign', () => {
  const whole = targetingOf({
    age: { from: 18, to: 45 },
    genders: [Gender.FEMALE],
    lookalikeAudiences: [{ audienceId: 'Newsletter', percent: 2 }],
    platforms: [Platform.ANDROID, Platform.IOS],
    exclusions: [{ criterion: TargetingCriterion.LOCATION, value: 'CO-DC' }],
    frequencyCap: { impressions: 3, period: FrequencyPeriod.WEEK },
    bidStrategy: {
      kind: BidStrategyKind.COST_CAP,
      cap: { currencyCode: 'USD', units: 2n, nanos: 500_000_000 },
    },
  });

  test('is kept as it was sent', async () => {
    expect((await create('summer', whole)).targeting).toEqual(whole);
    expect((await campaigns.call('getCampaign', { campaignId: 'summer' })).targeting).toEqual(whole);
  });

  test('is changed as a whole, part by part, or not at all', async () => {
    await create('summer', whole);
    const update = (targeting: Targeting | undefined, updateMask: string[]) =>
      campaigns.call('updateCampaign', {
        campaign: summer({ id: 'summer', targeting }),
        updateMask,
        requestId: '',
        etag: '',
      });
    const part = await update(targetingOf({ genders: [Gender.MALE] }), [
      'targeting.genders',
      'targeting.age',
    ]);
    expect(part.targeting).toEqual({ ...whole, genders: [Gender.MALE], age: undefined });
    const bidStrategy = { kind: BidStrategyKind.LOWEST_COST, cap: undefined, roas: 0 };
    const bids = await update(targetingOf({ bidStrategy }), ['targeting.bid_strategy']);
    expect(bids.targeting).toEqual({ ...part.targeting, bidStrategy });
    expect((await update(targetingOf(), ['targeting'])).targeting).toEqual(targetingOf());
    expect((await update(undefined, ['name'])).targeting).toEqual(targetingOf());
    expect((await update(undefined, ['targeting'])).targeting).toBeUndefined();
  });

  test('is refused with the fields at fault', async () => {
    const wrong = targetingOf({
      age: { from: 40, to: 30 },
      bidStrategy: { kind: BidStrategyKind.BID_CAP, cap: { currencyCode: 'EUR', units: 1n } },
    });
    const failure = await failureOf(create('summer', wrong));
    expect(failure.code).toBe(Code.INVALID_ARGUMENT);
    expect(detailsOf(failure).BadRequest).toMatchObject({
      fieldViolations: [
        { field: 'campaign.targeting.age.to' },
        { field: 'campaign.targeting.bid_strategy.cap.currency_code' },
      ],
    });
  });
});

describe('ValidateTargeting', () => {
  test('finds nothing wrong with one that a campaign can have', async () => {
    expect(await validate(targetingOf())).toEqual({ valid: true, violations: [] });
  });

  test('tells what is wrong, as an answer', async () => {
    const { valid, violations } = await validate(
      targetingOf({
        genders: [Gender.UNSPECIFIED],
        bidStrategy: { kind: BidStrategyKind.BID_CAP, cap: { currencyCode: 'USD', units: -1n } },
      }),
    );
    expect(valid).toBe(false);
    expect(violations.map(({ field }) => field)).toEqual([
      'targeting.genders[0]',
      'targeting.bid_strategy.cap',
    ]);
    expect((await validate(Targeting.fromPartial({}))).violations.map(({ field }) => field)).toEqual([
      'targeting.locations',
      'targeting.interests',
    ]);
    expect((await validate(undefined)).violations).toEqual([
      { field: 'targeting', description: 'is required' },
    ]);
  });
});

describe('EstimateReach', () => {
  test('estimates that of a targeting, and that of a campaign alike', async () => {
    await create('summer', targetingOf());
    const estimate = await reach(of(targetingOf()));
    expect(estimate.estimated).toBe(BigInt(Math.floor(5.5e9 * 0.0075 * 0.35)));
    expect(estimate.breakdown.map(({ factor }) => factor)).toContain('geography');
    expect(estimate.breakdown.at(-1)?.remaining).toBe(estimate.estimated);
    expect(await reach(ofCampaign('summer'))).toEqual(estimate);
  });

  test('takes a targeting that is not complete yet', async () => {
    const { estimated, basePopulation } = await reach(of(Targeting.fromPartial({})));
    expect(estimated).toBe(basePopulation);
  });

  test('says what is missing', async () => {
    await create('summer');
    expect((await failureOf(reach(undefined))).details).toContain('targeting is required');
    expect(await failureOf(reach(ofCampaign('no/id')))).toMatchObject({ code: Code.INVALID_ARGUMENT });
    expect(await failureOf(reach(ofCampaign('winter')))).toMatchObject({ code: Code.NOT_FOUND });
    expect(await failureOf(reach(ofCampaign('summer')))).toMatchObject({
      code: Code.NOT_FOUND,
      details: 'campaign summer has no targeting',
    });
  });
});

describe('CompareTargeting', () => {
  test('compares targetings and campaigns with each other', async () => {
    await create('summer', targetingOf());
    const music = targetingOf({ interests: ['music'] });
    expect((await compare(of(targetingOf()), ofCampaign('summer'))).overlap).toBe(1);
    const { overlap, ...parts } = await compare(ofCampaign('summer'), of(music));
    expect(overlap).toBeCloseTo(0.7, 12);
    expect(parts).toEqual({ demographics: 1, geography: 1, interests: 0, professional: 1 });
  });

  test('names the one that is at fault', async () => {
    const wrong = of(targetingOf({ languages: ['español'] }));
    const failure = await failureOf(compare(of(targetingOf()), wrong));
    expect(detailsOf(failure).BadRequest).toMatchObject({
      fieldViolations: [{ field: 'second.targeting.languages[0]' }],
    });
    expect((await failureOf(compare(undefined, wrong))).details).toContain('first.targeting is required');
  });
});
