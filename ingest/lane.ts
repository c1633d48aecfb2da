/**
 * A lane: the queue before one partition of the log. Events collect while the previous batch is on its
 * way into the log and leave together when it has arrived, with those of other lanes: alone when there is little
 * to do, by the thousand under load. Nobody waits for a timer.
 */
import type { IncomingEvent } from './incoming-event.ts';
import { type Secrets, WaitingBatch } from './waiting-batch.ts';

export class Lane {
  readonly partition: number;
  /** Events that wait for their append, those on their way included. */
  waiting = 0;
  /** Whether a batch is on its way. */
  isBusy = false;
  /** Events of the request that is being admitted. */
  asked = 0;
  readonly #batches: WaitingBatch[] = [];

  constructor(partition: number) {
    this.partition = partition;
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  add(event: IncomingEvent, secrets: Secrets, now: number): void {
    let batch = this.#batches[this.#batches.length - 1];
    if (batch === undefined || batch.isFull) {
      batch = WaitingBatch.take();
      this.#batches.push(batch);
    }
    batch.add(event, secrets, now);
    this.waiting++;
  }

  /** The oldest batch, which is the caller's from now on: to send, and to recycle. */
  take(): WaitingBatch | undefined {
    return this.#batches.shift();
  }
}
