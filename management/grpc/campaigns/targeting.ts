/** Targeting as the messages of `turnpike.v1` have it: from requests to drafts, and from the model to answers. */
import type { Targeting } from '../../../model/targeting.ts';
import {
  BidStrategyKind,
  CompanySize,
  ConnectionType,
  DeviceType,
  FrequencyPeriod,
  Gender,
  IncomeRange,
  Platform,
  type Targeting as ProtoTargeting,
  TargetingCriterion,
} from '../../../proto/generated/turnpike/v1/targeting.ts';
import { TargetingDraft } from '../../application/campaigns/targeting-draft.ts';
import { decimalOf, protoMoney } from '../money.ts';
import { wordOf } from '../words.ts';

/** The parts that a message sets, in the spelling of drafts. They are yet to be checked. */
export function targetingFields(message: ProtoTargeting): Record<string, unknown> {
  const { bidStrategy, frequencyCap } = message;
  return present({
    age: message.age,
    genders: wordsOf(Gender, message.genders),
    locations: message.locations,
    languages: message.languages,
    interests: message.interests,
    behaviors: message.behaviors,
    custom_audiences: message.customAudiences,
    lookalike_audiences: message.lookalikeAudiences.map(({ audienceId, percent }) => ({
      audience_id: audienceId,
      percent,
    })),
    job_titles: message.jobTitles,
    industries: message.industries,
    company_sizes: wordsOf(CompanySize, message.companySizes),
    income_ranges: wordsOf(IncomeRange, message.incomeRanges),
    device_types: wordsOf(DeviceType, message.deviceTypes),
    platforms: wordsOf(Platform, message.platforms),
    connection_types: wordsOf(ConnectionType, message.connectionTypes),
    exclusions: message.exclusions.map(({ criterion, value }) => ({
      criterion: wordOf(TargetingCriterion, criterion) ?? '',
      value,
    })),
    frequency_cap: frequencyCap && {
      impressions: frequencyCap.impressions,
      period: wordOf(FrequencyPeriod, frequencyCap.period) ?? '',
    },
    bid_strategy:
      bidStrategy &&
      present({
        kind: wordOf(BidStrategyKind, bidStrategy.kind) ?? '',
        cap: bidStrategy.cap && {
          amount: decimalOf(bidStrategy.cap),
          currency: bidStrategy.cap.currencyCode,
        },
        roas: bidStrategy.roas || undefined,
      }),
  });
}

/** Fields as a merge patch: bids are one thing, of which nothing that was before is left. */
export function targetingPatch(fields: unknown): Record<string, unknown> {
  const { bid_strategy: bids, ...others } = fields as Record<string, unknown>;
  return {
    ...others,
    ...(bids !== undefined && { bid_strategy: { cap: null, roas: null, ...(bids as object) } }),
  };
}

/** A merge patch that takes away what it does not set. */
export function wholeTargetingPatch(patch: unknown): Record<string, unknown> {
  return { ...NOTHING, ...(patch as object) };
}

const NOTHING: Readonly<Record<string, null>> = Object.fromEntries(
  Object.keys(TargetingDraft.properties).map((part) => [part, null]),
);

function wordsOf(names: Parameters<typeof wordOf>[0], values: readonly number[]): string[] {
  return values.map((value) => wordOf(names, value) ?? '');
}

/** The fields that say something: proto3 knows no difference between an empty list and none. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

export function protoTargeting(targeting: Targeting): ProtoTargeting {
  const { age, lookalikeAudiences = [], exclusions = [], frequencyCap, bidStrategy } = targeting;
  return {
    age: age && { from: age.from, to: age.to },
    genders: (targeting.genders ?? []).map((word) => Gender[named(word)]),
    locations: [...(targeting.locations ?? [])],
    languages: [...(targeting.languages ?? [])],
    interests: [...(targeting.interests ?? [])],
    behaviors: [...(targeting.behaviors ?? [])],
    customAudiences: [...(targeting.customAudiences ?? [])],
    lookalikeAudiences: lookalikeAudiences.map(({ audienceId, percent }) => ({ audienceId, percent })),
    jobTitles: [...(targeting.jobTitles ?? [])],
    industries: [...(targeting.industries ?? [])],
    companySizes: (targeting.companySizes ?? []).map((word) => CompanySize[named(word)]),
    incomeRanges: (targeting.incomeRanges ?? []).map((word) => IncomeRange[named(word)]),
    deviceTypes: (targeting.deviceTypes ?? []).map((word) => DeviceType[named(word)]),
    platforms: (targeting.platforms ?? []).map((word) => Platform[named(word)]),
    connectionTypes: (targeting.connectionTypes ?? []).map((word) => ConnectionType[named(word)]),
    exclusions: exclusions.map(({ criterion, value }) => ({
      criterion: TargetingCriterion[named(criterion)],
      value,
    })),
    frequencyCap: frequencyCap && {
      impressions: frequencyCap.impressions,
      period: FrequencyPeriod[named(frequencyCap.period)],
    },
    bidStrategy: bidStrategy && {
      kind: BidStrategyKind[named(bidStrategy.kind)],
      cap: bidStrategy.cap && protoMoney(bidStrategy.cap.micros, bidStrategy.cap.currency),
      roas: bidStrategy.roas ?? 0,
    },
  };
}

/** The name of a word's value in its enum. */
function named<W extends string>(word: W): Uppercase<W> {
  return word.toUpperCase() as Uppercase<W>;
}
