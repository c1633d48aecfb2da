/** Instants: milliseconds since the epoch inside, RFC 3339 outside. */

const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

const MINUTE_MS = 60_000;

/**
 * The milliseconds of an RFC 3339 date and time, offset included (`2026-11-22T08:00:00-05:00`), or
 * `undefined` if it is none, names a day that does not exist, or lies before 1970. Digits beyond the
 * millisecond are cut off; a leap second is not accepted.
 */
export function parseInstant(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return undefined;
  const local =
    midnight.getTime() +
    (Number(hour) * 60 + Number(minute)) * MINUTE_MS +
    Number(second) * 1_000 +
    Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  const offset = (Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0)) * MINUTE_MS;
  const instant = sign === '-' ? local + offset : local - offset;
  return instant >= 0 ? instant : undefined;
}

/** `2026-11-22T13:00:00.000Z` */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString();
}
