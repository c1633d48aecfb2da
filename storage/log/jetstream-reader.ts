/** Reading the distributed log: one delivery after the other, so that outages are gaps in time only. */
import { setTimeout as delay } from 'node:timers/promises';
import { fateOf, natsFailure } from '../nats/failures.ts';
import type { NatsLink } from '../nats/link.ts';
import { Delivery, PULL_BYTES, PULL_RECORDS } from './jetstream-delivery.ts';
import type { LogReader, LogRecord } from './port.ts';

/** Bounds of one batch. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_RECORDS = 256;
/** More is asked for when less than this waits for the consumer. */
const LOW_BYTES = PULL_BYTES / 2;
const LOW_RECORDS = PULL_RECORDS / 2;
/** Pauses between deliveries; they grow while none brings a record. */
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

export class JetStreamReader implements LogReader {
  readonly #link: NatsLink;
  readonly #stream: string;
  readonly #onClose: (reader: JetStreamReader) => void;
  /** Records that wait for the consumer. */
  readonly #arrived: LogRecord[] = [];
  readonly #pausing = new AbortController();
  #bytes = 0;
  /** The sequence that the next record has at least. */
  #next: number;
  /** Servers' clocks may step back, or differ when another one leads: the time of a reader never does. */
  #time = 0;
  #delivery: Delivery | undefined;
  #failure: Error | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(
    link: NatsLink,
    stream: string,
    fromSequence: number,
    onClose: (reader: JetStreamReader) => void,
  ) {
    this.#link = link;
    this.#stream = stream;
    this.#next = Math.max(1, fromSequence);
    this.#onClose = onClose;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly LogRecord[]> {
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

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#delivery?.stop();
    this.#pausing.abort();
    this.#wake();
    this.#onClose(this);
  }

  /** Keeps a delivery going until the reader is closed or reading has become impossible. */
  async #receive(): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS;
    while (!this.#closed && !this.#failure) {
      const before = this.#next;
      try {
        if (await this.#link.connected(LONGEST_PAUSE_MS)) await this.#deliver();
      } catch (error) {
        // Whatever else it is, an outage most of all, passes.
        if (fateOf(error) === 'refused')
          this.#failure = natsFailure('unavailable', `the stream ${this.#stream} cannot be read`, error);
      }
      pauseMs = this.#next > before ? SHORTEST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      if (!this.#failure) await this.#pause(pauseMs);
    }
    this.#wake();
  }

  /** Resolves when a delivery has come and gone. */
  async #deliver(): Promise<void> {
    this.#delivery = await Delivery.start(this.#link, this.#stream, this.#next, {
      record: (record) => this.#put(record),
      pulled: () => this.#refill(),
    });
    if (this.#closed) this.#delivery.stop();
    this.#refill();
    this.#failure = await this.#delivery.ended;
  }

  #put({ sequence, time, data }: LogRecord): void {
    // A delivery that begins behind the last record begins with that record.
    if (sequence < this.#next) return;
    this.#next = sequence + 1;
    this.#time = Math.max(this.#time, time);
    this.#arrived.push({ sequence, time: this.#time, data });
    this.#bytes += data.byteLength;
    this.#wake();
  }

  /** What has arrived, within the bounds of a batch. */
  #take(): LogRecord[] {
    let count = 0;
    let bytes = 0;
    for (const { data } of this.#arrived) {
      if (count === BATCH_RECORDS || (count > 0 && bytes + data.byteLength > BATCH_BYTES)) break;
      count++;
      bytes += data.byteLength;
    }
    const batch = this.#arrived.splice(0, count);
    this.#bytes -= bytes;
    this.#refill();
    return batch;
  }

  #refill(): void {
    if (this.#bytes < LOW_BYTES && this.#arrived.length < LOW_RECORDS) this.#delivery?.pull();
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

/** The readers that are open on a log, so that closing the log ends them. */
export class JetStreamReaders {
  readonly #link: NatsLink;
  readonly #open = new Set<JetStreamReader>();
  #closed = false;

  constructor(link: NatsLink) {
    this.#link = link;
  }

  read(stream: string, fromSequence: number): LogReader {
    const reader = new JetStreamReader(this.#link, stream, fromSequence, (closed) =>
      this.#open.delete(closed),
    );
    this.#open.add(reader);
    if (this.#closed) reader.close();
    return reader;
  }

  /** Ends all iterations; one that is begun later ends at once. */
  closeAll(): void {
    this.#closed = true;
    for (const reader of this.#open) reader.close();
  }
}
