/**
 * An outbox of a partition: what saved blocks have left to be done outside, a document for each block. It is saved
 * in the commit of its block, done afterwards, block after block, and forgotten then. A crash in between does it
 * again: whoever it is done to knows it again.
 *
 * The next block is not begun before the one at hand is known to be done, whatever owners do meanwhile: one that
 * was paused for long may do over again what others have done long since, but never something for the first time
 * that others have not come to.
 */
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { OutgoingStatistics } from '../../model/outbox.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';

const RETRY_MS = 1_000;

/** What lies in the document of a block. */
export interface OutgoingItems {
  readonly count: number;
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
}

export interface OutboxOptions {
  readonly snapshots: Pick<Snapshots, 'get' | 'list' | 'commit'>;
  readonly clock: Clock;
  /** Begins the keys of the documents; the last sequence of the block follows. */
  readonly prefix: string;
  readonly keyOf: (lastSequence: number) => string;
  readonly itemsIn: (document: Uint8Array) => OutgoingItems;
  /**
   * Does what a document asks for, and resolves when all of it is known to be done. It may be called again with the
   * same document.
   *
   * @throws TurnpikeError one that helps to be repeated, if some of it is not done, or not known to be
   */
  readonly deliver: (document: Uint8Array, lastSequence: number) => Promise<void>;
  /** Called once if delivering has become impossible. */
  readonly failed: (error: unknown) => void;
}

interface Waiting extends OutgoingItems {
  readonly lastSequence: number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  /** Blocks whose documents wait, the oldest first. */
  readonly #waiting: Waiting[];
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #delivered = 0;
  #failures = 0;

  private constructor(options: OutboxOptions, waiting: Waiting[]) {
    this.#options = options;
    this.#waiting = waiting;
    this.#run();
  }

  /**
   * The outbox as the last owner left it. What lies behind the cursor belongs to a block yet to be formed.
   *
   * @param savedSequence where the cursor stands
   */
  static async open(options: OutboxOptions, savedSequence: number): Promise<Outbox> {
    const { prefix, snapshots, itemsIn } = options;
    const waiting: Waiting[] = [];
    for await (const { key, value } of snapshots.list(prefix)) {
      const lastSequence = Number(key.slice(prefix.length));
      if (lastSequence <= savedSequence) waiting.push({ lastSequence, ...itemsIn(value) });
    }
    return new Outbox(options, waiting);
  }

  get statistics(): OutgoingStatistics {
    const [oldest] = this.#waiting;
    return {
      pending: this.#waiting.reduce((sum, { count }) => sum + count, 0),
      delivered: this.#delivered,
      failures: this.#failures,
      ...(oldest && { oldestAt: oldest.time }),
    };
  }

  /**
   * Delivers what the saved block that ends with this sequence has left, if there is anything.
   *
   * @param items what there is; 0 if only an earlier owner knows
   */
  add(lastSequence: number, items: OutgoingItems): void {
    this.#waiting.push({ lastSequence, ...items });
    this.#run();
  }

  /** Ends with what is under way. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  #run(): void {
    if (this.#running || this.#waiting.length === 0 || this.#abort.signal.aborted) return;
    this.#running = this.#work()
      .catch((error: unknown) => {
        this.#abort.abort();
        this.#options.failed(error);
      })
      .finally(() => {
        this.#running = undefined;
        // What was added when the work had just come to its end.
        this.#run();
      });
  }

  async #work(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      if (await this.#deliver(next.lastSequence)) this.#waiting.shift();
      else await clock.sleep(RETRY_MS, signal);
    }
  }

  /** Whether it is done and forgotten; `false`: not now. */
  async #deliver(lastSequence: number): Promise<boolean> {
    const { snapshots, keyOf, itemsIn, deliver } = this.#options;
    const key = keyOf(lastSequence);
    try {
      const found = await snapshots.get(key);
      // Another owner has done it.
      if (!found) return true;
      await deliver(found.value, lastSequence);
      await snapshots.commit([{ key, value: undefined }]);
      this.#delivered += itemsIn(found.value).count;
      return true;
    } catch (error) {
      if (!(error instanceof TurnpikeError && error.retryable)) throw error;
      this.#failures++;
      return false;
    }
  }
}
