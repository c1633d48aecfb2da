/** The thorough verification: the whole log is replayed, and every row and aggregate must be what comes out. */
import type { SealedBlock } from '../../actors/partition/block.ts';
import type { LogRecord } from '../../storage/log/port.ts';
import type { Table } from '../../storage/warehouse/port.ts';
import { AggregatesCheck } from './aggregates-check.ts';
import type { Extent } from './extent.ts';
import type { Findings } from './findings.ts';
import { replicate } from './replica.ts';
import { type Row, rowsOfBlock } from './row-reader.ts';
import { CHECKED_TABLES, type CheckedName, RowsCheck } from './rows-check.ts';
import type { Sources } from './sources.ts';

/** Rows compared at a time, about. */
const ROWS_COMPARED = 20_000;

export interface LevelOptions {
  readonly sources: Sources;
  readonly partition: number;
  readonly extent: Extent;
  /** Campaigns of the partition that the warehouse knows. */
  readonly campaigns: ReadonlySet<string>;
  readonly findings: Findings;
  /** Told of the records that were read. */
  readonly applied: (records: readonly LogRecord[]) => void;
}

export async function verifyByReplay(options: LevelOptions): Promise<void> {
  const { sources, partition, extent, applied } = options;
  const tables = CHECKED_TABLES.map((table) => new Stretches(options, table));
  const aggregates = new AggregatesCheck(options);
  for await (const block of replicate(sources, { partition, to: extent.last, applied })) {
    for (const stretches of tables)
      if (block.lastSequence <= extent.settled) await stretches.settled(block);
      else await stretches.later(block);
    await aggregates.add(rowsOf(block, 'aggregates'));
  }
  for (const stretches of tables) await stretches.finish();
  await aggregates.finish();
}

function rowsOf({ inserts }: SealedBlock, table: Table): Row[] {
  return inserts.flatMap((insert) => (insert.table === table ? rowsOfBlock(table, insert.data) : []));
}

/** Gathers the rows of a table, of blocks that must be there, and compares those of others block by block. */
class Stretches {
  readonly #options: LevelOptions;
  readonly #table: CheckedName;
  readonly #check: RowsCheck;
  #rows: Row[] = [];
  /** The end of the last stretch, and the record time there. */
  #after = 0;
  #time = 0;
  /** Record time of the last block gathered. */
  #until = 0;
  #areSettledDone = false;

  constructor(options: LevelOptions, table: CheckedName) {
    this.#options = options;
    this.#table = table;
    this.#check = new RowsCheck({ ...options, table });
  }

  /** A block whose rows must be in the warehouse. */
  async settled(block: SealedBlock): Promise<void> {
    this.#rows.push(...rowsOf(block, this.#table));
    this.#until = block.time;
    if (this.#rows.length >= ROWS_COMPARED) await this.#compare(block.lastSequence, block.time);
  }

  /** A block whose rows may be there: inserted, and not saved when the system stopped, or since. */
  async later(block: SealedBlock): Promise<void> {
    await this.#finishSettled();
    await this.#check.compareIfThere({
      after: this.#after,
      to: block.lastSequence,
      from: this.#time,
      until: block.time,
      rows: rowsOf(block, this.#table),
    });
    this.#after = block.lastSequence;
    this.#time = block.time;
  }

  async finish(): Promise<void> {
    const { sources, partition, extent } = this.#options;
    await this.#finishSettled();
    // A system that runs may have inserted more since; what its log has not, nobody has decided.
    await this.#check.findBeyond(
      sources.isLive
        ? () => sources.log.lastSequence(partition)
        : async () => Math.max(this.#after, extent.settled),
    );
  }

  async #finishSettled(): Promise<void> {
    if (this.#areSettledDone) return;
    this.#areSettledDone = true;
    const { settled, time } = this.#options.extent;
    await this.#compare(settled, Math.max(this.#until, time));
    await this.#check.findStrays(0, settled);
  }

  async #compare(to: number, until: number): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    await this.#check.compare({ after: this.#after, to, from: this.#time, until, rows });
    this.#after = to;
    this.#time = this.#until;
  }
}
