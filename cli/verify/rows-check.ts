/**
 * Holds the rows of a table that has one for each place in the log – decided events, credits, entries of the
 * partners' books – against the rows that the log makes, in stretches of sequences: a merge of two lists in the order of the log, of which never
 * more than a stretch is in memory.
 */
import { COLUMNS } from '../../storage/warehouse/schema.ts';
import {
  type Difference,
  type DifferenceKind,
  type Findings,
  type WrongValue,
  wrongValues,
} from './findings.ts';
import { columnIndex, queryRows, type Row, selected } from './row-reader.ts';
import type { Sources } from './sources.ts';

export const CHECKED_TABLES = ['decided_events', 'credits', 'ledger_entries'] as const;
export type CheckedName = (typeof CHECKED_TABLES)[number];

/** A table that is checked, and how its rows stand in the log. */
interface CheckedTable {
  readonly name: CheckedName;
  /** Columns of the place, in their order. */
  readonly place: readonly string[];
  readonly order: string;
  readonly campaign: number;
  /** What else names a row to people. */
  readonly nameOf: (row: Row) => Pick<Difference, 'row' | 'event_id' | 'touch' | 'partner_id'>;
}

function checkedTable(
  name: CheckedName,
  place: readonly string[],
  nameOf: CheckedTable['nameOf'],
): CheckedTable {
  return { name, place, order: place.join(', '), campaign: columnIndex(name, 'campaign_id'), nameOf };
}

const ROW = columnIndex('decided_events', 'row');
const CREDIT_ROW = columnIndex('credits', 'row');
const POSTING = columnIndex('ledger_entries', 'posting');
const PARTNER = columnIndex('ledger_entries', 'partner_id');
const EVENT_ID = columnIndex('decided_events', 'event_id');
const TOUCH = columnIndex('credits', 'touch');
const TABLES: Readonly<Record<CheckedName, CheckedTable>> = {
  decided_events: checkedTable('decided_events', ['sequence', 'row'], (row) => ({
    row: Number(row[ROW]),
    event_id: row[EVENT_ID] as string,
  })),
  credits: checkedTable('credits', ['sequence', 'row', 'touch'], (row) => ({
    row: Number(row[CREDIT_ROW]),
    touch: Number(row[TOUCH]),
  })),
  // A record may be about many accounts, each of which counts its postings.
  ledger_entries: checkedTable('ledger_entries', ['sequence', 'partner_id', 'posting', 'leg'], (row) => ({
    row: Number(row[POSTING]),
    partner_id: row[PARTNER] as string,
  })),
};
/** Rows read at a time, at most; what is beyond them is counted as extra at the end. */
const ROWS_READ = 200_000;
/** Rows that are shown of those that belong nowhere. */
const SHOWN_STRAYS = 20;

/** A stretch of a partition's log, and the rows that it makes. */
export interface Stretch {
  /** Sequences behind `after`, up to `to`. */
  readonly after: number;
  readonly to: number;
  /** Record times of its rows lie between these, both included, milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  readonly rows: readonly Row[];
  /** Of these, such as may be there or not. */
  readonly optional?: ReadonlySet<Row>;
}

export interface RowsCheckOptions {
  readonly table: CheckedName;
  readonly sources: Pick<Sources, 'warehouse'>;
  readonly partition: number;
  readonly findings: Findings;
  /** Columns that are not compared. */
  readonly ignored?: ReadonlySet<number>;
}

/** Sequences that were looked through, with the record times within which that was done. */
type Looked = Omit<Stretch, 'rows' | 'optional'>;

export class RowsCheck {
  readonly #options: RowsCheckOptions;
  readonly #table: CheckedTable;
  /** Where the columns of the place stand in a row. */
  readonly #place: readonly number[];
  /** Which of these is a text. */
  readonly #text: number | undefined;
  readonly #looked: Looked[] = [];
  /** Rows that were read. */
  #seen = 0;

  constructor(options: RowsCheckOptions) {
    this.#options = options;
    this.#table = TABLES[options.table];
    this.#place = this.#table.place.map((column) => columnIndex(options.table, column));
    this.#text = options.table === 'ledger_entries' ? PARTNER : undefined;
  }

  /** Compares a stretch; each begins where the one before has ended. */
  async compare(stretch: Stretch): Promise<void> {
    const found = await this.#read(stretch);
    this.#looked.push(withoutRows(stretch));
    this.#seen += found.length;
    this.#merge(found, stretch.rows, stretch.optional);
  }

  /** Compares a stretch whose rows are there all together, or none of them yet. */
  async compareIfThere(stretch: Stretch): Promise<void> {
    const found = await this.#read(stretch);
    if (found.length > 0) this.#merge(found, stretch.rows);
  }

  /**
   * Finds rows of the sequences compared that no stretch has shown: those whose record time is not that of
   * their sequence.
   *
   * @param after sequence before the first one compared
   * @param to the last one compared
   */
  async findStrays(after: number, to: number): Promise<void> {
    const { sources, partition, findings } = this.#options;
    const [counted] = await sources.warehouse.query<{ readonly n: string }>(
      `SELECT toString(count()) AS n FROM ${this.#table.name}
       WHERE partition = {partition:UInt16} AND sequence > {after:UInt64} AND sequence <= {to:UInt64}`,
      { partition, after, to },
    );
    const strays = Number(counted?.n ?? 0) - this.#seen;
    if (strays <= 0) return;
    let shown = 0;
    for (const looked of this.#looked) {
      if (shown >= Math.min(strays, SHOWN_STRAYS)) break;
      for (const row of await this.#readOutside(looked)) {
        findings.add(this.#difference('extra', row));
        shown++;
      }
    }
    findings.addUnseen('extra', Math.max(0, strays - shown));
  }

  /**
   * Finds rows of sequences behind an end, which there must be none of.
   *
   * @param end tells the end; it is asked after the warehouse, for both may grow
   */
  async findBeyond(end: () => Promise<number>): Promise<void> {
    const { sources, partition, findings } = this.#options;
    const [highest] = await sources.warehouse.query<{ readonly sequence: string }>(
      `SELECT toString(max(sequence)) AS sequence FROM ${this.#table.name} WHERE partition = {partition:UInt16}`,
      { partition },
    );
    const after = await end();
    if (Number(highest?.sequence ?? 0) <= after) return;
    const where = 'partition = {partition:UInt16} AND sequence > {after:UInt64}';
    const parameters = { partition, after };
    const rows = await queryRows(
      sources.warehouse,
      this.#table.name,
      `SELECT ${selected(this.#table.name)} FROM ${this.#table.name} WHERE ${where} ORDER BY ${this.#table.order} LIMIT ${SHOWN_STRAYS}`,
      parameters,
    );
    for (const row of rows) findings.add(this.#difference('extra', row));
    if (rows.length < SHOWN_STRAYS) return;
    const [counted] = await sources.warehouse.query<{ readonly n: string }>(
      `SELECT toString(count()) AS n FROM ${this.#table.name} WHERE ${where}`,
      parameters,
    );
    findings.addUnseen('extra', Math.max(0, Number(counted?.n ?? 0) - rows.length));
  }

  /** The time is not needed to find the rows, but spares reading those of all other times. */
  #read({ after, to, from, until }: Looked): Promise<Row[]> {
    const { sources, partition } = this.#options;
    return queryRows(
      sources.warehouse,
      this.#table.name,
      `SELECT ${selected(this.#table.name)} FROM ${this.#table.name}
       WHERE partition = {partition:UInt16} AND sequence > {after:UInt64} AND sequence <= {to:UInt64}
         AND record_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
         AND record_time <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
       ORDER BY ${this.#table.order} LIMIT ${ROWS_READ}`,
      { partition, after, to, from, until },
    );
  }

  #readOutside({ after, to, from, until }: Looked): Promise<Row[]> {
    const { sources, partition } = this.#options;
    return queryRows(
      sources.warehouse,
      this.#table.name,
      `SELECT ${selected(this.#table.name)} FROM ${this.#table.name}
       WHERE partition = {partition:UInt16} AND sequence > {after:UInt64} AND sequence <= {to:UInt64}
         AND (record_time < fromUnixTimestamp64Milli({from:Int64}, 'UTC')
           OR record_time > fromUnixTimestamp64Milli({until:Int64}, 'UTC'))
       ORDER BY ${this.#table.order} LIMIT ${SHOWN_STRAYS}`,
      { partition, after, to, from, until },
    );
  }

  #merge(found: readonly Row[], expected: readonly Row[], optional?: ReadonlySet<Row>): void {
    const { findings } = this.#options;
    findings.noteCompared(this.#table.name, expected.length);
    let at = 0;
    for (const row of this.#inOrder(expected)) {
      while (at < found.length && this.#order(found[at] as Row, row) < 0)
        findings.add(this.#difference('extra', found[at++] as Row));
      const from = at;
      while (at < found.length && this.#order(found[at] as Row, row) === 0) at++;
      if (at > from || !optional?.has(row)) this.#judge(found.slice(from, at), row);
    }
    for (; at < found.length; at++) findings.add(this.#difference('extra', found[at] as Row));
  }

  /** Judges the rows that stand in the place of one: the one that is most like it is taken for it. */
  #judge(candidates: readonly Row[], row: Row): void {
    const { findings, ignored } = this.#options;
    let nearest: WrongValue[] | undefined;
    for (const candidate of candidates) {
      const values = wrongValues(candidate, row, COLUMNS[this.#table.name], 0, ignored);
      if (nearest === undefined || values.length < nearest.length) nearest = values;
    }
    if (nearest === undefined) findings.add(this.#difference('missing', row));
    else if (nearest.length > 0) findings.add({ ...this.#difference('different', row), values: nearest });
    for (let more = 1; more < candidates.length; more++)
      findings.add(this.#difference('extra', candidates[more] as Row));
  }

  #difference(kind: DifferenceKind, row: Row): Difference {
    const [sequence] = this.#place;
    return {
      partition: this.#options.partition,
      table: this.#table.name,
      kind,
      sequence: Number(row[sequence as number]),
      campaign_id: row[this.#table.campaign] as string,
      ...this.#table.nameOf(row),
    };
  }

  /** Where one row stands before (negative), at, or behind another in the log. */
  #order(one: Row, other: Row): number {
    for (const column of this.#place) {
      const [first, second] = [one[column] as string, other[column] as string];
      const difference = column === this.#text ? compareTexts(first, second) : Number(first) - Number(second);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** A block has the entries of one account behind those of another; all others come in order. */
  #inOrder(rows: readonly Row[]): readonly Row[] {
    if (this.#text === undefined) return rows;
    return [...rows].sort((one, other) => this.#order(one, other));
  }
}

/** By their bytes, as the warehouse orders them. */
function compareTexts(one: string, other: string): number {
  return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function withoutRows({ after, to, from, until }: Stretch): Looked {
  return { after, to, from, until };
}
