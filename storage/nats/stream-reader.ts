/** Reading a stream: one delivery after the other, so that outages are gaps in time only. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Msg } from '@nats-io/transport-node';
import { Delivery, PULL_BYTES, PULL_MESSAGES } from './delivery.ts';
import type { DeliveryFacts } from './delivery-facts.ts';
import { fateOf, natsFailure } from './failures.ts';
import type { NatsLink } from './link.ts';

/** Bounds of one batch. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_MESSAGES = 256;
/** More is asked for when less than this waits for the consumer. */
const LOW_BYTES = PULL_BYTES / 2;
const LOW_MESSAGES = PULL_MESSAGES / 2;
/** Pauses between deliveries; they grow while none brings a message. */
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

export interface StreamReaderOptions<T> {
  readonly stream: string;
  readonly fromSequence: number;
  /** What a batch holds of a message. It copies the data, see `DeliveryEvents`. */
  readonly read: (facts: DeliveryFacts, message: Msg) => T;
  readonly onClose?: (reader: StreamReader<T>) => void;
}

interface Arrived<T> {
  readonly value: T;
  readonly bytes: number;
}

export class StreamReader<T> implements AsyncIterable<readonly T[]> {
  readonly #link: NatsLink;
  readonly #options: StreamReaderOptions<T>;
  /** What waits for the consumer. */
  readonly #arrived: Arrived<T>[] = [];
  readonly #pausing = new AbortController();
  #bytes = 0;
  /** The sequence that the next message has at least. */
  #next: number;
  #delivery: Delivery | undefined;
  #failure: Error | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(link: NatsLink, options: StreamReaderOptions<T>) {
    this.#link = link;
    this.#options = options;
    this.#next = Math.max(1, options.fromSequence);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly T[]> {
    void this.#receive();
    try {
      while (!this.#closed) {
        const batch = this.#take();
        if (batch.length > 0) yield batch;
        else if (this.#failure) throw this.#failure;
        else await this.#arrival();
      }
    } finally {
      this.close();
    }
  }

  /** Ends the iteration. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#delivery?.stop();
    this.#pausing.abort();
    this.#wake();
    this.#options.onClose?.(this);
  }

  /** Keeps a delivery going until the reader is closed or reading has become impossible. */
  async #receive(): Promise<void> {
    const { stream } = this.#options;
    let pauseMs = SHORTEST_PAUSE_MS;
    while (!this.#closed && !this.#failure) {
      const before = this.#next;
      try {
        if (await this.#link.connected(LONGEST_PAUSE_MS)) await this.#deliver();
      } catch (error) {
        // Whatever else it is, an outage most of all, passes.
        if (fateOf(error) === 'refused')
          this.#failure = natsFailure('unavailable', `the stream ${stream} cannot be read`, error);
      }
      pauseMs = this.#next > before ? SHORTEST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      if (!this.#failure) await this.#pause(pauseMs);
    }
    this.#wake();
  }

  /** Resolves when a delivery has come and gone. */
  async #deliver(): Promise<void> {
    this.#delivery = await Delivery.start(this.#link, this.#options.stream, this.#next, {
      message: (facts, message) => this.#put(facts, message),
      pulled: () => this.#refill(),
    });
    if (this.#closed) this.#delivery.stop();
    this.#refill();
    this.#failure = await this.#delivery.ended;
  }

  #put(facts: DeliveryFacts, message: Msg): void {
    // A delivery that begins behind the last message begins with that message.
    if (facts.sequence < this.#next) return;
    this.#next = facts.sequence + 1;
    const bytes = message.data.byteLength;
    this.#arrived.push({ value: this.#options.read(facts, message), bytes });
    this.#bytes += bytes;
    this.#wake();
  }

  /** What has arrived, within the bounds of a batch. */
  #take(): T[] {
    let count = 0;
    let total = 0;
    for (const { bytes } of this.#arrived) {
      if (count === BATCH_MESSAGES || (count > 0 && total + bytes > BATCH_BYTES)) break;
      count++;
      total += bytes;
    }
    const batch = this.#arrived.splice(0, count);
    this.#bytes -= total;
    this.#refill();
    return batch.map(({ value }) => value);
  }

  #refill(): void {
    if (this.#bytes < LOW_BYTES && this.#arrived.length < LOW_MESSAGES) this.#delivery?.pull();
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#pausing;
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
