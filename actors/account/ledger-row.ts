/** Adds postings as rows of the `ledger_entries` table, in the column order of its schema: two for each. */
import type { TableRows } from '../../model/columns/table-rows.ts';
import type { Entry } from './journal.ts';

export function addEntry(
  rows: TableRows,
  { currency, cause, movement, micros, about, sequence, index, time, origin }: Entry,
  partnerId: string,
  partition: number,
): void {
  for (const [leg, account] of movement.entries())
    rows.add(
      partnerId,
      currency,
      partition,
      sequence,
      index,
      leg,
      time,
      account,
      leg === 0 ? -micros : micros,
      cause,
      about.campaignId ?? '',
      about.releaseAt ?? 0,
      about.payoutId ?? '',
      about.decisionId ?? '',
      origin?.from ?? 0,
      origin?.upTo ?? 0,
    );
}
