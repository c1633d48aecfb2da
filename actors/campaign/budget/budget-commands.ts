/** Commands on a campaign's money: what it is kept for, moving it, and more of it. */
import { limits } from '../../../limits.ts';
import type { Allocation } from '../../../model/budget.ts';
import type { DomainEventData } from '../../../model/domain-event.ts';
import type { FieldViolation } from '../../../model/errors.ts';
import { formatMicros, type Money, moneyJson } from '../../../model/money.ts';
import { type CommandOutcome, type Given, markChanged, refuse } from '../outcome.ts';
import type { CampaignState } from '../state.ts';
import { announceAllocations } from './budget-announce.ts';
import { type AllocationBook, REST } from './budget-book.ts';
import { planDay } from './budget-pace.ts';
import { committedMicros, leftMicros } from './budget-room.ts';
import { budgetOf } from './budget-view.ts';

/** Payload of `allocate`: all allocations that there are to be; the first that matches an event pays for it. */
export interface AllocateCommand {
  readonly currency: string | undefined;
  readonly allocations: readonly Allocation[];
}

/** Payload of `reallocate`. An allocation that is not named is what is not allocated. */
export interface ReallocateCommand {
  readonly amount: Money;
  readonly from?: string;
  readonly to?: string;
}

/** Payload of `authorize_extra`. */
export interface AuthorizeExtraCommand {
  readonly amount: Money;
  readonly reason: string;
}

type BudgetHandler = (state: CampaignState, given: Given, total: Money) => CommandOutcome;

/** The commands by their names. */
export const BUDGET_COMMANDS: readonly (readonly [
  string,
  (state: CampaignState, given: Given) => CommandOutcome,
])[] = [
  ['allocate', withBudget(allocate)],
  ['reallocate', withBudget(reallocate)],
  ['authorize_extra', withBudget(authorizeExtra)],
];

/** A handler for campaigns that have a budget and still may spend it. */
export function withBudget(handle: BudgetHandler): (state: CampaignState, given: Given) => CommandOutcome {
  return (state, given) => {
    const { status, definition } = state;
    if (status === 'COMPLETED' || status === 'CANCELLED')
      return refuse(state, {
        code: 'failed_precondition',
        message: `a campaign that is ${status} spends nothing any more`,
        state: status,
      });
    if (definition.budgetTotal) return handle(state, given, definition.budgetTotal);
    return refuseFor(state, 'the campaign has no budget', [
      { field: 'budget.total', description: 'set it first' },
    ]);
  };
}

/** Refuses because of how the budget stands. */
export function refuseFor(
  state: CampaignState,
  message: string,
  violations: readonly FieldViolation[],
): CommandOutcome {
  return refuse(state, { code: 'failed_precondition', message, state: state.status, violations });
}

/** What is wrong with the currency of an amount, if anything is. */
export function foreign(state: CampaignState, currency: string, total: Money, field: string): CommandOutcome {
  const description = `must be the budget's currency, ${total.currency}`;
  return refuse(state, {
    code: 'invalid_argument',
    message: `${field} is ${currency}: it ${description}`,
    violations: [{ field, description }],
  });
}

/** Replaces the allocations. One that is kept, by its name, keeps what it has spent. */
function allocate(state: CampaignState, given: Given, total: Money): CommandOutcome {
  const { allocations, currency = total.currency } = given.command.payload as AllocateCommand;
  if (currency !== total.currency) return foreign(state, currency, total, 'allocations[0].amount.currency');
  const { budget } = state;
  const known = new Map(budget.allocations.map((allocation) => [allocation.name, allocation.spentMicros]));
  const next = allocations.map(
    (allocation): AllocationBook => ({ ...allocation, spentMicros: known.get(allocation.name) ?? 0 }),
  );
  const faults = next.flatMap(({ amountMicros, spentMicros }, i) =>
    amountMicros < spentMicros
      ? {
          field: `allocations[${i}].amount`,
          description: `must be at least what it has spent, ${formatMicros(spentMicros, total.currency)}`,
        }
      : [],
  );
  if (faults.length > 0) return refuseFor(state, 'an allocation is less than what it has spent', faults);
  const committed = committedMicros({ ...state, budget: { ...budget, allocations: next } });
  const excess = committed - BigInt(total.micros);
  if (excess > 0n)
    return refuseFor(state, 'the allocations exceed the budget', [
      {
        field: 'allocations',
        description:
          `exceed the total, ${formatMicros(total.micros, total.currency)}, by ${formatMicros(excess, total.currency)} ` +
          'together with what was spent outside of them: lower them, or raise the total',
      },
    ]);
  budget.allocations = next;
  return changed(state, given);
}

/** Moves money from one allocation, or what is not allocated, to another. */
function reallocate(state: CampaignState, given: Given, total: Money): CommandOutcome {
  const { amount, from, to } = given.command.payload as ReallocateCommand;
  if (amount.currency !== total.currency) return foreign(state, amount.currency, total, 'amount.currency');
  const { allocations } = state.budget;
  const at = (name: string | undefined): number =>
    name === undefined ? REST : allocations.findIndex((allocation) => allocation.name === name);
  const giver = at(from);
  const taker = at(to);
  const faults: FieldViolation[] = [];
  if (from !== undefined && giver === REST) faults.push(unknownAllocation(state, 'from'));
  if (to !== undefined && taker === REST) faults.push(unknownAllocation(state, 'to'));
  if (faults.length === 0 && giver === taker)
    faults.push({ field: 'to', description: 'must be another than from' });
  if (faults.length > 0) return refuseFor(state, 'there is nothing to move the money between', faults);
  const left = leftMicros(state, giver);
  if (left < amount.micros) {
    const source = from === undefined ? 'is not allocated' : `${from} has left`;
    const description = `must be at most what ${source}, ${formatMicros(left, total.currency)}`;
    return refuseFor(state, 'there is less left than is to be moved', [{ field: 'amount', description }]);
  }
  state.budget.allocations = allocations.map((allocation, i) => {
    const change = (i === taker ? amount.micros : 0) - (i === giver ? amount.micros : 0);
    return { ...allocation, amountMicros: allocation.amountMicros + change };
  });
  return changed(state, given, {
    moved: {
      amount: moneyJson(amount.micros, amount.currency),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    },
  });
}

/** Says which allocations there are instead of one that there is not. */
export function unknownAllocation({ budget }: CampaignState, field: string): FieldViolation {
  const names = budget.allocations.map(({ name }) => name).join(', ');
  const description = names === '' ? 'must be left out: there are no allocations' : `must be one of ${names}`;
  return { field, description };
}

/** Raises the total. */
function authorizeExtra(state: CampaignState, given: Given, total: Money): CommandOutcome {
  const { amount, reason } = given.command.payload as AuthorizeExtraCommand;
  const { currency } = total;
  if (amount.currency !== currency) return foreign(state, amount.currency, total, 'amount.currency');
  const room = limits.amountMicros - total.micros;
  if (amount.micros > room)
    return refuseFor(state, 'the total would be too large', [
      { field: 'amount', description: `must be at most ${formatMicros(room, currency)}` },
    ]);
  const micros = total.micros + amount.micros;
  state.definition = { ...state.definition, budgetTotal: { micros, currency } };
  state.budget.extraMicros += amount.micros;
  planDay(state);
  markChanged(state, given);
  given.announce('budget.extra_authorised', {
    amount: moneyJson(amount.micros, currency),
    reason,
    by: given.command.principal.subject,
    total: moneyJson(micros, currency),
    extra: moneyJson(state.budget.extraMicros, currency),
  });
  return { answer: { ok: true, view: budgetOf(state) }, state };
}

function changed(state: CampaignState, given: Given, more: DomainEventData = {}): CommandOutcome {
  markChanged(state, given);
  announceAllocations(state, given, more);
  return { answer: { ok: true, view: budgetOf(state) }, state };
}
