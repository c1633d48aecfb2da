/** The tiers of a rate, as clients write them. */
import { CAP_PERIODS } from '../../../model/campaign.ts';
import {
  MEASURES_OF,
  rateOf,
  TIER_MEASURES,
  TIER_MODES,
  type Tier,
  type TierMeasure,
  type Tiers,
} from '../../../model/commission-plan.ts';
import type { Commission } from '../../../model/terms.ts';
import type { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import type { TiersDraft } from './commission-draft.ts';
import { amountOf, type PlanContext } from './plan-amounts.ts';
import { priceOf } from './prices.ts';

/** @param price the rate that holds before the first tier */
export function tiersOf(
  draft: TiersDraft,
  price: Commission,
  field: string,
  context: PlanContext,
): Tiers | undefined {
  const { violations } = context;
  const mode = wordOf(TIER_MODES, draft.mode, `${field}.mode`, violations);
  const by = measureOf(draft, price, `${field}.by`, violations);
  const period = wordOf(CAP_PERIODS, draft.period, `${field}.period`, violations);
  if (!mode || !by || !period) return undefined;
  const steps: Tier[] = [];
  for (const [i, step] of draft.steps.entries()) {
    const at = `${field}.steps[${i}]`;
    const from = fromOf(step, by, at, context);
    const own = priceOf(price.model, step, at, context.currency, violations, true) as Commission | undefined;
    if (from === undefined || own === undefined) continue;
    const [before, rate] = [steps.at(-1), rateOf(own)];
    if (before && from.value <= before.from)
      violations.add(`${at}.${from.field}`, 'must be more than that of the step before');
    if (mode === 'RETROACTIVE' && rate < (before?.rate ?? rateOf(price)))
      violations.add(
        at,
        'must not earn less than what holds before it, as RETROACTIVE tiers take nothing back',
      );
    steps.push({ from: from.value, rate });
  }
  return steps.length === draft.steps.length ? { mode, by, period, steps } : undefined;
}

function measureOf(
  draft: TiersDraft,
  { model }: Commission,
  field: string,
  violations: Violations,
): TierMeasure | undefined {
  const by = wordOf(TIER_MEASURES, draft.by, field, violations);
  if (by === undefined || MEASURES_OF[model].includes(by)) return by;
  return violations.add(field, `must be ${MEASURES_OF[model].join(' or ')} for ${model}`);
}

/** Where a step begins, and the field that says it. */
function fromOf(
  step: TiersDraft['steps'][number],
  by: TierMeasure,
  at: string,
  context: PlanContext,
): { readonly value: number; readonly field: string } | undefined {
  const [needed, other] =
    by === 'revenue' ? (['from_amount', 'from_count'] as const) : (['from_count', 'from_amount'] as const);
  if (step[other] !== undefined)
    return context.violations.add(`${at}.${other}`, `must be absent by ${by}, which has ${needed}`);
  const { from_count: count, from_amount: amount } = step;
  if (by !== 'revenue' && count !== undefined) return { value: count, field: needed };
  if (by !== 'revenue' || amount === undefined)
    return context.violations.add(`${at}.${needed}`, `is required by ${by}`);
  const value = amountOf(amount, `${at}.from_amount`, context);
  return value === undefined ? undefined : { value, field: `${needed}.amount` };
}
