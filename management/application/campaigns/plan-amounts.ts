/** Amounts of a commission plan besides its rates. */
import type { MoneyDraft } from '../draft-parts.ts';
import { moneyOf } from '../money.ts';
import type { Violations } from '../violations.ts';

/** What the parts of a plan have in common. */
export interface PlanContext {
  /** The campaign's currency, or that of the plan's first rate; `undefined`: there is none yet. */
  readonly currency: string | undefined;
  readonly violations: Violations;
}

/** An amount in the currency that the plan has. */
export function amountOf(draft: MoneyDraft, field: string, context: PlanContext): number | undefined {
  const money = moneyOf(draft, field, context.violations);
  if (money === undefined) return undefined;
  if (money.currency === context.currency) return money.micros;
  const { currency = 'which is not set' } = context;
  return context.violations.add(`${field}.currency`, `must be the budget's currency, ${currency}`);
}
