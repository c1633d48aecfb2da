/**
 * Blocks that the warehouse did not take in time. They lie durably among the snapshots, and are inserted
 * in order, with their tokens, when the warehouse is back. Decisions go on meanwhile.
 */
import { limits } from '../limits.ts';
import type { Snapshots, SnapshotWrite } from '../storage/snapshots/port.ts';
import type { Table, WarehouseBlock } from '../storage/warehouse/port.ts';
import { keys } from './keys.ts';

interface SpoolHeader {
  readonly table: Table;
  readonly rows: number;
  readonly token: string;
  readonly bytes: number;
}

export class Spool {
  readonly #partition: number;
  readonly #snapshots: Snapshots;
  /** Last sequence and size of each spooled block, oldest first. */
  readonly #blocks: { readonly lastSequence: number; readonly bytes: number }[] = [];
  #bytes = 0;

  private constructor(partition: number, snapshots: Snapshots) {
    this.#partition = partition;
    this.#snapshots = snapshots;
  }

  /** The spool as an earlier owner left it. */
  static async open(partition: number, snapshots: Snapshots): Promise<Spool> {
    const spool = new Spool(partition, snapshots);
    for await (const { key, value } of snapshots.list(keys.spoolPrefix(partition)))
      spool.#note(Number(key.slice(keys.spoolPrefix(partition).length)), value.byteLength);
    return spool;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Everything up to this sequence has left the spool; `Infinity` if it is empty. */
  get insertedBefore(): number {
    return this.#blocks[0]?.lastSequence ?? Number.POSITIVE_INFINITY;
  }

  hasRoomFor(inserts: readonly WarehouseBlock[]): boolean {
    return this.isEmpty || this.#bytes + sizeOf(inserts) <= limits.spoolBytes;
  }

  /** The write that spools a block; it becomes part of the block's own commit. */
  write(lastSequence: number, inserts: readonly WarehouseBlock[]): SnapshotWrite {
    const value = encode(inserts);
    this.#note(lastSequence, value.byteLength);
    return { key: keys.spooledBlock(this.#partition, lastSequence), value };
  }

  /** The inserts of the oldest block. */
  async oldest(): Promise<WarehouseBlock[]> {
    const block = this.#blocks[0];
    if (!block) return [];
    const snapshot = await this.#snapshots.get(keys.spooledBlock(this.#partition, block.lastSequence));
    return snapshot ? decode(snapshot.value) : [];
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

  #note(lastSequence: number, bytes: number): void {
    this.#blocks.push({ lastSequence, bytes });
    this.#bytes += bytes;
  }
}

function sizeOf(inserts: readonly WarehouseBlock[]): number {
  return inserts.reduce((sum, insert) => sum + insert.data.byteLength, 0);
}

/** A line of JSON that says what follows, then the bytes of each insert. */
function encode(inserts: readonly WarehouseBlock[]): Uint8Array {
  const headers: SpoolHeader[] = inserts.map(({ table, rows, token, data }) => ({
    table,
    rows,
    token,
    bytes: data.byteLength,
  }));
  return Buffer.concat([Buffer.from(`${JSON.stringify(headers)}\n`), ...inserts.map(({ data }) => data)]);
}

function decode(value: Uint8Array): WarehouseBlock[] {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const end = bytes.indexOf(10);
  const headers = JSON.parse(bytes.toString('utf8', 0, end)) as SpoolHeader[];
  let at = end + 1;
  return headers.map(({ table, rows, token, bytes: length }) => {
    const data = bytes.subarray(at, at + length);
    at += length;
    return { table, rows, token, data };
  });
}
