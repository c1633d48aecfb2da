/**
 * The one who appends to the embedded log: group commit. While a commit is under way what is appended waits, and
 * the next commit takes all of it, whichever partition it is for. So sequences are given out for one commit at a
 * time: a commit that fails takes its sequences back, and readers never meet a gap.
 */
import { limits } from '../../limits.ts';
import { type Append, CommitBuffer } from './commit-buffer.ts';
import type { LogState } from './log-state.ts';
import type { RecordIds } from './record-ids.ts';
import { logBehind, logClosed } from './segment-failures.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** Far longer than any that is used. */
const RECORD_ID_LENGTH = 256;
/** Buffers kept for use again, and the memory of each, at most. */
const SPARE_BUFFERS = 2;
const SPARE_BYTES = 4 * 1024 * 1024;

export interface AppenderOptions {
  readonly writer: SegmentWriter;
  readonly ids: RecordIds;
  readonly state: LogState;
  readonly now: () => number;
}

export class SegmentAppender {
  readonly #options: AppenderOptions;
  /** Appends that are waiting or being committed, by key. */
  readonly #pending = new Map<string, Promise<number>>();
  /** What waits, in commits. */
  readonly #waiting: CommitBuffer[] = [];
  readonly #spare: CommitBuffer[] = [];
  #bytesWaiting = 0;
  /** Resolves when nothing is waiting any more; `undefined` when nothing is. */
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    if (recordId.length === 0 || recordId.length > RECORD_ID_LENGTH)
      throw new Error(`a record id of ${recordId.length} characters`);
    const key = `${partition}/${recordId}`;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    if (this.#closed) return Promise.reject(logClosed());
    const known = this.#options.ids.get(partition, recordId);
    if (known !== undefined) return Promise.resolve(known);
    if (this.#bytesWaiting + data.byteLength > limits.logBytesWaiting) return Promise.reject(logBehind());

    const buffer = this.#open();
    const before = buffer.bytes;
    const appended = buffer.add(partition, recordId, key, data);
    this.#bytesWaiting += buffer.bytes - before;
    this.#pending.set(key, appended);
    this.#running ??= this.#run();
    return appended;
  }

  /** Takes no more, and resolves when what was taken is committed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /** The commit that takes what comes now. */
  #open(): CommitBuffer {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.bytes < limits.logCommitBytes) return last;
    const next = this.#spare.pop() ?? new CommitBuffer();
    this.#waiting.push(next);
    return next;
  }

  async #run(): Promise<void> {
    // The rest of the event turn: appends to other partitions join the commit.
    await new Promise(setImmediate);
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#commit(next);
    this.#running = undefined;
  }

  async #commit(buffer: CommitBuffer): Promise<void> {
    const { appends, bytes } = buffer;
    try {
      await this.#store(appends, buffer.data);
      for (const { sequence, resolve } of appends) resolve(sequence);
    } catch (error) {
      for (const { reject } of appends) reject(error);
    } finally {
      for (const { key } of appends) this.#pending.delete(key);
      this.#bytesWaiting -= bytes;
      buffer.clear();
      if (this.#spare.length < SPARE_BUFFERS && buffer.capacity <= SPARE_BYTES) this.#spare.push(buffer);
    }
  }

  async #store(appends: readonly Append[], data: Buffer): Promise<void> {
    const { writer, ids, state, now } = this.#options;
    const next = new Map<number, number>();
    for (const append of appends) {
      append.sequence = (next.get(append.partition) ?? state.tail(append.partition)) + 1;
      next.set(append.partition, append.sequence);
    }
    // The log's time stands still while the clock is behind it.
    const time = Math.max(now(), writer.time);
    const { segment, offset } = await writer.write(appends, data, time);
    ids.add(appends, segment, offset, time);
    state.setEnd(segment, writer.offset);
    for (const [partition, sequence] of next) state.setTail(partition, sequence);
    state.commit();
  }
}
