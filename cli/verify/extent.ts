/** How far a partition can be verified: what is saved and inserted, and what the log has beyond that. */

import { keys } from '../../actors/keys.ts';
import type { Cursor } from '../../actors/partition/cursor.ts';
import type { Sources } from './sources.ts';

export interface Extent {
  /** Everything up to this sequence is saved, and its rows are in the warehouse. A block ends here, or none is open. */
  readonly settled: number;
  /** Record time at the cursor, which is at `settled` or beyond it. */
  readonly time: number;
  /** Last sequence of the log. What lies between may be in the warehouse, block by block. */
  readonly last: number;
}

/** Reads where a partition stands at this moment. */
export async function readExtent({ snapshots, log }: Sources, partition: number): Promise<Extent> {
  const found = await snapshots.get(keys.cursor(partition));
  const cursor = found && (JSON.parse(Buffer.from(found.value).toString()) as Cursor);
  const spooled = cursor && (await firstSpooled({ snapshots }, partition, cursor));
  const sequence = cursor?.sequence ?? 0;
  return {
    settled: spooled === undefined ? sequence : Math.min(sequence, spooled - 1),
    time: cursor?.time ?? 0,
    last: await log.lastSequence(partition),
  };
}

/** First sequence of the oldest block that waits in the spool for the warehouse. */
async function firstSpooled(
  { snapshots }: Pick<Sources, 'snapshots'>,
  partition: number,
  { spooledFrom, sequence }: Cursor,
): Promise<number | undefined> {
  if (spooledFrom === undefined) return undefined;
  const prefix = keys.spoolPrefix(partition);
  for await (const { key, value } of snapshots.list(prefix)) {
    const lastSequence = Number(key.slice(prefix.length));
    // Earlier ones have been inserted, later ones are not saved yet.
    if (lastSequence < spooledFrom) continue;
    if (lastSequence > sequence) return undefined;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const header = JSON.parse(bytes.toString('utf8', 0, bytes.indexOf('\n'))) as { firstSequence: number };
    return header.firstSequence;
  }
  return undefined;
}
