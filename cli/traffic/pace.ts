/** Milliseconds of arrears that may be caught up at once. */
const BURST_MS = 50;

/** Holds a stream of events to a rate, in events a second; without one it never waits. */
export class Pace {
  readonly #msPerEvent: number;
  readonly #now: () => number;
  /** When the next event is due. */
  #due: number;

  /** @param now a clock in milliseconds that never goes back */
  constructor(eventsPerSecond: number | undefined, now: () => number = () => performance.now()) {
    this.#msPerEvent = eventsPerSecond === undefined ? 0 : 1_000 / eventsPerSecond;
    this.#now = now;
    this.#due = now();
  }

  /** Takes a place for `events` events and tells how many milliseconds to wait before sending them. */
  delayMs(events: number): number {
    if (this.#msPerEvent === 0) return 0;
    const now = this.#now();
    const start = Math.max(this.#due, now - BURST_MS);
    this.#due = start + events * this.#msPerEvent;
    return Math.max(0, start - now);
  }
}
