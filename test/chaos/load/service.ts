/** How the service looks from outside: what failed, and for how long nothing succeeded. */

export class ServiceWatch {
  #lastSuccess: number;
  #longestGapMs = 0;
  #isOver = false;
  /** Attempts that failed, by what clients saw: a status or an error of the network. */
  readonly failures = new Map<string, number>();
  #successes = 0;

  constructor(now: number) {
    this.#lastSuccess = now;
  }

  get successes(): number {
    return this.#successes;
  }

  /** The load begins: what was before is no gap. */
  begin(now: number): void {
    this.#longestGapMs = 0;
    this.#lastSuccess = now;
  }

  succeeded(now: number): void {
    this.#successes++;
    this.#gapUntil(now);
    this.#lastSuccess = now;
  }

  failed(how: string): void {
    this.failures.set(how, (this.failures.get(how) ?? 0) + 1);
  }

  /** No more requests are made: their absence is no gap. */
  over(now: number): void {
    this.#gapUntil(now);
    this.#isOver = true;
  }

  /** The longest time during which no request of any client succeeded, in milliseconds. */
  get longestGapMs(): number {
    return this.#longestGapMs;
  }

  #gapUntil(now: number): void {
    if (!this.#isOver) this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastSuccess);
  }
}
