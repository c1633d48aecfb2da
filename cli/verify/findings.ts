/** What a verification finds: counts of what is wrong per partition, and the first few differences as they are. */
import type { Table } from '../../storage/warehouse/port.ts';

/** A value that is not what it must be. */
export interface WrongValue {
  readonly column: string;
  readonly found: string;
  readonly expected: string;
}

export const DIFFERENCE_KINDS = ['missing', 'extra', 'different'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export interface Difference {
  readonly partition: number;
  readonly table: Table;
  readonly kind: DifferenceKind;
  /** Place of a decided event, of the conversion of a credit, or of a posting, in the log. */
  readonly sequence?: number;
  readonly row?: number;
  readonly campaign_id: string;
  readonly event_id?: string;
  /** Which of a conversion's touches a credit is of. */
  readonly touch?: number;
  /** Key of an aggregate, with its campaign, times in RFC 3339; and whose books an entry is in. */
  readonly partner_id?: string;
  readonly record_minute?: string;
  readonly event_hour?: string;
  /** The values at fault of a row that is different. */
  readonly values?: readonly WrongValue[];
}

/** Differences that are kept as they are; there may be one for every row. */
const KEPT_DIFFERENCES = 20;

/** Counts of one partition. */
export class Findings {
  readonly counts: Record<DifferenceKind, number> = { missing: 0, extra: 0, different: 0 };
  /** The first of them. */
  readonly differences: Difference[] = [];
  /** Rows of the decided events, credits, entries and aggregates that were held against what they must be. */
  rowsCompared = 0;
  creditsCompared = 0;
  entriesCompared = 0;
  aggregatesCompared = 0;

  /** Whether nothing is wrong. */
  get isClean(): boolean {
    return Object.values(this.counts).every((count) => count === 0);
  }

  noteCompared(table: 'decided_events' | 'credits' | 'ledger_entries', rows: number): void {
    if (table === 'credits') this.creditsCompared += rows;
    else if (table === 'ledger_entries') this.entriesCompared += rows;
    else this.rowsCompared += rows;
  }

  add(difference: Difference): void {
    this.counts[difference.kind]++;
    if (this.differences.length < KEPT_DIFFERENCES) this.differences.push(difference);
  }

  /** Counts differences of which only the number is known. */
  addUnseen(kind: DifferenceKind, count: number): void {
    this.counts[kind] += count;
  }
}

/** The columns in which two rows differ. */
export function wrongValues(
  found: readonly string[],
  expected: readonly string[],
  columns: readonly { readonly name: string }[],
  from: number,
  ignored: ReadonlySet<number> = new Set(),
): WrongValue[] {
  const wrong: WrongValue[] = [];
  for (let index = from; index < columns.length; index++)
    if (found[index] !== expected[index] && !ignored.has(index))
      wrong.push({
        column: (columns[index] as { readonly name: string }).name,
        found: found[index] as string,
        expected: expected[index] as string,
      });
  return wrong;
}
