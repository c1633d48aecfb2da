/** The book of a campaign's budget: what its money is kept for, and what was spent on which day. */
import { limits } from '../../../limits.ts';
import type { Allocation } from '../../../model/budget.ts';
import type { CampaignState } from '../state.ts';

/** An allocation and what was paid from it: never more than its amount. */
export interface AllocationBook extends Allocation {
  spentMicros: number;
}

/** All amounts in micros; none exceeds the total, so that they are safe integers. */
export interface BudgetBook {
  allocations: readonly AllocationBook[];
  /** Authorised beside the first total, and part of the present one. */
  extraMicros: number;
  /** The part of the spend that was reported. */
  reportedMicros: number;
  /** Whether the fixed fee, of a campaign that has one, is spent. */
  isFeePaid: boolean;
  /** Charged events and reported spends. */
  records: number;
  /** When the campaign first ran, record time. */
  launchedAt: number | undefined;
  /** The day that `CampaignState.today` is, since the epoch, by the campaign's time zone. */
  today: number;
  /** What paid events may spend today at most; `undefined`: all that there is. */
  paceMicros: number | undefined;
  /** The first day on which something was spent. */
  firstDay: number | undefined;
  /** Spend by day, oldest first, without the days that had none; at most `limits.spendDays`. */
  readonly days: SpentDay[];
}

export type SpentDay = [day: number, micros: number];

/** Money that no allocation keeps. */
export const REST = -1;

export function emptyBook(): BudgetBook {
  return {
    allocations: [],
    extraMicros: 0,
    reportedMicros: 0,
    isFeePaid: false,
    records: 0,
    launchedAt: undefined,
    today: 0,
    paceMicros: undefined,
    firstDay: undefined,
    days: [],
  };
}

/**
 * Notes that something was spent, besides the totals.
 *
 * @param payer index of the allocation that pays, or `REST`
 */
export function noteSpend(state: CampaignState, micros: number, payer: number): void {
  state.today.spend.add(micros);
  const { budget } = state;
  budget.records++;
  budget.firstDay ??= budget.today;
  const allocation = budget.allocations[payer];
  if (allocation) allocation.spentMicros += micros;
  const { days } = budget;
  // Not by `at`, which would be a call for each event.
  const last = days[days.length - 1];
  // A day that seems to lie ahead is today's too: the time zone was another one when it began.
  if (last && last[0] >= budget.today) last[1] += micros;
  else days.push([budget.today, micros]);
  while (firstDayOf(budget) <= budget.today - limits.spendDays) days.shift();
}

/**
 * Gives back what was spent on a conversion, besides the totals.
 *
 * @param allocation the name of the one that has paid; empty: none
 * @param day on which it was spent
 */
export function giveBack(state: CampaignState, micros: number, allocation: string, day: number): void {
  if (micros === 0) return;
  const { today, budget } = state;
  if (day === budget.today) today.spend.micros -= BigInt(micros);
  const payer = budget.allocations.find(({ name }) => name === allocation);
  // It may be a later one of that name, which has spent less.
  if (payer) payer.spentMicros -= Math.min(payer.spentMicros, micros);
  const isKept = day > budget.today - limits.spendDays;
  const spent = isKept ? budget.days.find(([kept]) => kept >= day) : undefined;
  if (spent) spent[1] -= micros;
}

function firstDayOf({ days }: BudgetBook): number {
  return days[0]?.[0] ?? Number.POSITIVE_INFINITY;
}

/** The book as snapshots hold it. The keys are listed: the same state gives the same bytes. */
export function bookToJson(book: BudgetBook): BudgetBook {
  return {
    allocations: book.allocations.map(({ name, amountMicros, match, spentMicros }) => ({
      name,
      amountMicros,
      ...(match && { match: { field: match.field, value: match.value } }),
      spentMicros,
    })),
    extraMicros: book.extraMicros,
    reportedMicros: book.reportedMicros,
    isFeePaid: book.isFeePaid,
    records: book.records,
    launchedAt: book.launchedAt,
    today: book.today,
    paceMicros: book.paceMicros,
    firstDay: book.firstDay,
    days: book.days,
  };
}
