/**
 * Whom a campaign is for. It describes the audience for planning and for those who buy the traffic; no event is
 * accepted or rejected by it.
 *
 * Each part admits those who match any of its values; a part that is absent admits everybody; and who is to be
 * reached is admitted by every part, and excluded by none.
 */
import type { Money } from './money.ts';

/** Ages that can be targeted, in years: those below are not advertised to. */
export const AGE = Object.freeze({ from: 13, to: 100 });

export const GENDERS = ['female', 'male', 'other'] as const;
export type Gender = (typeof GENDERS)[number];

/** Persons employed, by the classes of the OECD and Eurostat: below 10, 50, 250, and from there on. */
export const COMPANY_SIZES = ['micro', 'small', 'medium', 'large'] as const;
export type CompanySize = (typeof COMPANY_SIZES)[number];

/** Fifths of a country's households by income. */
export const INCOME_RANGES = ['lowest', 'lower_middle', 'middle', 'upper_middle', 'highest'] as const;
export type IncomeRange = (typeof INCOME_RANGES)[number];

export const DEVICE_TYPES = ['mobile', 'desktop', 'tablet', 'tv'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

export const PLATFORMS = ['android', 'ios', 'windows', 'macos', 'linux'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const CONNECTION_TYPES = ['wifi', 'cellular', 'wired'] as const;
export type ConnectionType = (typeof CONNECTION_TYPES)[number];

/** The devices that a platform runs on. */
export const DEVICES_OF: Readonly<Record<Platform, readonly DeviceType[]>> = {
  android: ['mobile', 'tablet', 'tv'],
  ios: ['mobile', 'tablet'],
  windows: ['desktop', 'tablet'],
  macos: ['desktop'],
  linux: ['desktop'],
};

export const FREQUENCY_PERIODS = ['hour', 'day', 'week', 'month'] as const;
export type FrequencyPeriod = (typeof FREQUENCY_PERIODS)[number];

/** What bids aim at: as many results as there are, or as many as cost, bid or return allow. */
export const BID_STRATEGIES = ['lowest_cost', 'cost_cap', 'bid_cap', 'target_roas'] as const;
export type BidStrategyKind = (typeof BID_STRATEGIES)[number];

/** Parts that list values, by what one of their values is called. */
export const CRITERIA = {
  gender: 'genders',
  location: 'locations',
  language: 'languages',
  interest: 'interests',
  behavior: 'behaviors',
  audience: 'customAudiences',
  job_title: 'jobTitles',
  industry: 'industries',
  company_size: 'companySizes',
  income_range: 'incomeRanges',
  device_type: 'deviceTypes',
  platform: 'platforms',
  connection_type: 'connectionTypes',
} as const satisfies Record<string, keyof Targeting>;
export type Criterion = keyof typeof CRITERIA;
export const CRITERION_NAMES = Object.keys(CRITERIA) as readonly Criterion[];

/** Criteria of which a person has one value only. */
export const EXCLUSIVE: readonly Criterion[] = ['gender', 'company_size', 'income_range'];

/** The values of criteria that have a fixed set of them. */
export const FIXED_VALUES: Readonly<Partial<Record<Criterion, readonly string[]>>> = {
  gender: GENDERS,
  company_size: COMPANY_SIZES,
  income_range: INCOME_RANGES,
  device_type: DEVICE_TYPES,
  platform: PLATFORMS,
  connection_type: CONNECTION_TYPES,
};

/** Ages in whole years, both included, within `AGE`. */
export interface AgeRange {
  readonly from: number;
  readonly to: number;
}

/** People who are like those of an audience. */
export interface LookalikeAudience {
  readonly audienceId: string;
  /** How many of the people there are, in whole percent from 1 to 10: the most alike first. */
  readonly percent: number;
}

export interface Exclusion {
  readonly criterion: Criterion;
  readonly value: string;
}

/** How often one person is to see the campaign at most. */
export interface FrequencyCap {
  readonly impressions: number;
  readonly period: FrequencyPeriod;
}

export interface BidStrategy {
  readonly kind: BidStrategyKind;
  /** Of `cost_cap` and `bid_cap`: the most that a result, or a bid, is to cost. */
  readonly cap?: Money;
  /** Of `target_roas`: revenue per spend. */
  readonly roas?: number;
}

/** Lists hold each value once, in order, and are never empty: one that would be is absent. */
export interface Targeting {
  readonly age?: AgeRange;
  readonly genders?: readonly Gender[];
  /** Countries (ISO 3166-1), subdivisions (ISO 3166-2) and cities in these: `CO`, `CO-ANT`, `CO-ANT/medellín`. */
  readonly locations?: readonly string[];
  /** Primary language subtags (BCP 47): `es`. */
  readonly languages?: readonly string[];
  readonly interests?: readonly string[];
  readonly behaviors?: readonly string[];
  /** Identifiers of audiences that the brand keeps. */
  readonly customAudiences?: readonly string[];
  /** With `customAudiences` one part: whoever is in one of either is admitted. */
  readonly lookalikeAudiences?: readonly LookalikeAudience[];
  readonly jobTitles?: readonly string[];
  readonly industries?: readonly string[];
  readonly companySizes?: readonly CompanySize[];
  readonly incomeRanges?: readonly IncomeRange[];
  readonly deviceTypes?: readonly DeviceType[];
  readonly platforms?: readonly Platform[];
  readonly connectionTypes?: readonly ConnectionType[];
  readonly exclusions?: readonly Exclusion[];
  readonly frequencyCap?: FrequencyCap;
  readonly bidStrategy?: BidStrategy;
}

/** The values that a part lists; none: it admits everybody. */
export function valuesOf(targeting: Targeting, criterion: Criterion): readonly string[] {
  return targeting[CRITERIA[criterion]] ?? [];
}

/** Whether all of `inner` lies in `outer`: a place lies in itself, a city in its subdivision, that in its country. */
export function isWithin(inner: string, outer: string): boolean {
  if (inner === outer) return true;
  const isCountry = !outer.includes('-');
  return inner.startsWith(isCountry ? `${outer}-` : `${outer}/`);
}
