/** Where the partitions stand: what of each is saved and in the warehouse, and up to where each has heard of the others. */

import { keys } from '../../../actors/keys.ts';
import type { Cursor } from '../../../actors/partition/cursor.ts';
import { readExtent } from '../extent.ts';
import type { Sources } from '../sources.ts';

export interface Standing {
  readonly partition: number;
  /** Everything up to this sequence is saved. */
  readonly saved: number;
  /** Everything up to this sequence is in the warehouse, too. */
  readonly settled: number;
  /**
   * By the partition that tells: everything that it has decided up to this sequence, which ends a block, has been told
   * to this one, and what this one has posted of it is in the warehouse.
   */
  readonly heardUpTo: ReadonlyMap<number, number>;
}

/**
 * Reads where all partitions stand. What is posted later, while a system runs, lies behind that.
 */
export async function readStandings(sources: Sources): Promise<Standing[]> {
  const saved = await Promise.all(
    Array.from({ length: sources.partitions }, (_, partition) => readSaved(sources, partition)),
  );
  return Promise.all(
    saved.map(async ({ received, ...standing }) => {
      const heardUpTo = new Map<number, number>();
      // What waits in the spool is posted, but not in the warehouse.
      if (standing.settled === standing.saved)
        for (const [from, upTo] of received) {
          const heard = await heardOf(sources, standing.partition, from, upTo);
          heardUpTo.set(from, Math.min(heard, saved[from]?.settled ?? 0));
        }
      return { ...standing, heardUpTo };
    }),
  );
}

async function readSaved(sources: Sources, partition: number) {
  const { settled } = await readExtent(sources, partition);
  const found = await sources.snapshots.get(keys.cursor(partition));
  const cursor = found && (JSON.parse(Buffer.from(found.value).toString()) as Cursor);
  const received = Object.entries(cursor?.inbox?.received ?? {});
  return {
    partition,
    saved: cursor?.sequence ?? 0,
    settled: Math.min(settled, cursor?.sequence ?? 0),
    received: received.map(([from, [upTo]]) => [Number(from), upTo] as const),
  };
}

/**
 * The end of the last block of which a partition has told another all. While the messages of a block wait to be
 * sent, some of them may have come: then it is the block before.
 */
async function heardOf(
  { snapshots, warehouse }: Sources,
  to: number,
  from: number,
  upTo: number,
): Promise<number> {
  if (!(await snapshots.get(keys.messages(from, upTo)))) return upTo;
  const [before] = await warehouse.query<{ readonly sequence: string }>(
    `SELECT toString(max(source_sequence)) AS sequence FROM ledger_entries
     WHERE partition = {to:UInt16} AND source_partition = {from:UInt16} AND source_sequence < {upTo:UInt64}`,
    { to, from, upTo },
  );
  return Number(before?.sequence ?? 0);
}
