/**
 * How touches share a conversion. Whole numbers throughout, and of what is not whole only operations that
 * IEEE 754 fixes to the last bit: a replay on another machine gives the same shares.
 */
import type { AttributionModel } from '../../../model/attribution.ts';
import { WHOLE_PPM } from '../../../model/terms.ts';

/** The weight of the latest touch by time decay; its product with `WHOLE_PPM` is a safe integer. */
const LATEST_WEIGHT = 2 ** 32;
/** Halvings after which a weight is 0. */
const MOST_HALVINGS = 33;
/** 2^(−1/2), 2^(−1/4), 2^(−1/8), …: square roots are exact to the last bit, powers are not. */
const ROOTS: readonly number[] = rootsOfHalf(32);

function rootsOfHalf(count: number): number[] {
  const roots: number[] = [];
  for (let root = Math.sqrt(0.5); roots.length < count; root = Math.sqrt(root)) roots.push(root);
  return roots;
}

/**
 * The shares of touches in millionths, which sum to a million; see docs/attribution.md for the formulas.
 *
 * @param agesMs of the touches, in milliseconds before the conversion, the earliest touch first; at least one
 */
export function sharesOf(model: AttributionModel, agesMs: readonly number[], halfLifeMs: number): number[] {
  return apportion(WHOLE_PPM, weightsOf(model, agesMs, halfLifeMs));
}

/** Whole weights of the touches, of which the sum is above 0. */
function weightsOf(model: AttributionModel, agesMs: readonly number[], halfLifeMs: number): number[] {
  const last = agesMs.length - 1;
  switch (model) {
    case 'LAST_CLICK':
      return agesMs.map((_, index) => (index === last ? 1 : 0));
    case 'FIRST_CLICK':
      return agesMs.map((_, index) => (index === 0 ? 1 : 0));
    case 'LINEAR':
      return agesMs.map(() => 1);
    case 'POSITION_BASED': {
      // 40 % for either end, and 20 % for all between them: two fifths, and a fifth through their number.
      const between = last - 1;
      if (between < 1) return agesMs.map(() => 1);
      return agesMs.map((_, index) => (index === 0 || index === last ? 2 * between : 1));
    }
    case 'TIME_DECAY': {
      const youngest = agesMs[last] as number;
      return agesMs.map((age) => decayed(age - youngest, halfLifeMs));
    }
  }
}

/** `LATEST_WEIGHT` · 2^(−age / half-life), as a whole number. */
function decayed(ageMs: number, halfLifeMs: number): number {
  const halvings = Math.floor(ageMs / halfLifeMs);
  if (halvings >= MOST_HALVINGS) return 0;
  let weight = LATEST_WEIGHT / 2 ** halvings;
  // The rest of the exponent, bit by bit.
  let rest = (ageMs - halvings * halfLifeMs) / halfLifeMs;
  for (const root of ROOTS) {
    rest *= 2;
    if (rest >= 1) {
      rest -= 1;
      weight *= root;
    }
  }
  return Math.floor(weight);
}

/**
 * Splits a whole amount by weights so that nothing is lost: each part is rounded down, and what is left goes,
 * one by one, to the parts that were rounded down most; among equal ones to the later.
 *
 * @param weights whole, not all 0; the product of their largest and the amount is a safe integer
 */
function apportion(amount: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const parts = weights.map((weight) => Math.floor((amount * weight) / sum));
  const remainders = weights.map((weight) => (amount * weight) % sum);
  const left = amount - parts.reduce((total, part) => total + part, 0);
  for (const index of byRemainder(remainders).slice(0, left)) parts[index] = (parts[index] as number) + 1;
  return parts;
}

/**
 * Splits an amount of micros by shares that sum to a million, in the same way.
 *
 * @param micros an integer, not negative
 */
export function splitMicros(micros: number, sharesPpm: readonly number[]): number[] {
  if (micros === 0 || sharesPpm.length === 1) return sharesPpm.map(() => micros);
  const amount = BigInt(micros);
  const whole = BigInt(WHOLE_PPM);
  const products = sharesPpm.map((share) => amount * BigInt(share));
  const parts = products.map((product) => Number(product / whole));
  const left = micros - parts.reduce((total, part) => total + part, 0);
  const remainders = products.map((product) => Number(product % whole));
  for (const index of byRemainder(remainders).slice(0, left)) parts[index] = (parts[index] as number) + 1;
  return parts;
}

/** The indexes of remainders, the largest first, of equal ones the last first. */
function byRemainder(remainders: readonly number[]): number[] {
  return remainders
    .map((_, index) => index)
    .sort((a, b) => (remainders[b] as number) - (remainders[a] as number) || b - a);
}
