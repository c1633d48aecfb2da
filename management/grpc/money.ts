/** Money in the layout of google.type.Money. */
import type { FieldViolation } from '../../model/errors.ts';
import { MICROS } from '../../model/money.ts';
import type { Money } from '../../proto/generated/turnpike/v1/money.ts';
import { AMOUNT_RULE } from '../application/money.ts';

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

const MONEY_RULE = 'must be from 0 to 9,000,000,000 units, its nanos of the same sign and a multiple of 1000';

/** A fault of a draft as messages have it: an amount is the money itself, its currency a code. */
export function inMessages({ field, description }: FieldViolation): FieldViolation {
  return {
    field: field.replace(/\.amount$/, '').replace(/\.currency$/, '.currency_code'),
    description: description === AMOUNT_RULE ? MONEY_RULE : description,
  };
}
