/** A commission plan as drafts and REST have it. */
import {
  baseOf,
  type CommissionCap,
  type CommissionPlan,
  type CommissionRule,
  type EarningRate,
  type Tiers,
} from '../../../model/commission-plan.ts';
import { moneyJson } from '../../../model/money.ts';
import { type Commission, isShare, priceJson } from '../../../model/terms.ts';

const DAY_MS = 86_400_000;

/**
 * The draft that a plan could have been made of.
 *
 * @param currency the campaign's
 */
export function commissionJson(plan: CommissionPlan, currency: string) {
  const base = baseOf(plan);
  const { flaggedHoldMs } = plan;
  return {
    ...(base && rateJson(base, currency)),
    ...holdJson(plan),
    ...(flaggedHoldMs !== undefined && { flagged_hold_days: flaggedHoldMs / DAY_MS }),
    ...(plan.refundsBudget && { refunds_budget: true }),
    ...(plan.rules && { rules: plan.rules.map((rule) => ruleJson(rule, currency)) }),
  };
}

function ruleJson(rule: CommissionRule, currency: string) {
  const { partnerIds, goals, contentIds, properties, minimumMicros } = rule;
  return {
    name: rule.name,
    ...(partnerIds && { partner_ids: [...partnerIds] }),
    ...(goals && { goals: [...goals] }),
    ...(contentIds && { content_ids: [...contentIds] }),
    ...(properties && { properties: properties.map(({ name, values }) => ({ name, values: [...values] })) }),
    ...(minimumMicros !== undefined && { minimum_value: moneyJson(minimumMicros, currency) }),
    ...rateJson(rule, currency),
    ...holdJson(rule),
  };
}

function rateJson(rate: EarningRate, currency: string) {
  return {
    ...priceJson(rate),
    ...(rate.tiers && { tiers: tiersJson(rate.tiers, rate, currency) }),
    ...(rate.cap && { cap: capJson(rate.cap, currency) }),
  };
}

function tiersJson({ mode, by, period, steps }: Tiers, rate: EarningRate, currency: string) {
  return {
    mode,
    by,
    period,
    steps: steps.map(({ from, rate: value }) => {
      const { model: _, ...earned } = priceJson(atRate(rate, value));
      return {
        ...(by === 'revenue' ? { from_amount: moneyJson(from, currency) } : { from_count: from }),
        ...earned,
      };
    }),
  };
}

/** The price of a tier: as its rate's, but for the number. */
export function atRate(rate: EarningRate, value: number): Commission {
  if (isShare(rate)) return { model: rate.model, sharePpm: value };
  return { model: rate.model, rate: { micros: value, currency: rate.rate.currency } };
}

function capJson({ micros, period }: CommissionCap, currency: string) {
  return { amount: moneyJson(micros, currency), period };
}

function holdJson({ holdMs }: { readonly holdMs?: number }): { hold_days?: number } {
  return holdMs === undefined ? {} : { hold_days: holdMs / DAY_MS };
}
