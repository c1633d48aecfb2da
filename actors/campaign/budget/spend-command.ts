/** Spend that is reported: recorded as a whole, or refused as a whole. */
import { formatMicros, type Money } from '../../../model/money.ts';
import { lookAtKpis } from '../kpi-state.ts';
import type { CommandOutcome, Given } from '../outcome.ts';
import type { CampaignState } from '../state.ts';
import { pauseIfWanted } from './budget.ts';
import { inCurrency, totalAndSpend } from './budget-announce.ts';
import { noteSpend, REST } from './budget-book.ts';
import { foreign, refuseFor, unknownAllocation, withBudget } from './budget-commands.ts';
import { leftMicros } from './budget-room.ts';
import { budgetOf } from './budget-view.ts';
import type { CapUse } from './caps.ts';

/** Payload of `record_spend`. */
export interface RecordSpendCommand {
  readonly amount: Money;
  /** The allocation that pays; what is not allocated if absent. */
  readonly allocation?: string;
  readonly description?: string;
  /** The reporter's own number of it: recorded once, for ever. */
  readonly reference?: string;
}

/** Something that has less left than is to be spent. */
export interface Shortage {
  readonly limit: 'total' | 'allocation' | 'day' | 'cap';
  /** As clients know it, in words. */
  readonly name: string;
  readonly leftMicros: number;
}

/** Adds a reported spend to all that counts spend. Pacing is for events: it refuses none. */
export const recordSpend = withBudget((state, given, total): CommandOutcome => {
  const { ledger } = given;
  const spend = given.command.payload as RecordSpendCommand;
  const { amount, allocation, reference } = spend;
  if (amount.currency !== total.currency) return foreign(state, amount.currency, total, 'amount.currency');
  if (reference !== undefined && ledger.isRecorded(reference)) return receipt(state, true);
  const payer =
    allocation === undefined ? REST : state.budget.allocations.findIndex(({ name }) => name === allocation);
  if (allocation !== undefined && payer === REST)
    return refuseFor(state, `there is no allocation ${allocation}`, [unknownAllocation(state, 'allocation')]);
  const shortages = shortagesOf(state, amount.micros, payer);
  if (shortages.length > 0) return refused(state, given, spend, shortages);
  spendWhole(state, amount.micros, payer, given, reference);
  state.budget.reportedMicros += amount.micros;
  given.announce('budget.spend_recorded', { ...reported(state, given, spend), ...totalAndSpend(state) });
  return receipt(state, false);
});

/** Adds a spend that is not of an event to all that counts spend. There must be room for it. */
export function spendWhole(
  state: CampaignState,
  micros: number,
  payer: number,
  { time, ledger }: Pick<Given, 'time' | 'ledger'>,
  reference?: string,
): void {
  state.totals.spendMicros += BigInt(micros);
  noteSpend(state, micros, payer);
  lookAtKpis(state.kpis, time);
  for (const { use } of spendCaps(state)) use.used += BigInt(micros);
  ledger.record(micros, reference);
}

function receipt(state: CampaignState, isRepeat: boolean): CommandOutcome {
  return { answer: { ok: true, view: { isRepeat, budget: budgetOf(state) } }, state };
}

/** Nothing of it is spent; that is told, and the campaign paused if it wants to be when its total is used up. */
function refused(
  state: CampaignState,
  given: Given,
  spend: RecordSpendCommand,
  shortages: readonly Shortage[],
): CommandOutcome {
  const { announce, time, sequence } = given;
  const { currency } = spend.amount;
  announce('budget.spend_refused', {
    ...reported(state, given, spend),
    exceeded: shortages.map(({ limit, name, leftMicros: left }) => ({
      limit,
      name,
      left: inCurrency(state, left),
    })),
    ...totalAndSpend(state),
  });
  const outcome = refuseFor(
    state,
    `the spend exceeds ${shortages.map(({ name }) => name).join(', ')}; nothing of it was recorded`,
    shortages.map(({ name, leftMicros: left }) => ({
      field: 'amount',
      description: `must be at most what ${name} has left, ${formatMicros(left, currency)}`,
    })),
  );
  const exceedsTotal = shortages.some(({ limit }) => limit === 'total');
  if (exceedsTotal) pauseIfWanted(state, 'a spend would exceed the budget', time, sequence, announce);
  return outcome;
}

function reported(state: CampaignState, { command }: Given, spend: RecordSpendCommand) {
  const { amount, allocation, description, reference } = spend;
  return {
    amount: inCurrency(state, amount.micros),
    ...(allocation !== undefined && { allocation }),
    ...(description !== undefined && { description }),
    ...(reference !== undefined && { reference }),
    by: command.principal.subject,
  };
}

/** Everything that has less left than this. */
export function shortagesOf(state: CampaignState, micros: number, payer: number): Shortage[] {
  const { definition, totals, today, budget } = state;
  const { budgetTotal, budgetDaily } = definition;
  const limits: Shortage[] = [
    {
      limit: 'total',
      name: 'the budget',
      leftMicros: Number(BigInt(budgetTotal?.micros ?? 0) - totals.spendMicros),
    },
  ];
  const allocation = budget.allocations[payer];
  if (budget.allocations.length > 0)
    limits.push({
      limit: 'allocation',
      name: allocation ? `allocation ${allocation.name}` : 'the part that is not allocated',
      leftMicros: leftMicros(state, payer),
    });
  if (budgetDaily)
    limits.push({
      limit: 'day',
      name: "the day's budget",
      leftMicros: Math.max(0, Number(BigInt(budgetDaily.micros) - today.spend.micros)),
    });
  for (const { use, limit, period } of spendCaps(state))
    limits.push({
      limit: 'cap',
      name: `the cap on spend (${period})`,
      leftMicros: Math.max(0, limit - Number(use.used)),
    });
  return limits.filter(({ leftMicros: left }) => left < micros);
}

function spendCaps({ definition, capUse }: CampaignState): { use: CapUse; limit: number; period: string }[] {
  return (definition.caps ?? []).flatMap(({ metric, limit, period }, i) =>
    metric === 'spend' ? { use: capUse[i] as CapUse, limit, period } : [],
  );
}
