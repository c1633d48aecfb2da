/** Verifies one partition, as thoroughly as its log allows. */
import { rowsOf } from '../../model/event-batch.ts';
import { RecordKind } from '../../model/record.ts';
import type { LogRecord } from '../../storage/log/port.ts';
import { verifyContents } from './contents-level.ts';
import { type Extent, readExtent } from './extent.ts';
import { Findings } from './findings.ts';
import { keptRecords } from './kept-records.ts';
import { type LevelOptions, verifyByReplay } from './replay-level.ts';
import { CHECKED_TABLES, RowsCheck } from './rows-check.ts';
import type { Sources } from './sources.ts';

/**
 * - `replay`: the log is whole; every row, credit, entry and aggregate is what a replay makes.
 * - `contents`: the head of the log was trimmed; rows and aggregates are held against what is left of it.
 * - `trimmed`: nothing settled is left of the log to hold anything against.
 * - `empty`: nothing was ever in the log.
 */
export type Level = 'replay' | 'contents' | 'trimmed' | 'empty';

export interface PartitionResult {
  readonly partition: number;
  readonly level: Level;
  /** The first record that the log still has; 0: none that is settled. */
  readonly firstSequence: number;
  /** Everything up to this sequence must be in the warehouse. */
  readonly settledSequence: number;
  /** Last sequence of the log. */
  readonly lastSequence: number;
  /** Records that were read, and events in them. */
  readonly records: number;
  readonly events: number;
  /** Events behind the settled sequence: their rows need not be in the warehouse yet. */
  readonly waiting: number;
  readonly findings: Findings;
}

export interface PartitionOptions {
  readonly sources: Sources;
  readonly partition: number;
  readonly campaigns: ReadonlySet<string>;
  /** Told of the records that were read, and of how many there are to read. */
  readonly progressed: (records: number, events: number, sequences: number) => void;
}

export async function verifyPartition(options: PartitionOptions): Promise<PartitionResult> {
  const { sources, partition, campaigns, progressed } = options;
  const extent = await readExtent(sources, partition);
  const firstSequence = await firstKept(sources, partition, extent);
  const level = levelOf(extent, firstSequence);
  const findings = new Findings();
  let records = 0;
  let events = 0;
  let waiting = 0;
  const applied = (read: readonly LogRecord[]): void => {
    let found = 0;
    for (const record of read) {
      const count = eventsIn(record);
      found += count;
      if (record.sequence > extent.settled) waiting += count;
    }
    records += read.length;
    events += found;
    progressed(read.length, found, Math.max(1, extent.last - firstSequence + 1));
  };
  await verify(level, firstSequence, { sources, partition, extent, campaigns, findings, applied });
  return {
    partition,
    level,
    firstSequence,
    settledSequence: extent.settled,
    lastSequence: extent.last,
    records,
    events,
    waiting,
    findings,
  };
}

function levelOf({ settled, last }: Extent, firstSequence: number): Level {
  if (last === 0) return 'empty';
  if (firstSequence === 1) return 'replay';
  return firstSequence > 0 && firstSequence <= settled ? 'contents' : 'trimmed';
}

async function verify(level: Level, firstSequence: number, options: LevelOptions): Promise<void> {
  switch (level) {
    case 'empty':
    case 'replay':
      // Of nothing comes nothing: whatever is there is too much.
      return verifyByReplay(options);
    case 'contents':
      return verifyContents(options, firstSequence);
    case 'trimmed': {
      const { sources, partition } = options;
      for (const table of CHECKED_TABLES)
        await new RowsCheck({ ...options, table }).findBeyond(() => sources.log.lastSequence(partition));
      return;
    }
  }
}

async function firstKept(sources: Sources, partition: number, { last }: Extent): Promise<number> {
  for await (const [record] of keptRecords(sources, partition, 1, last)) return record?.sequence ?? 0;
  return 0;
}

/** Events of a record, those that the filter stopped left out. */
function eventsIn({ data }: LogRecord): number {
  return data[0] === RecordKind.events && data.byteLength > 8 ? rowsOf(data) : 0;
}
