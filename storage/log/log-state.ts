/**
 * What all threads of the process know of the embedded log, in shared memory: where it ends, and which records it
 * has. The writer stores and notifies after every commit; readers wait for the next one with `Atomics.waitAsync`.
 *
 * There is one cell to wait on and not one for each partition: a commit of 12 partitions wakes a thread once.
 */
export interface LogEnd {
  /** Number of the last segment; 0 while there is none. */
  readonly segment: number;
  /** Where its last frame ends. */
  readonly offset: number;
}

const COUNTER_BYTES = 8;
const END = 0;
const OLDEST = 1;
const TAILS = 2;
const OFFSETS = 2n ** 32n;

export class LogState {
  readonly buffer: SharedArrayBuffer;
  readonly partitions: number;
  readonly #commits: Int32Array;
  readonly #cells: BigInt64Array;
  #waiting: { readonly commits: number; readonly woken: Promise<void> } | undefined;

  /** @param buffer that of another thread's state */
  constructor(partitions: number, buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(COUNTER_BYTES + 8 * (TAILS + 2 * partitions));
    this.partitions = partitions;
    this.#commits = new Int32Array(this.buffer, 0, 1);
    this.#cells = new BigInt64Array(this.buffer, COUNTER_BYTES);
  }

  /** A number that is another one after each commit. */
  get commits(): number {
    return Atomics.load(this.#commits, 0);
  }

  /**
   * Resolves when there was a commit after `commits`, or `wake` was called. Keeps no thread alive. All readers of a
   * thread share one wait: each by itself would be a task of the event loop.
   */
  committed(commits: number): Promise<void> {
    if (this.#waiting?.commits !== commits) this.#waiting = { commits, woken: this.#wait(commits) };
    return this.#waiting.woken;
  }

  async #wait(commits: number): Promise<void> {
    await Atomics.waitAsync(this.#commits, 0, commits).value;
    if (this.#waiting?.commits === commits) this.#waiting = undefined;
  }

  /** Wakes all who wait; they look, and wait again. */
  wake(): void {
    Atomics.notify(this.#commits, 0);
  }

  /** Call it after what the commit has changed was stored: whoever wakes must find it. */
  commit(): void {
    Atomics.add(this.#commits, 0, 1);
    Atomics.notify(this.#commits, 0);
  }

  get end(): LogEnd {
    const end = Atomics.load(this.#cells, END);
    return { segment: Number(end / OFFSETS), offset: Number(end % OFFSETS) };
  }

  setEnd(segment: number, offset: number): void {
    Atomics.store(this.#cells, END, BigInt(segment) * OFFSETS + BigInt(offset));
  }

  /** The first segment that holds records which are kept; those before may be gone. */
  get oldest(): number {
    return Number(Atomics.load(this.#cells, OLDEST));
  }

  setOldest(segment: number): void {
    Atomics.store(this.#cells, OLDEST, BigInt(segment));
  }

  /** The last durable sequence of a partition, 0 if there is none. */
  tail(partition: number): number {
    return Number(Atomics.load(this.#cells, TAILS + partition));
  }

  /** Store the end first: whoever sees the tail looks for its record. */
  setTail(partition: number, sequence: number): void {
    Atomics.store(this.#cells, TAILS + partition, BigInt(sequence));
  }

  tails(): Float64Array {
    return Float64Array.from({ length: this.partitions }, (_, partition) => this.tail(partition));
  }

  /** The first sequence of a partition that was not given up. */
  mark(partition: number): number {
    return Number(Atomics.load(this.#cells, TAILS + this.partitions + partition));
  }

  setMark(partition: number, sequence: number): void {
    Atomics.store(this.#cells, TAILS + this.partitions + partition, BigInt(sequence));
  }
}
