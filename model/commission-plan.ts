/**
 * Commission plans: what the partners of a campaign earn, by what, how much at most, and how long it is held. A plan
 * has a rate for everybody and rules for some events; the first rule that an event fits pays for it. It is a part of
 * the terms: an event is judged by the plan that was in force when it happened. docs/commissions.md has examples.
 */
import type { CapPeriod } from './campaign.ts';
import { type Commission, type CommissionModel, isShare } from './terms.ts';

/**
 * How a higher rate holds, once a partner has brought so much: `MARGINAL` for what comes after that, `RETROACTIVE`
 * for all of the period, so that what is due for the earlier part is earned at once.
 */
export const TIER_MODES = ['MARGINAL', 'RETROACTIVE'] as const;
export type TierMode = (typeof TIER_MODES)[number];

/** What tiers count: what the partner has brought by the rule in the present period. */
export const TIER_MEASURES = ['conversions', 'revenue', 'clicks', 'impressions'] as const;
export type TierMeasure = (typeof TIER_MEASURES)[number];

/** By which measures the rate of each model may rise: those that only events that it pays for add to. */
export const MEASURES_OF: Readonly<Record<CommissionModel, readonly TierMeasure[]>> = {
  FLAT: ['conversions', 'revenue'],
  PERCENTAGE: ['conversions', 'revenue'],
  CPC: ['clicks'],
  CPM: ['impressions'],
};

/** Another rate, from some measure on. */
export interface Tier {
  /** Events, or micros of revenue; above 0. */
  readonly from: number;
  /** As the rule's model has it: micros, or millionths of the value. */
  readonly rate: number;
}

export interface Tiers {
  readonly mode: TierMode;
  readonly by: TierMeasure;
  /** Days and months of the campaign's time zone, by record time. */
  readonly period: CapPeriod;
  /** In ascending order of `from`; before the first of them the rule's own rate holds. */
  readonly steps: readonly Tier[];
}

/** The most that one partner earns by a rule in a period; what is beyond it is cut, and the event counts. */
export interface CommissionCap {
  readonly micros: number;
  readonly period: CapPeriod;
}

/** What is earned besides the rate itself. */
interface Earned {
  readonly tiers?: Tiers;
  readonly cap?: CommissionCap;
  /** From when it is earned until it may be paid, in milliseconds; absent in a rule: that of the plan. */
  readonly holdMs?: number;
}

/** A property of events, and the values of it that a rule is for. */
export interface PropertyCondition {
  readonly name: string;
  /** As text: numbers and booleans as JSON writes them. */
  readonly values: readonly string[];
}

/** Which events a rule is for: those that fit each part that is there. */
export interface RuleConditions {
  readonly partnerIds?: readonly string[];
  readonly goals?: readonly string[];
  readonly contentIds?: readonly string[];
  readonly properties?: readonly PropertyCondition[];
  /** The least that a conversion must be worth, in micros. */
  readonly minimumMicros?: number;
}

/** What an event that fits earns instead of the base rate; events that its model does not pay for never fit. */
export type CommissionRule = Commission & Earned & RuleConditions & { readonly name: string };

/** What is earned by a rule, or by the base rate. */
export type EarningRate = Commission & Earned;

/** A plan. Its own model, rate, tiers and cap are the base; without a model only rules pay. */
export type CommissionPlan = (Commission | { readonly model?: undefined }) &
  Earned & {
    /** In the order in which they are asked, each name once. */
    readonly rules?: readonly CommissionRule[];
    /** For how long a commission is held at least if its event has a mark of fraud; see `flaggedHoldOf`. */
    readonly flaggedHoldMs?: number;
    /** Whether a refund gives what the conversion had cost back to the budget. */
    readonly refundsBudget?: boolean;
  };

/** What holds unless a plan says otherwise: a month's traffic is looked at after the month. */
const USUAL_FLAGGED_HOLD_MS = 30 * 86_400_000;

/** The name under which the base counts what partners bring; no rule has it. */
export const BASE_RULE = '';

/** The base of a plan, if it has one. */
export function baseOf(plan: CommissionPlan): EarningRate | undefined {
  return plan.model === undefined ? undefined : plan;
}

/** How long what is earned by a rate of the plan is held, in milliseconds. */
export function holdOf(plan: CommissionPlan, rate: EarningRate): number {
  return rate.holdMs ?? plan.holdMs ?? 0;
}

/** For how long a commission by a marked event is held at least, in milliseconds. */
export function flaggedHoldOf({ flaggedHoldMs = USUAL_FLAGGED_HOLD_MS }: CommissionPlan): number {
  return flaggedHoldMs;
}

/** The rate of an earning as a number: micros, or millionths of the value. */
export function rateOf(rate: Commission): number {
  return isShare(rate) ? rate.sharePpm : rate.rate.micros;
}

/** The currency of a plan, unless it has no amounts but those of tiers, caps and conditions. */
export function currencyOfPlan(plan: CommissionPlan | undefined): string | undefined {
  if (!plan) return undefined;
  const rated = [baseOf(plan), ...(plan.rules ?? [])].find((rate) => rate && !isShare(rate));
  return rated && !isShare(rated) ? rated.rate.currency : undefined;
}

/** The lowest rate that somebody may earn by: below a tier or beyond it. */
export function lowestRateOf(rate: EarningRate): number {
  let lowest = rateOf(rate);
  for (const step of rate.tiers?.steps ?? []) lowest = Math.min(lowest, step.rate);
  return lowest;
}

/**
 * The least that another click may earn somebody, in micros: before it comes nobody knows who brings it, and which
 * rule it fits.
 */
export function leastClickMicros(plan: CommissionPlan): number {
  let least = plan.model === 'CPC' ? leastOfRate(plan) : 0;
  for (const rule of plan.rules ?? []) if (rule.model === 'CPC') least = Math.min(least, leastOfRate(rule));
  return least;
}

/** A cap may leave nothing. */
function leastOfRate(rate: EarningRate): number {
  return rate.cap ? 0 : lowestRateOf(rate);
}
