/** Times as clients write them: RFC 3339 text, or milliseconds since the epoch as number or digits. */

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUTE_MS = 60_000;
/** `2026-01-31T10:30:00Z` */
const SHORTEST = 20;
const LONGEST = 64;
/** Where a fraction of the second begins, if there is one. */
const FRACTION = 19;
const [DASH, COLON, UPPER_T, LOWER_T, SPACE, POINT, ZERO] = [0x2d, 0x3a, 0x54, 0x74, 0x20, 0x2e, 0x30];
/** Digits of a millisecond count that a `Date` can hold. */
const EPOCH_DIGITS = 15;

/** Milliseconds since the epoch, or `undefined` if `value` is no time or lies before the epoch. */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return value >= 0 && value < 10 ** EPOCH_DIGITS ? Math.trunc(value) : undefined;
  }
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const number = digits(value, 0, value.length);
  if (number !== undefined) return value.length <= EPOCH_DIGITS ? number : undefined;
  const time = parseRfc3339(value);
  return time !== undefined && time >= 0 ? time : undefined;
}

/**
 * RFC 3339, section 5.6. Fractions beyond the millisecond are cut off; a leap second counts as the
 * second after it.
 */
function parseRfc3339(text: string): number | undefined {
  if (text.length < SHORTEST || !isSeparated(text)) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined || second === undefined) return undefined;
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 60) return undefined;
  const zone = endOfFraction(text);
  const offset = parseOffset(text, zone);
  if (offset === undefined) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds(text, zone));
  return time - offset * MINUTE_MS;
}

/** Whether what stands between the numbers is what has to. */
function isSeparated(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return false;
  const separator = text.charCodeAt(10);
  return separator === UPPER_T || separator === LOWER_T || separator === SPACE;
}

/** Where the zone begins: after `.` and digits, if there are any. */
function endOfFraction(text: string): number {
  if (text.charCodeAt(FRACTION) !== POINT) return FRACTION;
  let at = FRACTION + 1;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  // A point without digits is left to be a zone, which it is not.
  return at === FRACTION + 1 ? FRACTION : at;
}

/** The milliseconds of the fraction that ends at `end`. */
function milliseconds(text: string, end: number): number {
  let number = 0;
  for (let place = 1; place <= 3; place++) {
    const at = FRACTION + place;
    number = number * 10 + (at < end ? text.charCodeAt(at) - ZERO : 0);
  }
  return number;
}

/** Minutes east of UTC of the zone that is the rest of the text. */
function parseOffset(text: string, at: number): number | undefined {
  const sign = text[at];
  if (sign === 'Z' || sign === 'z') return text.length === at + 1 ? 0 : undefined;
  if ((sign !== '+' && sign !== '-') || text.length !== at + 6 || text[at + 3] !== ':') return undefined;
  const hours = digits(text, at + 1, at + 3);
  const minutes = digits(text, at + 4, at + 6);
  if (hours === undefined || minutes === undefined || hours > 23 || minutes > 59) return undefined;
  const offset = hours * 60 + minutes;
  return sign === '+' ? offset : -offset;
}

function isDate(year: number, month: number, day: number): boolean {
  // Date.UTC reads years below 100 as 19xx.
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > (DAYS_IN_MONTH[month - 1] as number))
    return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month !== 2 || day < 29 || isLeap;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The number written in `text[from…to)`, which must be digits only. */
function digits(text: string, from: number, to: number): number | undefined {
  if (from === to) return undefined;
  let number = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return undefined;
    number = number * 10 + (code - 48);
  }
  return number;
}
