/** When a payout asks its gateway again. */
import { createHash } from 'node:crypto';
import { limits } from '../../limits.ts';

/**
 * The pause after an attempt, in milliseconds: twice as long after each one, up to the longest one, and by up to a
 * half shorter, so that payouts that failed together do not come back together. What is drawn for that depends on
 * the payout and the attempt alone: a replay waits as long.
 */
export function pauseAfter(payoutId: string, attempt: number): number {
  const longest = Math.min(limits.payoutRetryMs * 2 ** (attempt - 1), limits.payoutLongestRetryMs);
  const drawn = createHash('sha256').update(`${payoutId}/${attempt}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.ceil(longest / 2 + (longest / 2) * drawn);
}
