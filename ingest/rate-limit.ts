/**
 * Rate limits by the generic cell rate algorithm (ITU-T I.371): one number per key, the theoretical
 * arrival time of its next event if all came evenly. A key may run ahead of it by a second's worth.
 *
 * A request of many events passes as long as there is room for one, and pays for all of them: its key
 * then waits until the rate has caught up. So the mean holds, and no batch is too large to ever pass.
 */

const BURST_MS = 1_000;
/** Keys looked at for removal at each new key: more than one, so that the idle ones die out. */
const SWEPT = 2;

export interface RateVerdict {
  readonly allowed: boolean;
  /** Events that may follow at once. */
  readonly remaining: number;
  /** Milliseconds until the next event may come; 0 if one may come now. */
  readonly retryAfterMs: number;
  /** Milliseconds until the whole burst is free again. */
  readonly resetMs: number;
}

export class RateLimiter {
  /** Theoretical arrival times by key; what lies in the past is as good as absent. */
  readonly #arrivals = new Map<string, number>();

  /** Keys remembered. */
  get size(): number {
    return this.#arrivals.size;
  }

  /**
   * Lets `events` of `key` pass or not.
   *
   * @param rate events a second, above 0
   * @param now milliseconds since the epoch
   */
  take(key: string, events: number, rate: number, now: number): RateVerdict {
    const intervalMs = 1_000 / rate;
    // At least one event fits, however slow the rate.
    const burstMs = Math.max(BURST_MS, intervalMs);
    const known = this.#arrivals.get(key);
    if (known === undefined) this.#sweep(now);
    const arrival = Math.max(known ?? now, now);
    const aheadMs = arrival - now + intervalMs - burstMs;
    const allowed = aheadMs <= 0;
    const next = allowed ? arrival + events * intervalMs : arrival;
    if (allowed) this.#arrivals.set(key, next);
    return {
      allowed,
      remaining: Math.max(0, Math.floor((burstMs - (next - now)) / intervalMs)),
      retryAfterMs: allowed ? 0 : Math.ceil(aheadMs),
      resetMs: Math.ceil(next - now),
    };
  }

  /** Forgets keys that have been idle, a few at a time, the longest known first. */
  #sweep(now: number): void {
    let left = SWEPT;
    for (const [key, arrival] of this.#arrivals) {
      if (left-- === 0) return;
      this.#arrivals.delete(key);
      if (arrival > now) this.#arrivals.set(key, arrival);
    }
  }
}
