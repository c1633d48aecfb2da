import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageShare, BASE_POPULATION, sharesOf } from './audience-shares.ts';
import {
  AGE,
  COMPANY_SIZES,
  CRITERIA,
  CRITERION_NAMES,
  DEVICE_TYPES,
  GENDERS,
  INCOME_RANGES,
  isWithin,
  type Targeting,
} from './targeting.ts';
import { compareTargeting, OVERLAP_WEIGHTS } from './targeting-overlap.ts';
import { estimateReach, REACH_FACTORS } from './targeting-reach.ts';

const some = <T>(values: readonly T[]) =>
  fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
const PLACES = [
  'CO',
  'CO-ANT',
  'CO-DC',
  'CO-ANT/medellín',
  'CO-ANT/la-ceja',
  'US',
  'US-CA',
  'XK',
  'DE-BY/münchen',
];
const years = fc
  .tuple(fc.integer({ min: AGE.from, max: AGE.to }), fc.integer({ min: AGE.from, max: AGE.to }))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const exclusions = fc.array(
  fc.record({
    criterion: fc.constantFrom(...CRITERION_NAMES.filter((name) => name !== 'location')),
    value: fc.constantFrom('sports', 'male', 'large', 'tv', 'anything'),
  }),
  { minLength: 1, maxLength: 4 },
);
const places = fc.constantFrom(...PLACES).map((value) => ({ criterion: 'location' as const, value }));

const targetings: fc.Arbitrary<Targeting> = fc
  .record({
    age: fc.option(years, { nil: undefined }),
    genders: some(GENDERS),
    locations: some(PLACES),
    languages: some(['es', 'en', 'xx']),
    interests: some(['sports', 'music', 'chess']),
    behaviors: some(['online_shopper', 'early_adopter']),
    customAudiences: some(['a1', 'a2']),
    lookalikeAudiences: some([
      { audienceId: 'a1', percent: 3 },
      { audienceId: 'a2', percent: 10 },
    ]),
    jobTitles: some(['buyer', 'engineer']),
    industries: some(['retail', 'mining']),
    companySizes: some(COMPANY_SIZES),
    incomeRanges: some(INCOME_RANGES),
    deviceTypes: some(DEVICE_TYPES),
    exclusions: fc.option(fc.oneof(exclusions, fc.array(places, { minLength: 1, maxLength: 3 })), {
      nil: undefined,
    }),
  })
  .map(
    (parts) =>
      Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as Targeting,
  );

const LISTS = [...Object.values(CRITERIA), 'lookalikeAudiences'] as const;

describe('the shares of people', () => {
  it('are 1 for all ages, and for all values that exclude each other', () => {
    expect(ageShare(AGE)).toBeCloseTo(1, 12);
    expect(sharesOf('gender', GENDERS)).toBeCloseTo(1, 12);
    expect(sharesOf('company_size', COMPANY_SIZES)).toBeCloseTo(1, 12);
    expect(sharesOf('income_range', INCOME_RANGES)).toBeCloseTo(1, 12);
  });

  it('of places count each place once, and never more of a place than all of it', () => {
    const country = sharesOf('location', ['CO']);
    expect(sharesOf('location', ['CO', 'CO-ANT', 'CO-ANT/medellín'])).toBe(country);
    const many = Array.from({ length: 40 }, (_, i) => `CO-${i}`);
    expect(sharesOf('location', many)).toBe(country);
    expect(sharesOf('location', ['CO-ANT', 'CO-ANT/medellín'])).toBe(sharesOf('location', ['CO-ANT']));
    expect(sharesOf('location', ['CO', 'US'])).toBeCloseTo(country + sharesOf('location', ['US']), 12);
  });
});

describe('places', () => {
  it.each([
    ['CO-ANT', 'CO', true],
    ['CO-ANT/la-ceja', 'CO', true],
    ['CO-ANT/la-ceja', 'CO-ANT', true],
    ['CO-ANT/la-ceja', 'CO-ANT/la', false],
    ['CO-ANT', 'CO-AN', false],
    ['CO', 'CO-ANT', false],
  ])('%s lies in %s: %s', (inner, outer, within) => {
    expect(isWithin(inner, outer)).toBe(within);
  });
});

describe('the reach of a targeting', () => {
  it('is everybody where nothing is said', () => {
    expect(estimateReach({})).toMatchObject({
      basePopulation: BASE_POPULATION,
      estimated: BASE_POPULATION,
      maximum: BASE_POPULATION,
    });
  });

  it('is the product of its parts, 20 % either way', () => {
    const reach = estimateReach({ genders: ['female'], locations: ['CO'], interests: ['sports'] });
    expect(reach.estimated).toBe(Math.floor(BASE_POPULATION * 0.49 * 0.0075 * 0.35));
    expect(reach.minimum / reach.estimated).toBeCloseTo(0.8, 5);
    expect(reach.maximum / reach.estimated).toBeCloseTo(1.2, 5);
    expect(reach.breakdown.map(({ factor }) => factor)).toEqual([...REACH_FACTORS]);
    expect(reach.breakdown.at(-1)?.remaining).toBe(reach.estimated);
  });

  it('loses of a country what is excluded in it', () => {
    const whole = estimateReach({ locations: ['CO'] }).estimated;
    const without = { locations: ['CO'], exclusions: [{ criterion: 'location' as const, value: 'CO-DC' }] };
    expect(estimateReach(without).estimated / whole).toBeCloseTo(0.9, 5);
  });

  it('is a whole number between its bounds, and each step leaves at most what was there before', () => {
    fc.assert(
      fc.property(targetings, (targeting) => {
        const { basePopulation, estimated, minimum, maximum, breakdown } = estimateReach(targeting);
        expect([minimum, estimated, maximum].every(Number.isSafeInteger)).toBe(true);
        expect(0 <= minimum && minimum <= estimated && estimated <= maximum).toBe(true);
        let before = basePopulation;
        for (const { share, remaining } of breakdown) {
          expect(share >= 0 && share <= 1 && remaining <= before).toBe(true);
          before = remaining;
        }
      }),
    );
  });

  it('never grows when a value is taken from a list that has others', () => {
    fc.assert(
      fc.property(targetings, fc.constantFrom(...LISTS), fc.nat(), (targeting, list, at) => {
        const values = targeting[list] ?? [];
        fc.pre(values.length > 1);
        const narrower = { ...targeting, [list]: values.filter((_, i) => i !== at % values.length) };
        expect(estimateReach(narrower).estimated).toBeLessThanOrEqual(estimateReach(targeting).estimated);
      }),
    );
  });

  it('never grows when a part, an exclusion or a bound of age is added', () => {
    fc.assert(
      fc.property(targetings, targetings, years, (targeting, other, age) => {
        const { exclusions = [] } = targeting;
        // Both kinds of audiences are one part: a value more of it admits more.
        const hasAudiences = 'customAudiences' in targeting || 'lookalikeAudiences' in targeting;
        const added = Object.fromEntries(
          Object.entries(other).filter(
            ([part]) => !(part in targeting || (hasAudiences && part.endsWith('Audiences'))),
          ),
        );
        const { from, to } = targeting.age ?? AGE;
        const narrowed = { from: Math.max(from, age.from), to: Math.min(to, age.to) };
        const narrower: Targeting = {
          ...targeting,
          ...added,
          ...(narrowed.from <= narrowed.to && { age: narrowed }),
          exclusions: [...exclusions, ...(other.exclusions ?? [])],
        };
        expect(estimateReach(narrower).estimated).toBeLessThanOrEqual(estimateReach(targeting).estimated);
      }),
    );
  });

  it('never grows when a place gives way to parts of it', () => {
    fc.assert(
      fc.property(targetings, fc.subarray(PLACES, { minLength: 1 }), (targeting, within) => {
        const locations = targeting.locations ?? PLACES.filter((place) => place.length === 2);
        const parts = within.filter((place) => locations.some((outer) => isWithin(place, outer)));
        fc.pre(parts.length > 0);
        const narrower = estimateReach({ ...targeting, locations: parts });
        expect(narrower.estimated).toBeLessThanOrEqual(estimateReach({ ...targeting, locations }).estimated);
      }),
    );
  });
});

describe('the overlap of two targetings', () => {
  it('weighs its parts as documented', () => {
    const { overlap, parts } = compareTargeting(
      { genders: ['female'], locations: ['CO'], interests: ['sports', 'music'], industries: ['retail'] },
      { genders: ['male'], locations: ['CO'], interests: ['sports'], industries: ['retail'] },
    );
    expect(parts).toEqual({ demographics: 0, geography: 1, interests: 0.5, professional: 1 });
    expect(overlap).toBeCloseTo(0.2 + 0.15 + 0.2, 12);
    expect(Object.values<number>(OVERLAP_WEIGHTS).reduce((a, b) => a + b, 0)).toBe(1);
  });

  it('is what share of a whole its part is, for places and ages', () => {
    expect(compareTargeting({ locations: ['CO-ANT'] }, { locations: ['CO'] }).parts.geography).toBeCloseTo(
      0.1,
      12,
    );
    const [young, all] = [
      { from: 18, to: 24 },
      { from: 18, to: 34 },
    ];
    expect(compareTargeting({ age: young }, { age: all }).parts.demographics).toBeCloseTo(0.17 / 0.41, 12);
    expect(compareTargeting({ age: young }, { age: { from: 25, to: 30 } }).parts.demographics).toBe(0);
  });

  it('is symmetric, from 0 to 1, and 1 for equal ones', () => {
    fc.assert(
      fc.property(targetings, targetings, (a, b) => {
        const { overlap, parts } = compareTargeting(a, b);
        expect(compareTargeting(b, a)).toEqual({ overlap, parts });
        for (const value of [overlap, ...Object.values(parts)]) expect(value >= 0 && value <= 1).toBe(true);
        expect(compareTargeting(a, a).overlap).toBe(1);
      }),
    );
  });
});
