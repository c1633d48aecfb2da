/**
 * Blocks that the warehouse did not take in time. They lie durably among the snapshots, and are inserted
 * in order, with their tokens, when the warehouse is back. Decisions go on meanwhile.
 */
import { limits } from '../../limits.ts';
import type { Snapshots, SnapshotWrite } from '../../storage/snapshots/port.ts';
import type { Table, WarehouseBlock } from '../../storage/warehouse/port.ts';
import { keys } from '../keys.ts';
import type { SealedBlock } from './block.ts';
import type { Cursor } from './cursor.ts';

interface SpoolHeader {
  readonly firstSequence: number;
  readonly inserts: readonly {
    readonly table: Table;
    readonly rows: number;
    readonly token: string;
    readonly bytes: number;
  }[];
}

/** What the spool knows of a block in it. */
interface SpooledBlock {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly bytes: number;
}

export class Spool {
  readonly #partition: number;
  readonly #snapshots: Snapshots;
  /** Oldest first. */
  readonly #blocks: SpooledBlock[] = [];
  #bytes = 0;

  private constructor(partition: number, snapshots: Snapshots) {
    this.#partition = partition;
    this.#snapshots = snapshots;
  }

  /**
   * The spool as the last owner left it. What an earlier owner has put there afterwards is removed: it has
   * been inserted long since. Blocks behind the cursor are left until they are formed again: see `adopt`.
   */
  static async open(partition: number, snapshots: Snapshots, cursor: Cursor): Promise<Spool> {
    const spool = new Spool(partition, snapshots);
    const prefix = keys.spoolPrefix(partition);
    const leftOver: SnapshotWrite[] = [];
    for await (const { key, value } of snapshots.list(prefix)) {
      const lastSequence = Number(key.slice(prefix.length));
      if (lastSequence > cursor.sequence) break;
      if (lastSequence >= (cursor.spooledFrom ?? Number.POSITIVE_INFINITY)) spool.#note(lastSequence, value);
      else leftOver.push({ key, value: undefined });
    }
    if (leftOver.length > 0) await snapshots.commit(leftOver);
    return spool;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Everything before this sequence has left the spool; `Infinity` if it is empty. */
  get pendingFrom(): number {
    return this.#blocks[0]?.firstSequence ?? Number.POSITIVE_INFINITY;
  }

  /** Last sequence of the oldest block, if there is one. */
  get oldestSequence(): number | undefined {
    return this.#blocks[0]?.lastSequence;
  }

  hasRoomFor(inserts: readonly WarehouseBlock[]): boolean {
    return this.isEmpty || this.#bytes + sizeOf(inserts) <= limits.spoolBytes;
  }

  /** The write that spools a block; it becomes part of the block's own commit. */
  write({ firstSequence, lastSequence, inserts }: SealedBlock): SnapshotWrite {
    const value = encode(firstSequence, inserts);
    this.#note(lastSequence, value);
    return { key: keys.spooledBlock(this.#partition, lastSequence), value };
  }

  /** Takes a block over that an earlier owner has put here, if it has, in a commit that stopped half-way. */
  async adopt({ lastSequence }: SealedBlock): Promise<void> {
    const found = await this.#snapshots.get(keys.spooledBlock(this.#partition, lastSequence));
    if (found) this.#note(lastSequence, found.value);
  }

  /** The inserts of the oldest block. */
  async oldest(): Promise<WarehouseBlock[]> {
    const block = this.#blocks[0];
    if (!block) return [];
    const snapshot = await this.#snapshots.get(keys.spooledBlock(this.#partition, block.lastSequence));
    return snapshot ? decode(snapshot.value).inserts : [];
  }

  /** Forgets the oldest block: it has been inserted. */
  async dropOldest(): Promise<void> {
    const block = this.#blocks[0];
    if (!block) return;
    await this.#snapshots.commit([
      { key: keys.spooledBlock(this.#partition, block.lastSequence), value: undefined },
    ]);
    this.#blocks.shift();
    this.#bytes -= block.bytes;
  }

  #note(lastSequence: number, value: Uint8Array): void {
    const bytes = value.byteLength;
    this.#blocks.push({ firstSequence: decode(value).firstSequence, lastSequence, bytes });
    this.#bytes += bytes;
  }
}

function sizeOf(inserts: readonly WarehouseBlock[]): number {
  return inserts.reduce((sum, insert) => sum + insert.data.byteLength, 0);
}

/** A line of JSON that says what follows, then the bytes of each insert. */
function encode(firstSequence: number, inserts: readonly WarehouseBlock[]): Uint8Array {
  const header: SpoolHeader = {
    firstSequence,
    inserts: inserts.map(({ table, rows, token, data }) => ({ table, rows, token, bytes: data.byteLength })),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...inserts.map(({ data }) => data)]);
}

function decode(value: Uint8Array): { firstSequence: number; inserts: WarehouseBlock[] } {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const end = bytes.indexOf(10);
  const { firstSequence, inserts } = JSON.parse(bytes.toString('utf8', 0, end)) as SpoolHeader;
  let at = end + 1;
  return {
    firstSequence,
    inserts: inserts.map(({ table, rows, token, bytes: length }) => {
      const data = bytes.subarray(at, at + length);
      at += length;
      return { table, rows, token, data };
    }),
  };
}
