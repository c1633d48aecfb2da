/** Days in a time zone. Days may be 23 or 25 hours long; each begins where the one before it ends. */

const DAY_MS = 86_400_000;
/** Longer than any day: clocks were never turned back by more than a few hours. */
const LONGEST_DAY_MS = 36 * 3_600_000;

const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * When the day of an instant ends.
 *
 * @param time milliseconds since the epoch
 * @param zone IANA name; `UTC` needs no look into the rules of zones
 */
export function endOfDay(time: number, zone: string): number {
  if (zone === 'UTC') return (Math.floor(time / DAY_MS) + 1) * DAY_MS;
  // The first instant at which a clock shows a later day: found by halving, as offsets change when they like.
  const day = localDay(time, zone);
  let before = time;
  let after = time + LONGEST_DAY_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localDay(middle, zone) > day) after = middle;
    else before = middle;
  }
  return after;
}

/** Days since the epoch, as a clock in the zone shows it. */
function localDay(time: number, zone: string): number {
  return Math.floor((time + offsetAt(time, zone)) / DAY_MS);
}

/** By how much a clock in the zone is ahead of UTC, in milliseconds. */
function offsetAt(time: number, zone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(time)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1_000) * 1_000;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, formatter);
  return formatter;
}
