/**
 * The verification of a log whose head was trimmed: what was decided cannot be replayed, for the state at the
 * first kept record is not known. What can be told without it is told exactly: every event of the kept
 * records has one row with all that the event itself says, there are no other rows, the credits of each accepted
 * conversion sum to it, and the aggregates of the whole minutes are the sums over the rows and the counters of what the filter stopped.
 */
import { Decision } from '../../actors/campaign/decide.ts';
import { contentOf } from '../../actors/partition/content.ts';
import { DecidedEvents } from '../../actors/partition/decided-events.ts';
import { REPLAY_LETTER, type ReplayPayload } from '../../model/dead-letter.ts';
import { EventBatch } from '../../model/event-batch.ts';
import { RecordKind } from '../../model/record.ts';
import type { LogRecord } from '../../storage/log/port.ts';
import { CreditSumsCheck } from './credit-sums-check.ts';
import { keptRecords } from './kept-records.ts';
import type { LevelOptions } from './replay-level.ts';
import { columnIndex, type Row, rowsOfBlock } from './row-reader.ts';
import { RowsCheck } from './rows-check.ts';
import { SumsCheck } from './sums-check.ts';

const TABLE = 'decided_events';
const ROWS_COMPARED = 20_000;
const MINUTE_MS = 60_000;
/** The clocks of servers that lead the log one after the other may differ by this much. */
const CLOCKS_DIFFER_MS = MINUTE_MS;

/** What the actor has added to an event; to its flags, some. */
const DECIDED: ReadonlySet<number> = new Set(
  ['record_time', 'reason', 'flags', 'is_unique', 'spend_micros', 'commission_micros'].map((name) =>
    columnIndex(TABLE, name),
  ),
);

/** @param first the first kept record's sequence */
export async function verifyContents(options: LevelOptions, first: number): Promise<void> {
  const { sources, partition, extent, applied } = options;
  const { settled } = extent;
  const check = new RowsCheck({ ...options, table: 'decided_events', ignored: DECIDED });
  const credits = new CreditSumsCheck(options);
  const sums = new SumsCheck(options);
  let after = first - 1;
  let from: number | undefined;
  let time = 0;
  let rows: Row[] = [];
  let optional = new Set<Row>();
  const compare = async (to: number): Promise<void> => {
    const stretch = {
      after,
      to,
      from: Math.max(0, (from ?? 0) - CLOCKS_DIFFER_MS),
      until: time + CLOCKS_DIFFER_MS,
    };
    await check.compare({ ...stretch, rows, optional });
    await credits.compare(stretch);
    after = to;
    from = time;
    rows = [];
    optional = new Set();
  };
  /** When the first events came that need not be in the warehouse: what was before them is whole. */
  let waitingSince: number | undefined;
  for await (const records of keptRecords(sources, partition, first, extent.last)) {
    for (const record of records) {
      time = Math.max(time, record.time);
      from ??= time;
      const replayed = replayedEvent(record);
      const batch = replayed ?? eventsOf(record);
      if (!batch) continue;
      if (record.sequence > settled) {
        waitingSince ??= time;
        continue;
      }
      const added = rowsOf(batch, partition, record.sequence);
      rows.push(...added);
      if (replayed) for (const row of added) optional.add(row);
      await sums.add(batch, time);
      if (rows.length >= ROWS_COMPARED) await compare(record.sequence);
    }
    applied(records);
  }
  await compare(settled);
  await check.findStrays(first - 1, settled);
  await check.findBeyond(
    sources.isLive ? () => sources.log.lastSequence(partition) : async () => extent.last,
  );
  await sums.finish(waitingSince ?? time);
}

/** The events of a record; none if it has others or cannot be read: then it has no rows either. */
function eventsOf({ data }: LogRecord): EventBatch | undefined {
  if (data[0] !== RecordKind.events) return undefined;
  try {
    return new EventBatch(data);
  } catch {
    return undefined;
  }
}

/**
 * The event of a dead letter that the record asks to be replayed. Whether it was is for the actor to know, which
 * does it once: the row may be there or not.
 */
function replayedEvent(record: LogRecord): EventBatch | undefined {
  const content = contentOf(record);
  if (content.kind !== 'command' || content.command.name !== REPLAY_LETTER) return undefined;
  const { record: row } = content.command.payload as ReplayPayload;
  return eventsOf({ ...record, data: Buffer.from(row, 'base64') });
}

/** The rows of a batch, as they are but for what is decided. */
function rowsOf(batch: EventBatch, partition: number, sequence: number): readonly Row[] {
  const events = new DecidedEvents(partition);
  const decision = new Decision();
  for (let row = 0; row < batch.rows; row++) {
    batch.seek(row);
    events.add(batch, decision, sequence, row, 0);
  }
  return events.length === 0 ? [] : rowsOfBlock(TABLE, events.take());
}
