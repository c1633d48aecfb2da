/** Days and months in a time zone. Days may be 23 or 25 hours long; each begins where the one before it ends. */
import type { CapPeriod } from '../../model/campaign.ts';
import { localDay } from '../../model/local-day.ts';

const DAY_MS = 86_400_000;
/** Longer than any: clocks were never turned back by more than a few hours. */
const LONGEST_DAY_MS = 1.5 * DAY_MS;
const LONGEST_MONTH_MS = 32 * DAY_MS;
/** The end of a period that does not end. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** When the period of an instant ends. */
export function endOfPeriod(period: CapPeriod, time: number, zone: string): number {
  switch (period) {
    case 'day':
      return endOfDay(time, zone);
    case 'month':
      return endOfMonth(time, zone);
    case 'total':
      return NEVER;
  }
}

/**
 * When the day of an instant ends.
 *
 * @param time milliseconds since the epoch
 * @param zone IANA name; `UTC` needs no look into the rules of zones
 */
export function endOfDay(time: number, zone: string): number {
  if (zone === 'UTC') return (Math.floor(time / DAY_MS) + 1) * DAY_MS;
  return firstAfter(time, LONGEST_DAY_MS, (at) => localDay(at, zone));
}

/** When the month of an instant ends. */
export function endOfMonth(time: number, zone: string): number {
  return firstAfter(time, LONGEST_MONTH_MS, (at) => {
    const date = new Date(localDay(at, zone) * DAY_MS);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  });
}

/**
 * The first instant at which a clock shows a later period: found by halving, as offsets change when they like.
 *
 * @param longestMs more than a period lasts
 */
function firstAfter(time: number, longestMs: number, periodOf: (at: number) => number): number {
  const period = periodOf(time);
  let before = time;
  let after = time + longestMs;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (periodOf(middle) > period) after = middle;
    else before = middle;
  }
  return after;
}
