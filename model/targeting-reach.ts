/** How many people a targeting may reach, by the assumptions of `audience-shares.ts`. */
import { ageShare, audienceShare, BASE_POPULATION, shareOf, sharesOf } from './audience-shares.ts';
import { type Criterion, type Targeting, valuesOf } from './targeting.ts';

/** What narrows the audience, in the order in which it is applied. */
export const REACH_FACTORS = [
  'demographics',
  'geography',
  'interests',
  'professional',
  'devices',
  'exclusions',
] as const;
export type ReachFactor = (typeof REACH_FACTORS)[number];

export interface ReachStep {
  readonly factor: ReachFactor;
  /** What share of those before it it leaves, from 0 to 1. */
  readonly share: number;
  /** People left after it. */
  readonly remaining: number;
}

/** People, in whole numbers. */
export interface ReachEstimate {
  readonly basePopulation: number;
  readonly estimated: number;
  /** 80 % and 120 % of what is estimated; at most all people there are. */
  readonly minimum: number;
  readonly maximum: number;
  /** One step for each of `REACH_FACTORS`, in order. */
  readonly breakdown: readonly ReachStep[];
}

/** How far the true number may lie from the estimate, either way. */
const BAND = 0.2;

/**
 * Estimates the reach: `population × Π share`, the parts taken as independent of each other, give or take 20 %. The
 * form of the estimate, multipliers of a base reach and a band of 0.8 to 1.2, is that of the document of campaign
 * management (`TargetingConfiguration.estimate_reach`); the multipliers are those of `audience-shares.ts`.
 *
 * An exclusion takes away its share of all people, that of a place its share of the places that are targeted.
 *
 * Monotone: a targeting that admits fewer people never reaches more, as no factor grows when a part lists fewer
 * values, when a part or an exclusion is added, or when a place gives way to a part of it.
 */
export function estimateReach(targeting: Targeting): ReachEstimate {
  let remaining = BASE_POPULATION;
  const breakdown = REACH_FACTORS.map((factor): ReachStep => {
    const share = SHARE_OF[factor](targeting);
    remaining *= share;
    return { factor, share, remaining: Math.floor(remaining) };
  });
  return {
    basePopulation: BASE_POPULATION,
    estimated: Math.floor(remaining),
    minimum: Math.floor(remaining * (1 - BAND)),
    maximum: Math.min(BASE_POPULATION, Math.floor(remaining * (1 + BAND))),
    breakdown,
  };
}

const SHARE_OF: Readonly<Record<ReachFactor, (targeting: Targeting) => number>> = {
  demographics: (targeting) =>
    (targeting.age ? ageShare(targeting.age) : 1) * product(targeting, ['gender', 'language']),
  geography: (targeting) => product(targeting, ['location']),
  interests: (targeting) =>
    product(targeting, ['interest', 'behavior']) *
    audienceShare(targeting.customAudiences ?? [], targeting.lookalikeAudiences ?? []),
  professional: (targeting) => product(targeting, ['job_title', 'industry', 'company_size', 'income_range']),
  devices: (targeting) => product(targeting, ['device_type', 'platform', 'connection_type']),
  exclusions: ({ exclusions = [], ...targeting }) =>
    exclusions.reduce(
      (left, { criterion, value }) => left * (1 - excludedShare(targeting, criterion, value)),
      1,
    ),
};

function product(targeting: Targeting, criteria: readonly Criterion[]): number {
  return criteria.reduce(
    (share, criterion) => share * sharesOf(criterion, valuesOf(targeting, criterion)),
    1,
  );
}

/** A place is part of the places that are targeted; other values are independent of what is. */
function excludedShare(targeting: Targeting, criterion: Criterion, value: string): number {
  const share = shareOf(criterion, value);
  if (criterion !== 'location') return share;
  return Math.min(1, share / sharesOf(criterion, valuesOf(targeting, criterion)));
}
