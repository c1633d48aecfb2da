/** The fixed fee of a campaign: spent once, when it first runs. */

import type { FieldViolation } from '../../../model/errors.ts';
import { formatMicros, type Money } from '../../../model/money.ts';
import { enter } from '../lifecycle.ts';
import type { Given } from '../outcome.ts';
import type { CampaignState } from '../state.ts';
import { inCurrency, totalAndSpend } from './budget-announce.ts';
import { REST } from './budget-book.ts';
import { shortagesOf, spendWhole } from './spend-command.ts';

/** Who is said to spend it, and to pause a campaign that cannot. */
const FEE = 'fee';

/** The fee that is still to be paid, if there is one. */
function feeOf({ definition: { cost }, budget }: CampaignState): Money | undefined {
  return cost?.model === 'FIXED' && !budget.isFeePaid ? cost.rate : undefined;
}

/** What has too little left for the fee: a campaign that cannot pay it cannot be launched. */
export function feeShortages(state: CampaignState): FieldViolation[] {
  const fee = feeOf(state);
  if (!fee) return [];
  return shortagesOf(state, fee.micros, REST).map(({ name, leftMicros }) => ({
    field: 'cost.rate',
    description: `must be at most what ${name} has left, ${formatMicros(leftMicros, fee.currency)}`,
  }));
}

/** Pays the fee of a campaign that has begun to run, or pauses it: nothing is spent beyond a bound. */
export function payFee(
  state: CampaignState,
  given: Pick<Given, 'time' | 'sequence' | 'announce' | 'ledger'>,
): void {
  const fee = feeOf(state);
  if (!fee || state.status !== 'ACTIVE') return;
  const { time, sequence, announce } = given;
  const [shortage] = shortagesOf(state, fee.micros, REST);
  if (shortage) {
    enter(state, 'PAUSED', `the fee exceeds ${shortage.name}`, FEE, time, sequence, announce);
    return;
  }
  spendWhole(state, fee.micros, REST, given);
  state.budget.isFeePaid = true;
  announce('budget.spend_recorded', {
    amount: inCurrency(state, fee.micros),
    description: 'fixed fee',
    by: FEE,
    ...totalAndSpend(state),
  });
}
