/** The events of one partition on their way to one webhook, in order: the next is sent when the one before has arrived. */
import { limits } from '../../limits.ts';
import { isGivenUp, retryDelayMs } from './retries.ts';
import type { Waiting } from './waiting-query.ts';
import { comparePlaces, type Failing, type Place } from './webhook.ts';

export class Lane {
  /** Events that were read and not delivered, the oldest first. */
  #queue: Waiting[] = [];
  /** Up to here everything was read. */
  #read: Place;
  /** Up to here everything is delivered or was not wanted. */
  #done: Place;
  #failing: Failing | undefined;
  /** Whether the first event is being sent. */
  isSending = false;
  /** Wakes who waits for the time of the next attempt. */
  waiting: AbortController | undefined;

  constructor(done: Place, failing: Failing | undefined) {
    this.#done = done;
    this.#read = done;
    this.#failing = failing;
  }

  get done(): Place {
    return this.#done;
  }

  get read(): Place {
    return this.#read;
  }

  get failing(): Failing | undefined {
    return this.#failing;
  }

  get length(): number {
    return this.#queue.length;
  }

  get first(): Waiting | undefined {
    return this.#queue[0];
  }

  /** Whether there is room worth a reading. While an event fails, those behind it need not be held. */
  get hasRoom(): boolean {
    const isStuck = this.#failing !== undefined && this.#queue.length > 0;
    return !isStuck && this.#queue.length * 2 <= limits.webhookEventsPerPartition;
  }

  /**
   * Takes an event that lies behind those that were read.
   *
   * @returns whether there was room; if not, it and all behind it have to be read again
   */
  take(event: Waiting, isWanted: boolean): boolean {
    // A row that the warehouse holds twice is told once.
    if (comparePlaces(event.place, this.#read) <= 0) return true;
    if (isWanted) {
      if (this.#queue.length >= limits.webhookEventsPerPartition) return false;
      this.#queue.push(event);
    } else if (this.#queue.length === 0) this.#done = event.place;
    this.#read = event.place;
    return true;
  }

  /** The first event has arrived, or is wanted no more. */
  passed(): void {
    const event = this.#queue.shift();
    this.#failing = undefined;
    if (event) this.#done = this.#queue.length === 0 ? this.#read : event.place;
  }

  /**
   * The first event has not arrived.
   *
   * @param random from 0 to 1, exclusive
   */
  failed(event: Waiting, now: number, random: number, retryAfterMs?: number): Failing {
    const known = this.#failing?.eventId === event.id ? this.#failing : undefined;
    const attempts = (known?.attempts ?? 0) + 1;
    this.#failing = {
      eventId: event.id,
      since: known?.since ?? now,
      attempts,
      nextAttemptAt: now + retryDelayMs(attempts, random, retryAfterMs),
    };
    this.#queue = [event];
    this.#read = event.place;
    return this.#failing;
  }

  /** Whether the first event has failed for too long. */
  isGivenUp(enabledAt: number, now: number): boolean {
    return this.#failing !== undefined && isGivenUp(this.#failing.since, enabledAt, now);
  }

  /** Milliseconds until the next attempt; not more than 0: now. */
  pauseMs(now: number): number {
    return this.#failing === undefined ? 0 : this.#failing.nextAttemptAt - now;
  }

  /** Lets the next attempt be made now. */
  hurry(now: number): void {
    if (this.#failing) this.#failing = { ...this.#failing, nextAttemptAt: now };
    this.waiting?.abort();
  }
}
