/**
 * Writes the sealed blocks of a partition, one after the other:
 *
 *     decided events → aggregates → domain events → pages, outbox and states of the actors → cursor
 *
 * Each step may be repeated without harm, so a crash between any two is one that the next owner mends by
 * forming the same block again. The cursor is changed by compare-and-set: an owner that has lost the
 * partition while it slept cannot move it.
 */
import { limits } from '../limits.ts';
import type { Clock } from '../model/clock.ts';
import { TurnpikeError } from '../model/errors.ts';
import type { Snapshots, SnapshotWrite } from '../storage/snapshots/port.ts';
import type { Warehouse, WarehouseBlock } from '../storage/warehouse/port.ts';
import type { SealedBlock } from './block.ts';
import type { CursorStore, Position } from './cursor.ts';
import type { Spool } from './spool.ts';
import type { DocumentWrite } from './stored.ts';

const RETRY_MS = 250;
/**
 * An owner that has not saved anything for this long may have slept, and the warehouse does not know its
 * tokens for ever: it looks whether it is still the owner before it inserts.
 */
const PROOF_MS = 10_000;

export interface BlockWriterOptions {
  readonly snapshots: Snapshots;
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly cursor: CursorStore;
  readonly spool: Spool;
  readonly clock: Clock;
  /** Called when a block is saved. */
  readonly saved: (block: SealedBlock) => void;
  /** Called after each step forward. */
  readonly progressed: () => void;
  /** Called once if writing has become impossible: the partition is lost, or the store is broken. */
  readonly failed: (error: unknown) => void;
}

interface Queued {
  readonly block: SealedBlock;
  readonly cursor: Position;
}

export class BlockWriter {
  readonly #options: BlockWriterOptions;
  readonly #queue: Queued[] = [];
  readonly #abort = new AbortController();
  #room: (() => void)[] = [];
  #running: Promise<void> | undefined;
  #committed: number;
  /** When it was last sure to be the owner. */
  #provenAt: number;
  #stopped = false;

  constructor(options: BlockWriterOptions) {
    this.#options = options;
    this.#committed = options.cursor.saved.sequence;
    this.#provenAt = options.clock.now();
    this.#run();
  }

  /** Last sequence whose effects are saved. */
  get committedSequence(): number {
    return this.#committed;
  }

  /** Last sequence whose rows are in the warehouse. */
  get insertedSequence(): number {
    return Math.min(this.#committed, this.#options.spool.pendingFrom - 1);
  }

  /** Whether all blocks are saved and inserted. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#options.spool.isEmpty;
  }

  /** Takes a block; resolves when there is room for the next. */
  async put(block: SealedBlock, cursor: Position): Promise<void> {
    this.#queue.push({ block, cursor });
    this.#run();
    while (this.#queue.length >= limits.sealedBlocks && !this.#stopped)
      await new Promise<void>((resolve) => this.#room.push(resolve));
  }

  /** Writes what is queued if the warehouse lets it, then ends. Nothing is lost: the log has it all. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    this.#wake();
    await this.#running;
  }

  #run(): void {
    if (this.#running || (this.#queue.length === 0 && this.#options.spool.isEmpty)) return;
    this.#running = this.#work()
      .catch((error: unknown) => {
        this.#stopped = true;
        this.#wake();
        this.#options.failed(error);
      })
      .finally(() => {
        this.#running = undefined;
        if (!this.#stopped) this.#run();
      });
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const next = this.#queue[0];
      if (next) {
        if (!(await this.#write(next))) return;
        this.#queue.shift();
        this.#wake();
        this.#options.progressed();
      } else if (!this.#options.spool.isEmpty) await this.#drainOne(true);
      else return;
    }
  }

  /** Writes a block; `false` if the writer was stopped before it could. */
  async #write({ block, cursor }: Queued): Promise<boolean> {
    const { spool } = this.#options;
    const writes: SnapshotWrite[] = [];
    if (block.wasInserted) await spool.adopt(block);
    if (block.inserts.length > 0 && !(spool.isEmpty && (await this.#insert(block.inserts)))) {
      while (!this.#stopped && !spool.hasRoomFor(block.inserts)) await this.#drainOne(true);
      if (this.#stopped) return false;
      writes.push(spool.write(block));
    }
    await this.#commit(block, cursor, writes);
    this.#committed = block.lastSequence;
    this.#options.saved(block);
    if (!spool.isEmpty) await this.#drainOne(false);
    return true;
  }

  async #commit(block: SealedBlock, position: Position, spooled: readonly SnapshotWrite[]): Promise<void> {
    const { snapshots, spool, clock, cursor: store } = this.#options;
    const cursor = { ...position, spooledFrom: spool.oldestSequence };
    const documents: DocumentWrite[] = [];
    for (const document of [...spooled, ...block.documents, ...block.summaries])
      if (await this.#isToBeWritten(document)) documents.push(document);
    for (const { cell, key, value } of block.cells) documents.push({ key, value, stored: cell });
    const writes: SnapshotWrite[] = documents.map(({ key, value, stored }) =>
      stored?.revision === undefined ? { key, value } : { key, value, expected: stored.revision },
    );
    writes.push(store.write(cursor));
    const revisions = await snapshots.commit(writes);
    documents.forEach(({ stored }, index) => {
      if (stored) stored.revision = revisions[index] as number;
    });
    for (const { cell } of block.cells) cell.pins--;
    store.written(cursor, revisions[revisions.length - 1] as number);
    this.#provenAt = clock.now();
  }

  /** Looks up the document if need be; `false` if what is there is newer. */
  async #isToBeWritten({ key, stored, isOlderThan }: DocumentWrite): Promise<boolean> {
    if (!stored || stored.revision !== undefined) return true;
    const found = await this.#options.snapshots.get(key);
    stored.revision = found?.revision ?? 0;
    return !(found && isOlderThan?.(found.value));
  }

  /** Inserts; `false` if the warehouse does not take it within `limits.warehouseMs`. */
  async #insert(inserts: readonly WarehouseBlock[]): Promise<boolean> {
    const { clock } = this.#options;
    const deadline = clock.now() + limits.warehouseMs;
    for (const insert of inserts) {
      while (!(await this.#tryInsert(insert))) {
        if (this.#stopped || clock.now() + RETRY_MS > deadline) return false;
        await this.#pause();
      }
    }
    return true;
  }

  async #tryInsert(insert: WarehouseBlock): Promise<boolean> {
    const { clock, cursor, snapshots, warehouse } = this.#options;
    if (clock.now() - this.#provenAt > PROOF_MS) {
      await cursor.confirm(snapshots);
      this.#provenAt = clock.now();
    }
    try {
      await warehouse.insert(insert);
      return true;
    } catch (error) {
      if (error instanceof TurnpikeError && error.retryable) return false;
      throw error;
    }
  }

  /** Inserts the oldest spooled block; where the warehouse refuses, waits a little if `patient`. */
  async #drainOne(patient: boolean): Promise<void> {
    const { spool } = this.#options;
    for (const insert of await spool.oldest()) {
      if (await this.#tryInsert(insert)) continue;
      if (patient) await this.#pause();
      return;
    }
    await spool.dropOldest();
    this.#options.progressed();
  }

  async #pause(): Promise<void> {
    await this.#options.clock.sleep(RETRY_MS, this.#abort.signal);
  }

  #wake(): void {
    const room = this.#room;
    this.#room = [];
    for (const resolve of room) resolve();
  }
}
