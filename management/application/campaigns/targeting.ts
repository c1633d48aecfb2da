/** From a targeting as clients send it to one that campaigns keep. */
import { limits } from '../../../limits.ts';
import type { FieldViolation } from '../../../model/errors.ts';
import {
  type AgeRange,
  BID_STRATEGIES,
  type BidStrategy,
  COMPANY_SIZES,
  CONNECTION_TYPES,
  CRITERION_NAMES,
  type Criterion,
  DEVICE_TYPES,
  type Exclusion,
  FIXED_VALUES,
  FREQUENCY_PERIODS,
  type FrequencyCap,
  GENDERS,
  INCOME_RANGES,
  type LookalikeAudience,
  PLATFORMS,
  type Targeting,
} from '../../../model/targeting.ts';
import { targetingJson } from '../../../model/targeting-json.ts';
import { moneyOf } from '../money.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import type { TargetingDraft } from './targeting-draft.ts';
import { contradictionsOf, missingOf } from './targeting-faults.ts';

const LOCATION = /^([A-Za-z]{2}(?:-[A-Za-z0-9]{1,3})?)$|^([A-Za-z]{2}-[A-Za-z0-9]{1,3})\/([^/]+)$/;

/** What a draft stands for, and all that is wrong with it: with faults, it stands for nothing. */
export interface ReadTargeting {
  readonly targeting: Targeting;
  readonly faults: readonly FieldViolation[];
}

/** Reads a draft. Words and free text are taken in any case; fields of the faults as in the draft. */
export function readTargeting(draft: TargetingDraft): ReadTargeting {
  const violations = new Violations();
  const targeting = partsOf(draft, violations);
  if (violations.found.length > 0) return { targeting, faults: violations.found };
  const bytes = Buffer.byteLength(JSON.stringify(targetingJson(targeting)));
  const tooLarge = {
    field: 'exclusions',
    description: `and the lists together must fit ${limits.targetingBytes} bytes as JSON; they have ${bytes}`,
  };
  return {
    targeting,
    faults: [...contradictionsOf(targeting), ...(bytes > limits.targetingBytes ? [tooLarge] : [])],
  };
}

/** The targeting of a campaign, which must be complete. @param currency the campaign's, if it has one */
export function campaignTargeting(
  draft: TargetingDraft,
  currency: string | undefined,
  violations: Violations,
): Targeting {
  const { targeting, faults } = readTargeting(draft);
  for (const { field, description } of faults.length > 0 ? faults : missingOf(targeting))
    violations.add(`targeting.${field}`, description);
  const bidCurrency = targeting.bidStrategy?.cap?.currency;
  if (bidCurrency !== undefined && bidCurrency !== currency)
    violations.add(
      'targeting.bid_strategy.cap.currency',
      `must be the budget's currency, ${currency ?? 'which is not set'}`,
    );
  return targeting;
}

function partsOf(draft: TargetingDraft, violations: Violations): Targeting {
  const words = <W extends string>(
    known: readonly W[],
    texts: readonly string[] | undefined,
    field: string,
  ) => {
    const read = (texts ?? []).map((text, i) => wordOf(known, text, `${field}[${i}]`, violations));
    return someOf(known.filter((word) => read.includes(word)));
  };
  const texts = (criterion: Criterion, listed: readonly string[] | undefined, field: string) => {
    const read = (listed ?? []).map((text, i) => keptValue(criterion, text, `${field}[${i}]`, violations));
    return someOf([...new Set(read.filter((value) => value !== undefined))].sort());
  };
  return withoutAbsent<Targeting>({
    age: draft.age && ageOf(draft.age),
    genders: words(GENDERS, draft.genders, 'genders'),
    locations: texts('location', draft.locations, 'locations'),
    languages: texts('language', draft.languages, 'languages'),
    interests: texts('interest', draft.interests, 'interests'),
    behaviors: texts('behavior', draft.behaviors, 'behaviors'),
    customAudiences: texts('audience', draft.custom_audiences, 'custom_audiences'),
    lookalikeAudiences: someOf(lookalikesOf(draft, violations)),
    jobTitles: texts('job_title', draft.job_titles, 'job_titles'),
    industries: texts('industry', draft.industries, 'industries'),
    companySizes: words(COMPANY_SIZES, draft.company_sizes, 'company_sizes'),
    incomeRanges: words(INCOME_RANGES, draft.income_ranges, 'income_ranges'),
    deviceTypes: words(DEVICE_TYPES, draft.device_types, 'device_types'),
    platforms: words(PLATFORMS, draft.platforms, 'platforms'),
    connectionTypes: words(CONNECTION_TYPES, draft.connection_types, 'connection_types'),
    exclusions: someOf(exclusionsOf(draft, violations)),
    frequencyCap: frequencyCapOf(draft, violations),
    bidStrategy: bidStrategyOf(draft, violations),
  });
}

type Undefinable<T> = { readonly [K in keyof T]: T[K] | undefined };

function withoutAbsent<T>(parts: Undefinable<T>): T {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as T;
}

function someOf<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length > 0 ? values : undefined;
}

function ageOf({ from, to }: NonNullable<TargetingDraft['age']>): AgeRange {
  return { from, to };
}

/** A value of a criterion as campaigns keep it; a violation if it can be none. */
function keptValue(
  criterion: Criterion,
  text: string,
  field: string,
  violations: Violations,
): string | undefined {
  const fixed = FIXED_VALUES[criterion];
  if (fixed) return wordOf(fixed, text, field, violations);
  const trimmed = plainText(text, field, violations).trim().normalize();
  if (criterion === 'location') {
    const [, area, subdivision = '', city = ''] = LOCATION.exec(trimmed) ?? [];
    if (area !== undefined) return area.toUpperCase();
    if (city.trim() === '')
      return violations.add(
        field,
        'must be a country, a subdivision or a city, such as CO, CO-ANT, CO-ANT/Medellín',
      );
    return `${subdivision.toUpperCase()}/${city.trim().toLowerCase()}`;
  }
  // Identifiers are their owner's: their case may matter.
  if (criterion === 'audience') return trimmed;
  const lower = trimmed.toLowerCase();
  if (criterion === 'language' && !/^[a-z]{2,3}$/.test(lower))
    return violations.add(field, 'must be a language subtag of two or three letters, such as es');
  return lower;
}

function lookalikesOf({ lookalike_audiences: listed = [] }: TargetingDraft, violations: Violations) {
  return listed.map(({ audience_id: id, percent }, i): LookalikeAudience => {
    const field = `lookalike_audiences[${i}].audience_id`;
    return { audienceId: plainText(id, field, violations).trim(), percent };
  });
}

function exclusionsOf({ exclusions = [] }: TargetingDraft, violations: Violations): Exclusion[] {
  return exclusions.flatMap(({ criterion: name, value: text }, i) => {
    const criterion = wordOf(CRITERION_NAMES, name, `exclusions[${i}].criterion`, violations);
    const value = criterion && keptValue(criterion, text, `exclusions[${i}].value`, violations);
    return criterion && value !== undefined ? [{ criterion, value }] : [];
  });
}

function frequencyCapOf(
  { frequency_cap: cap }: TargetingDraft,
  violations: Violations,
): FrequencyCap | undefined {
  if (cap === undefined) return undefined;
  const period = wordOf(FREQUENCY_PERIODS, cap.period, 'frequency_cap.period', violations);
  return period && { impressions: cap.impressions, period };
}

function bidStrategyOf(
  { bid_strategy: bids }: TargetingDraft,
  violations: Violations,
): BidStrategy | undefined {
  if (bids === undefined) return undefined;
  const kind = wordOf(BID_STRATEGIES, bids.kind, 'bid_strategy.kind', violations);
  const cap = bids.cap && moneyOf(bids.cap, 'bid_strategy.cap', violations);
  if (kind === undefined) return undefined;
  const needs = (part: 'cap' | 'roas', isNeeded: boolean): void => {
    if (isNeeded && bids[part] === undefined)
      violations.add(`bid_strategy.${part}`, `is required for ${kind}`);
    if (!isNeeded && bids[part] !== undefined)
      violations.add(`bid_strategy.${part}`, `must be absent for ${kind}`);
  };
  needs('cap', kind === 'cost_cap' || kind === 'bid_cap');
  needs('roas', kind === 'target_roas');
  return { kind, ...(cap && { cap }), ...(bids.roas !== undefined && { roas: bids.roas }) };
}
