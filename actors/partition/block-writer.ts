/**
 * Writes the sealed blocks of a partition, one after the other:
 *
 *     credits → decided events → aggregates → ledger entries → domain events
 *       → pages, outbox and states of the actors → cursor
 *
 * Each step may be repeated without harm, so a crash between any two is one that the next owner mends by
 * forming the same block again. The cursor is changed by compare-and-set: an owner that has lost the
 * partition while it slept cannot move it.
 */
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { Snapshots, SnapshotWrite } from '../../storage/snapshots/port.ts';
import type { Warehouse, WarehouseBlock } from '../../storage/warehouse/port.ts';
import type { DocumentWrite } from '../stored.ts';
import type { SealedBlock } from './block.ts';
import type { CursorStore, Position } from './cursor.ts';
import type { Spool } from './spool.ts';

const RETRY_MS = 250;
/**
 * An owner that has not saved anything for this long may have slept, and the warehouse does not know its
 * tokens for ever: it looks whether it is still the owner before it inserts.
 */
const PROOF_MS = 10_000;
/** How long a spooled block may take, which nobody waits for: as long as the warehouse itself lets it. */
const DRAIN_MS = 2 * limits.warehouseMs;

export interface BlockWriterOptions {
  readonly partition: number;
  readonly snapshots: Snapshots;
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly cursor: CursorStore;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly logger: Logger;
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
  #draining: Promise<void> | undefined;
  #committed: number;
  /** When it was last sure to be the owner. */
  #provenAt: number;
  #stopped = false;

  constructor(options: BlockWriterOptions) {
    this.#options = options;
    this.#committed = options.cursor.saved.sequence;
    this.#provenAt = options.clock.now();
    this.#drain();
  }

  /** Last sequence whose effects are saved. */
  get committedSequence(): number {
    return this.#committed;
  }

  /** Last sequence whose rows are in the warehouse. */
  get insertedSequence(): number {
    return Math.min(this.#committed, this.#options.spool.pendingFrom - 1);
  }

  /** Whether all blocks are saved. */
  get isQueueEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Whether all blocks are saved and inserted. */
  get isIdle(): boolean {
    return this.isQueueEmpty && this.#options.spool.isEmpty;
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
    await Promise.all([this.#running, this.#draining]);
  }

  #run(): void {
    if (this.#running || this.#queue.length === 0) return;
    this.#running = this.#work()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#running = undefined;
        if (!this.#stopped) this.#run();
      });
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#abort.abort();
    this.#wake();
    this.#options.failed(error);
  }

  async #work(): Promise<void> {
    for (let next = this.#queue[0]; next && !this.#stopped; next = this.#queue[0]) {
      if (!(await this.#write(next))) return;
      this.#queue.shift();
      this.#wake();
      this.#options.progressed();
    }
  }

  /** Writes a block; `false` if the writer was stopped before it could. */
  async #write({ block, cursor }: Queued): Promise<boolean> {
    const { spool, logger, partition } = this.#options;
    const writes: SnapshotWrite[] = [];
    if (block.wasInserted) await spool.adopt(block);
    if (block.inserts.length > 0 && !(spool.isEmpty && (await this.#insert(block.inserts)))) {
      while (!this.#stopped && !spool.hasRoomFor(block.inserts)) await this.#pause();
      if (this.#stopped) return false;
      if (spool.isEmpty) logger.warn({ partition }, 'the warehouse does not take blocks: they are spooled');
      writes.push(spool.write(block));
    }
    await this.#commit(block, cursor, writes);
    this.#committed = block.lastSequence;
    this.#options.saved(block);
    this.#drain();
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
      while (!(await this.#tryInsert(insert, deadline - clock.now()))) {
        if (this.#stopped || clock.now() + RETRY_MS > deadline) return false;
        await this.#pause();
      }
    }
    return true;
  }

  /**
   * Inserts; `false` if the warehouse refuses, or has not answered before it is given up. One that is given up
   * may succeed all the same, which its token makes harmless; one that fails by a bug fails again when it is
   * repeated.
   *
   * @param withinMs milliseconds to wait
   * @param stop ends the wait too
   */
  async #tryInsert(insert: WarehouseBlock, withinMs: number, stop?: AbortSignal): Promise<boolean> {
    const { clock, cursor, snapshots, warehouse } = this.#options;
    if (clock.now() - this.#provenAt > PROOF_MS) {
      await cursor.confirm(snapshots);
      this.#provenAt = clock.now();
    }
    const taken = warehouse.insert(insert).then(
      () => true,
      (error: unknown) => {
        if (error instanceof TurnpikeError && error.retryable) return false;
        throw error;
      },
    );
    taken.catch(() => undefined);
    const waiting = new AbortController();
    const endWait = (): void => waiting.abort();
    stop?.addEventListener('abort', endWait);
    if (stop?.aborted) endWait();
    const givenUp = clock.sleep(withinMs, waiting.signal).then(() => false);
    try {
      return await Promise.race([taken, givenUp]);
    } finally {
      endWait();
      stop?.removeEventListener('abort', endWait);
    }
  }

  /**
   * Sends what is in the spool, beside what is being written: a warehouse that takes long, or hangs, holds up
   * no decision.
   */
  #drain(): void {
    if (this.#draining || !this.#maySend) return;
    this.#draining = this.#drainAll()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#draining = undefined;
        this.#drain();
      });
  }

  /** Whether the spool has a block that is saved: one that is about to be must not be taken for gone. */
  get #maySend(): boolean {
    const { oldestSequence } = this.#options.spool;
    return !this.#stopped && oldestSequence !== undefined && oldestSequence <= this.#committed;
  }

  async #drainAll(): Promise<void> {
    while (this.#maySend) {
      if (await this.#insertOldest()) this.#options.progressed();
      else await this.#pause();
    }
  }

  /** Inserts the oldest block of the spool and drops it there; `false` if the warehouse does not take it. */
  async #insertOldest(): Promise<boolean> {
    const { spool } = this.#options;
    for (const insert of await spool.oldest())
      if (!(await this.#tryInsert(insert, DRAIN_MS, this.#abort.signal))) return false;
    await spool.dropOldest();
    const { logger, partition } = this.#options;
    if (spool.isEmpty) logger.info({ partition }, 'the warehouse has all spooled blocks');
    return true;
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
