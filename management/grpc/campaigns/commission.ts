/** Commission plans as the messages of `turnpike.v1` have them: from requests to drafts, and from the model to answers. */
import type { CapPeriod as PeriodWord } from '../../../model/campaign.ts';
import {
  baseOf,
  type CommissionCap as Cap,
  type CommissionPlan,
  type EarningRate,
  type TierMeasure as MeasureWord,
  type CommissionRule as Rule,
  type Tiers,
} from '../../../model/commission-plan.ts';
import { isShare, type Commission as Price, priceJson } from '../../../model/terms.ts';
import { CapPeriod } from '../../../proto/generated/turnpike/v1/budget.ts';
import {
  type Commission,
  type CommissionCap,
  CommissionModel,
  type CommissionRule,
  type CommissionTiers,
  TierMeasure,
  TierMode,
} from '../../../proto/generated/turnpike/v1/commission_plan.ts';
import type { Money } from '../../../proto/generated/turnpike/v1/money.ts';
import { CommissionDraft } from '../../application/campaigns/commission-draft.ts';
import { atRate } from '../../application/campaigns/commission-json.ts';
import { decimalOf, protoMoney } from '../money.ts';
import { wordOf } from '../words.ts';

const DAY_MS = 86_400_000;

const PERIODS: Readonly<Record<PeriodWord, CapPeriod>> = {
  day: CapPeriod.DAY,
  month: CapPeriod.MONTH,
  total: CapPeriod.TOTAL,
};

const MEASURES: Readonly<Record<MeasureWord, TierMeasure>> = {
  conversions: TierMeasure.CONVERSIONS,
  revenue: TierMeasure.REVENUE,
  clicks: TierMeasure.CLICKS,
  impressions: TierMeasure.IMPRESSIONS,
};

/** What a message sets, in the spelling of drafts. It is yet to be checked. */
export function commissionFields(message: Commission): Record<string, unknown> {
  return present({
    ...rateFields(message),
    flagged_hold_days: message.flaggedHoldDays,
    refunds_budget: message.refundsBudget || undefined,
    rules: message.rules.length > 0 ? message.rules.map(ruleFields) : undefined,
  });
}

/** A merge patch that takes away what it does not set. */
export function wholeCommissionPatch(patch: unknown): Record<string, unknown> {
  return { ...NOTHING, ...(patch as object) };
}

const NOTHING: Readonly<Record<string, null>> = Object.fromEntries(
  Object.keys(CommissionDraft.properties).map((part) => [part, null]),
);

function ruleFields(rule: CommissionRule): Record<string, unknown> {
  return present({
    name: rule.name,
    partner_ids: listed(rule.partnerIds),
    goals: listed(rule.goals),
    content_ids: listed(rule.contentIds),
    properties: listed(rule.properties),
    minimum_value: moneyFields(rule.minimumValue),
    ...rateFields(rule),
    model: wordOf(CommissionModel, rule.model) ?? '',
  });
}

function rateFields(
  message: Pick<Commission, 'model' | 'rate' | 'percent' | 'tiers' | 'cap' | 'holdDays'>,
): Record<string, unknown> {
  const { tiers, cap } = message;
  return {
    model: wordOf(CommissionModel, message.model),
    rate: moneyFields(message.rate),
    percent: message.percent || undefined,
    tiers: tiers && tiersFields(tiers),
    cap: cap && present({ amount: moneyFields(cap.amount), period: wordOf(CapPeriod, cap.period) ?? '' }),
    hold_days: message.holdDays,
  };
}

function tiersFields({ mode, by, period, steps }: CommissionTiers): Record<string, unknown> {
  return {
    mode: wordOf(TierMode, mode) ?? '',
    by: wordOf(TierMeasure, by) ?? '',
    period: wordOf(CapPeriod, period) ?? '',
    steps: steps.map(({ fromCount, fromAmount, rate, percent }) =>
      present({
        from_count: Number(fromCount) || undefined,
        from_amount: moneyFields(fromAmount),
        rate: moneyFields(rate),
        percent: percent || undefined,
      }),
    ),
  };
}

function moneyFields(money: Money | undefined): { amount: string; currency: string } | undefined {
  return money && { amount: decimalOf(money), currency: money.currencyCode };
}

function listed<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length > 0 ? values : undefined;
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** @param currency the campaign's */
export function protoCommission(plan: CommissionPlan, currency: string): Commission {
  const base = baseOf(plan);
  return {
    ...(base ? protoRate(base, currency) : NO_RATE),
    holdDays: daysOf(plan.holdMs),
    flaggedHoldDays: daysOf(plan.flaggedHoldMs),
    refundsBudget: plan.refundsBudget ?? false,
    rules: (plan.rules ?? []).map((rule) => protoRule(rule, currency)),
  };
}

const NO_RATE = {
  model: CommissionModel.UNSPECIFIED,
  rate: undefined,
  percent: '',
  tiers: undefined,
  cap: undefined,
};

function protoRule(rule: Rule, currency: string): CommissionRule {
  const { minimumMicros } = rule;
  return {
    name: rule.name,
    partnerIds: [...(rule.partnerIds ?? [])],
    goals: [...(rule.goals ?? [])],
    contentIds: [...(rule.contentIds ?? [])],
    properties: (rule.properties ?? []).map(({ name, values }) => ({ name, values: [...values] })),
    minimumValue: minimumMicros === undefined ? undefined : protoMoney(minimumMicros, currency),
    ...protoRate(rule, currency),
    holdDays: daysOf(rule.holdMs),
  };
}

function protoRate(rate: EarningRate, currency: string) {
  return {
    model: CommissionModel[rate.model],
    ...protoPrice(rate),
    tiers: rate.tiers && protoTiers(rate.tiers, rate, currency),
    cap: rate.cap && protoCap(rate.cap, currency),
  };
}

function protoTiers(
  { mode, by, period, steps }: Tiers,
  rate: EarningRate,
  currency: string,
): CommissionTiers {
  return {
    mode: TierMode[mode],
    by: MEASURES[by],
    period: PERIODS[period],
    steps: steps.map(({ from, rate: value }) => ({
      fromCount: by === 'revenue' ? 0n : BigInt(from),
      fromAmount: by === 'revenue' ? protoMoney(from, currency) : undefined,
      ...protoPrice(atRate(rate, value)),
    })),
  };
}

function protoPrice(price: Price): { rate: Money | undefined; percent: string } {
  const { percent = '' } = priceJson(price);
  return { rate: isShare(price) ? undefined : protoMoney(price.rate.micros, price.rate.currency), percent };
}

function protoCap({ micros, period }: Cap, currency: string): CommissionCap {
  return { amount: protoMoney(micros, currency), period: PERIODS[period] };
}

function daysOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / DAY_MS;
}
