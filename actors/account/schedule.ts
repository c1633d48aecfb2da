/** When a partner is paid by itself: at midnight UTC, each day, of Mondays, or of firsts of a month. */
import type { PayoutSchedule } from '../../model/account.ts';

const DAY_MS = 86_400_000;
const MONDAY = 1;

/**
 * The first moment after a time at which a schedule pays; `undefined` where it never does.
 *
 * @param time milliseconds since the epoch
 */
export function nextPayout(schedule: PayoutSchedule, time: number): number | undefined {
  const midnight = (Math.floor(time / DAY_MS) + 1) * DAY_MS;
  const date = new Date(midnight);
  switch (schedule) {
    case 'NONE':
      return undefined;
    case 'DAILY':
      return midnight;
    case 'WEEKLY':
      return midnight + ((MONDAY + 7 - date.getUTCDay()) % 7) * DAY_MS;
    case 'MONTHLY':
      return date.getUTCDate() === 1 ? midnight : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
}

/** The last moment up to a time at which a schedule has paid, from one at which it does. */
export function latestPayout(schedule: PayoutSchedule, due: number, time: number): number {
  let latest = due;
  for (;;) {
    const next = nextPayout(schedule, latest);
    if (next === undefined || next > time) return latest;
    latest = next;
  }
}
