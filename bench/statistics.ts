/** What repeated measurements say: medians, and how far the others lie from them. */

/**
 * The middle value, or the mean of the two in the middle.
 *
 * @throws RangeError if there are none
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * Median absolute deviation, as a share of the median: half of the measurements lie nearer to it than this.
 * Unlike a standard deviation it does not care how far away a single outlier is. 0 for a median of 0.
 */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  if (middle === 0) return 0;
  return median(values.map((value) => Math.abs(value - middle))) / Math.abs(middle);
}

/**
 * The value that a share of all values does not exceed (nearest rank).
 *
 * @param share between 0 and 1
 * @throws RangeError if there are no values
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] as number;
}
