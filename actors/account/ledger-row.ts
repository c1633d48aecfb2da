/** Writes postings as rows of the `ledger_entries` table, in the column order of its schema: two for each. */
import type { RowBinaryWriter } from '../../model/row-binary.ts';
import type { Entry } from './journal.ts';

/** @returns how many rows there are */
export function writeEntry(
  writer: RowBinaryWriter,
  { currency, cause, movement, micros, about, sequence, index, time, origin }: Entry,
  partnerId: string,
  partition: number,
): number {
  for (const [leg, account] of movement.entries()) {
    writer.string(partnerId);
    writer.string(currency);
    writer.uint16(partition);
    writer.uint64(sequence);
    writer.uint32(index);
    writer.uint8(leg);
    writer.dateTime64(time);
    writer.string(account);
    writer.int64(leg === 0 ? -micros : micros);
    writer.string(cause);
    writer.string(about.campaignId ?? '');
    writer.dateTime64(about.releaseAt ?? 0);
    writer.string(about.payoutId ?? '');
    writer.string(about.decisionId ?? '');
    writer.uint16(origin?.from ?? 0);
    writer.uint64(origin?.upTo ?? 0);
  }
  return movement.length;
}
