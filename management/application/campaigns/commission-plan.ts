/** From the commission plan that a client sent to that of a campaign: the rules that a schema cannot say. */
import { limits } from '../../../limits.ts';
import { CAP_PERIODS } from '../../../model/campaign.ts';
import type {
  CommissionCap,
  CommissionPlan,
  CommissionRule,
  EarningRate,
  RuleConditions,
} from '../../../model/commission-plan.ts';
import { isCurrency } from '../../../model/money.ts';
import { COMMISSION_MODELS, type Commission } from '../../../model/terms.ts';
import { plainText } from '../text.ts';
import type { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import type { CapDraft, CommissionDraft, RuleDraft } from './commission-draft.ts';
import { tiersOf } from './commission-tiers.ts';
import { amountOf, type PlanContext } from './plan-amounts.ts';
import { priceOf } from './prices.ts';

const DAY_MS = 86_400_000;

/** @param currency the campaign's, if it has one */
export function commissionOf(
  draft: CommissionDraft,
  currency: string | undefined,
  violations: Violations,
): CommissionPlan | undefined {
  const { model, rules = [], flagged_hold_days: flaggedDays } = draft;
  const context = { currency: currency ?? currencyOfRates(draft), violations };
  if (model === undefined) refuseWithoutModel(draft, violations);
  const base = model === undefined ? {} : rateOf({ ...draft, model }, 'commission', false, context);
  const read = rules.map((rule, i) => ruleOf(rule, `commission.rules[${i}]`, context));
  refuseRepeated(rules, violations);
  if (!base || read.includes(undefined)) return undefined;
  const plan: CommissionPlan = {
    ...base,
    ...holdOf(draft),
    ...(flaggedDays !== undefined && { flaggedHoldMs: flaggedDays * DAY_MS }),
    ...(draft.refunds_budget && { refundsBudget: true }),
    ...(rules.length > 0 && { rules: read as CommissionRule[] }),
  };
  if (Buffer.byteLength(JSON.stringify(plan)) > limits.commissionPlanBytes)
    return violations.add('commission', `must have at most ${limits.commissionPlanBytes} bytes as a whole`);
  return plan;
}

/** The currency of the first rate that has one. */
function currencyOfRates({ rate, rules = [] }: CommissionDraft): string | undefined {
  const first = rate ?? rules.find((rule) => rule.rate)?.rate;
  const currency = first?.currency.toUpperCase();
  return currency !== undefined && isCurrency(currency) ? currency : undefined;
}

function refuseWithoutModel(draft: CommissionDraft, violations: Violations): void {
  if (!draft.rules?.length) violations.add('commission.model', 'is required where there are no rules');
  for (const part of ['rate', 'percent', 'tiers', 'cap'] as const)
    if (draft[part] !== undefined) violations.add(`commission.${part}`, 'must be absent without a model');
}

function refuseRepeated(rules: readonly RuleDraft[], violations: Violations): void {
  const names = rules.map(({ name }) => name);
  for (const [i, name] of names.entries())
    if (names.indexOf(name) < i) violations.add(`commission.rules[${i}].name`, `must not be ${name} again`);
}

function ruleOf(draft: RuleDraft, field: string, context: PlanContext): CommissionRule | undefined {
  const name = plainText(draft.name, `${field}.name`, context.violations);
  const conditions = conditionsOf(draft, field, context);
  const rate = rateOf(draft, field, true, context);
  return rate && { name, ...conditions, ...rate, ...holdOf(draft) };
}

/** A rate with its tiers and its cap. */
function rateOf(
  draft: Pick<CommissionDraft, 'rate' | 'percent' | 'tiers' | 'cap'> & { readonly model: string },
  field: string,
  mayBeZero: boolean,
  context: PlanContext,
): EarningRate | undefined {
  const { violations } = context;
  const model = wordOf(COMMISSION_MODELS, draft.model, `${field}.model`, violations);
  const price = priceOf(model, draft, field, context.currency, violations, mayBeZero) as
    | Commission
    | undefined;
  const tiers = draft.tiers && price && tiersOf(draft.tiers, price, `${field}.tiers`, context);
  const cap = draft.cap && capOf(draft.cap, `${field}.cap`, context);
  return price && { ...price, ...(tiers && { tiers }), ...(cap && { cap }) };
}

function capOf(
  { amount, period: word }: CapDraft,
  field: string,
  context: PlanContext,
): CommissionCap | undefined {
  const period = wordOf(CAP_PERIODS, word, `${field}.period`, context.violations);
  const micros = amountOf(amount, `${field}.amount`, context);
  return period && micros !== undefined ? { micros, period } : undefined;
}

function conditionsOf(draft: RuleDraft, field: string, context: PlanContext): RuleConditions {
  const { partner_ids: partners, goals, content_ids: contents, properties } = draft;
  const minimumMicros =
    draft.minimum_value && amountOf(draft.minimum_value, `${field}.minimum_value`, context);
  const named = properties?.map(({ name }) => name) ?? [];
  for (const [i, name] of named.entries())
    if (named.indexOf(name) < i)
      context.violations.add(
        `${field}.properties[${i}].name`,
        `must not be ${name} again: list its values once`,
      );
  return {
    ...(partners && { partnerIds: [...new Set(partners)] }),
    ...(goals && { goals: [...new Set(goals)] }),
    ...(contents && { contentIds: [...new Set(contents)] }),
    ...(properties?.length && {
      properties: properties.map(({ name, values }) => ({ name, values: [...new Set(values)] })),
    }),
    ...(minimumMicros !== undefined && { minimumMicros }),
  };
}

function holdOf({ hold_days: days }: { readonly hold_days?: number }): { holdMs?: number } {
  return days === undefined ? {} : { holdMs: days * DAY_MS };
}
