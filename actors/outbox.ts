/**
 * The outbox of a partition: domain events of saved blocks that are still to be published. They are saved
 * in the commit of their block, published afterwards, in order, and forgotten then. A crash in between
 * publishes them again, under the same ids.
 */
import type { Clock } from '../model/clock.ts';
import { type CloudEvent, cloudEventOf, type DomainEvent } from '../model/domain-event.ts';
import { TurnpikeError } from '../model/errors.ts';
import type { EventBus } from '../storage/events/port.ts';
import type { Snapshots } from '../storage/snapshots/port.ts';
import type { Cursor } from './cursor.ts';
import { keys } from './keys.ts';

const RETRY_MS = 1_000;

export interface OutboxOptions {
  readonly partition: number;
  readonly snapshots: Snapshots;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly clock: Clock;
  /** Called once if publishing has become impossible. */
  readonly failed: (error: unknown) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  /** Last sequences of the blocks whose events wait, the oldest first. */
  readonly #waiting: number[];
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;

  private constructor(options: OutboxOptions, waiting: number[]) {
    this.#options = options;
    this.#waiting = waiting;
    this.#run();
  }

  /** The outbox as the last owner left it. What lies behind the cursor belongs to a block yet to be formed. */
  static async open(options: OutboxOptions, cursor: Cursor): Promise<Outbox> {
    const prefix = keys.outboxPrefix(options.partition);
    const waiting: number[] = [];
    for await (const { key } of options.snapshots.list(prefix)) {
      const lastSequence = Number(key.slice(prefix.length));
      if (lastSequence <= cursor.sequence) waiting.push(lastSequence);
    }
    return new Outbox(options, waiting);
  }

  /** Blocks whose events wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Publishes what the saved block that ends with this sequence has put into the outbox. */
  add(lastSequence: number): void {
    this.#waiting.push(lastSequence);
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
      .catch((error: unknown) => this.#options.failed(error))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #work(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const lastSequence = this.#waiting[0];
      if (lastSequence === undefined) return;
      if (await this.#publish(lastSequence)) this.#waiting.shift();
      else await clock.sleep(RETRY_MS, signal);
    }
  }

  /** Whether the events are published and forgotten; `false`: not now. */
  async #publish(lastSequence: number): Promise<boolean> {
    const { partition, snapshots, bus } = this.#options;
    const key = keys.outbox(partition, lastSequence);
    try {
      const found = await snapshots.get(key);
      if (!found) return true;
      await bus.publish(decodeOutbox(found.value));
      await snapshots.commit([{ key, value: undefined }]);
      return true;
    } catch (error) {
      if (error instanceof TurnpikeError && error.retryable) return false;
      throw error;
    }
  }
}

/** Domain events as they lie in the outbox: as they are published. */
export function encodeOutbox(events: readonly DomainEvent[]): Uint8Array {
  return Buffer.from(JSON.stringify(events.map(cloudEventOf)));
}

function decodeOutbox(value: Uint8Array): CloudEvent[] {
  return JSON.parse(Buffer.from(value).toString()) as CloudEvent[];
}
