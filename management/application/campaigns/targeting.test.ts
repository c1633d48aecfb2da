import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../limits.ts';
import { targetingJson } from '../../../model/targeting-json.ts';
import { readTargeting } from './targeting.ts';
import type { TargetingDraft } from './targeting-draft.ts';
import { missingOf } from './targeting-faults.ts';

const faultsOf = (draft: TargetingDraft): string[] =>
  readTargeting(draft).faults.map(({ field, description }) => `${field} ${description}`);

const drafts: fc.Arbitrary<TargetingDraft> = fc.record(
  {
    age: fc.record({ from: fc.integer({ min: 13, max: 50 }), to: fc.integer({ min: 50, max: 100 }) }),
    genders: fc.array(fc.constantFrom('female', 'MALE', 'Other'), { maxLength: 4 }),
    locations: fc.array(fc.constantFrom('co', 'CO-ant', 'CO-ANT/Medellín', 'us-ca/Los Angeles'), {
      maxLength: 4,
    }),
    languages: fc.array(fc.constantFrom('es', 'EN'), { maxLength: 3 }),
    interests: fc.array(fc.constantFrom('Sports', 'sports', ' music '), { maxLength: 3 }),
    custom_audiences: fc.array(fc.constantFrom('A', 'a'), { maxLength: 3 }),
    lookalike_audiences: fc.array(
      fc.record({ audience_id: fc.constant('a'), percent: fc.integer({ min: 1, max: 10 }) }),
      {
        maxLength: 2,
      },
    ),
    platforms: fc.array(fc.constantFrom('android', 'iOS'), { maxLength: 2 }),
    frequency_cap: fc.record({
      impressions: fc.integer({ min: 1, max: 9 }),
      period: fc.constantFrom('day', 'WEEK'),
    }),
    bid_strategy: fc.constantFrom(
      { kind: 'lowest_cost' },
      { kind: 'Bid_Cap', cap: { amount: '1.5', currency: 'usd' } },
      { kind: 'target_roas', roas: 2.5 },
    ),
  },
  { requiredKeys: [] },
);

describe('a targeting as it is sent', () => {
  it('is read the same again after it was shown', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const { targeting, faults } = readTargeting(draft);
        expect(faults).toEqual([]);
        expect(readTargeting(targetingJson(targeting))).toEqual({ targeting, faults: [] });
      }),
    );
  });

  it('does not depend on the order and case of its values, and takes repeats for one', () => {
    const read = (interests: string[], genders: string[]) => readTargeting({ interests, genders }).targeting;
    expect(read(['Music', 'sports', 'SPORTS'], ['male', 'Female'])).toEqual(
      read(['sports', ' music'], ['FEMALE', 'male', 'MALE']),
    );
  });

  it.each<[TargetingDraft, string]>([
    [{ age: { from: 40, to: 30 } }, 'age.to must be at least age.from, 40'],
    [{ genders: ['female', 'martian'] }, 'genders[1] must be one of female, male, other'],
    [{ locations: ['Colombia'] }, 'locations[0] must be a country, a subdivision or a city'],
    [{ locations: ['CO-ANT/ '] }, 'locations[0] must be a country, a subdivision or a city'],
    [{ languages: ['español'] }, 'languages[0] must be a language subtag'],
    [{ interests: [' '] }, 'interests[0] must not be blank'],
    [
      { exclusions: [{ criterion: 'fame', value: 'x' }] },
      'exclusions[0].criterion must be one of gender, location',
    ],
    [
      { frequency_cap: { impressions: 3, period: 'minute' } },
      'frequency_cap.period must be one of hour, day',
    ],
    [{ bid_strategy: { kind: 'bid_cap' } }, 'bid_strategy.cap is required for bid_cap'],
    [{ bid_strategy: { kind: 'lowest_cost', roas: 2 } }, 'bid_strategy.roas must be absent for lowest_cost'],
    [{ bid_strategy: { kind: 'target_roas' } }, 'bid_strategy.roas is required for target_roas'],
    [{ device_types: ['tv'], platforms: ['ios'] }, 'platforms[0] ios needs one of mobile, tablet'],
  ])('is refused where it makes no sense: %j', (draft, fault) => {
    expect(faultsOf(draft)).toEqual([expect.stringContaining(fault)]);
  });

  it.each<[TargetingDraft, string, string, string]>([
    [{ interests: ['sports'] }, 'interest', 'Sports', 'must not be targeted and excluded: sports is both'],
    [{ locations: ['CO-ANT'] }, 'location', 'CO', 'must not be targeted and excluded: CO-ANT is both'],
    [{ locations: ['CO'] }, 'location', 'US', 'excludes nobody: only CO are targeted'],
    [{ genders: ['female'] }, 'gender', 'male', 'excludes nobody: only female are targeted'],
  ])('must not contradict its exclusions: %j without the %s %s', (draft, criterion, value, fault) => {
    expect(faultsOf({ ...draft, exclusions: [{ criterion, value }] })).toEqual([
      `exclusions[0].value ${fault}`,
    ]);
  });

  it('is refused whenever it excludes what it targets, whatever that is', () => {
    const targeted = fc.constantFrom<[keyof TargetingDraft, string, string]>(
      ['genders', 'gender', 'female'],
      ['locations', 'location', 'co-ant/medellín'],
      ['languages', 'language', 'es'],
      ['interests', 'interest', 'music'],
      ['behaviors', 'behavior', 'early_adopter'],
      ['custom_audiences', 'audience', 'Newsletter'],
      ['job_titles', 'job_title', 'buyer'],
      ['industries', 'industry', 'retail'],
      ['company_sizes', 'company_size', 'small'],
      ['income_ranges', 'income_range', 'middle'],
      ['device_types', 'device_type', 'mobile'],
      ['platforms', 'platform', 'android'],
      ['connection_types', 'connection_type', 'wifi'],
    );
    fc.assert(
      fc.property(drafts, targeted, (draft, [list, criterion, value]) => {
        const both = { ...draft, [list]: [value], exclusions: [{ criterion, value }] };
        expect(faultsOf(both)).toContainEqual(
          expect.stringContaining('exclusions[0].value must not be targeted and excluded'),
        );
      }),
    );
  });

  it('may exclude a part of what it targets', () => {
    const exclusions = [
      { criterion: 'location', value: 'CO-DC' },
      { criterion: 'interest', value: 'gambling' },
      { criterion: 'platform', value: 'linux' },
    ];
    expect(faultsOf({ locations: ['CO'], interests: ['sports'], exclusions })).toEqual([]);
  });

  it('must leave somebody, and exclude nothing twice', () => {
    const all = ['female', 'male', 'other', 'other'].map((value) => ({ criterion: 'gender', value }));
    expect(faultsOf({ exclusions: all })).toEqual([
      'exclusions[3].value must not be excluded again',
      'exclusions must leave a gender: each of female, male, other is excluded',
    ]);
  });

  it('is bounded as a whole', () => {
    const long = Array.from({ length: 50 }, (_, i) => `${i}`.padEnd(80, 'x'));
    expect(faultsOf({ interests: long })).toEqual([]);
    expect(faultsOf({ interests: long, behaviors: long, industries: long })).toEqual([
      expect.stringContaining(`must fit ${limits.targetingBytes} bytes`),
    ]);
  });

  it('says what a campaign needs besides', () => {
    expect(missingOf({}).map(({ field }) => field)).toEqual(['locations', 'interests']);
    expect(missingOf({ locations: ['CO'], behaviors: ['online_shopper'] })).toEqual([]);
  });
});
