/** When a delivery that failed is tried again. */
import { limits } from '../../limits.ts';

/**
 * Milliseconds until the next attempt: twice as long after each failure, up to a bound, of which the upper half
 * is random, so that those who failed together do not come again together.
 *
 * @param attempts made so far, 1 or more
 * @param random from 0 to 1, exclusive
 * @param retryAfterMs what the receiver asked for: it is not asked earlier, up to a bound
 */
export function retryDelayMs(attempts: number, random: number, retryAfterMs = 0): number {
  // Beyond this the power is larger than any bound.
  const doublings = Math.min(attempts - 1, 30);
  const ms = Math.min(limits.webhookRetryMs * 2 ** doublings, limits.webhookLongestRetryMs);
  const jittered = Math.round(ms * (0.5 + random / 2));
  return Math.max(jittered, Math.min(retryAfterMs, limits.webhookRetryAfterMs));
}

/**
 * Milliseconds that a `Retry-After` header asks to wait; `undefined` if it is none.
 *
 * @param now milliseconds since the epoch
 */
export function retryAfterOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Whether a webhook has failed for so long that it is given up. @param since when the event was tried first */
export function isGivenUp(since: number, enabledAt: number, now: number): boolean {
  return now - Math.max(since, enabledAt) >= limits.webhookFailingMs;
}
