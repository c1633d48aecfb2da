/** Money in the layout of google.type.Money. */
import { MICROS } from '../../model/money.ts';
import type { Money } from '../../proto/generated/turnpike/v1/money.ts';

const UNIT = BigInt(MICROS);
const NANOS_PER_MICRO = 1_000;
const NANOS = 1_000_000_000;

/** Micros as whole units and nanos of the same sign. */
export function protoMoney(micros: number | bigint, currency: string): Money {
  const amount = BigInt(micros);
  return {
    currencyCode: currency,
    units: amount / UNIT,
    nanos: Number(amount % UNIT) * NANOS_PER_MICRO,
  };
}

/** The exact decimal of units and nanos; text that is no decimal where they do not go together. */
export function decimalOf({ units, nanos }: Money): string {
  if (Math.abs(nanos) >= NANOS || (units > 0n && nanos < 0) || (units < 0n && nanos > 0))
    return 'inconsistent';
  const sign = units < 0n || nanos < 0 ? '-' : '';
  const whole = units < 0n ? -units : units;
  return `${sign}${whole}.${String(Math.abs(nanos)).padStart(9, '0')}`;
}
