/** Even pacing: what a day may spend, and what should be spent by now. */
import { localDay } from './local-day.ts';
import { MICROS, minorDigits } from './money.ts';

/** A campaign with an end, on a day. Amounts in micros, times in milliseconds since the epoch. */
export interface PacedDay {
  readonly totalMicros: number;
  readonly currency: string;
  readonly spentBeforeMicros: number;
  /** The day, since the epoch, by the time zone. */
  readonly day: number;
  readonly endsAt: number;
  readonly timeZone: string;
}

/** Days until the campaign ends, with the one that is given; one at least. */
export function daysLeft({ day, endsAt, timeZone }: Pick<PacedDay, 'day' | 'endsAt' | 'timeZone'>): number {
  return Math.max(1, localDay(endsAt - 1, timeZone) - day + 1);
}

/**
 * What may be spent on a day, in micros: what was left when it began, divided by the days that are left with it,
 * rounded up to the currency's minor unit.
 */
export function shareOfDay(paced: PacedDay): number {
  const minor = minorMicros(paced.currency);
  const parts = BigInt(daysLeft(paced)) * minor;
  const left = BigInt(paced.totalMicros) - BigInt(paced.spentBeforeMicros);
  return Number(((left + parts - 1n) / parts) * minor);
}

/** The micros of a currency's minor unit. */
export function minorMicros(currency: string): bigint {
  return BigInt(MICROS) / 10n ** BigInt(minorDigits(currency));
}
