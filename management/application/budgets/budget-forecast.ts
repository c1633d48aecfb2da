/** What a campaign will spend if it goes on as in the last days: docs/budgets.md has the formulas. */
import type { SpendOfDay } from '../../../model/budget.ts';

/** Days that the mean is of, at most. */
const BASIS_DAYS = 7;
/** Records of spend below which nothing can be said. */
const LEAST_RECORDS = 3;

/** What a forecast is made of. Amounts in micros; days are numbered, by the campaign's time zone. */
export interface SpendSoFar {
  readonly totalMicros: number;
  readonly spentMicros: number;
  /** Charged events and reports. */
  readonly records: number;
  readonly today: number;
  readonly firstDay?: number;
  /** Days on which something was spent, oldest first. */
  readonly days: readonly SpendOfDay[];
  /** Days until the campaign ends, with today; absent if it does not. */
  readonly daysLeft?: number;
  /** Micros of the currency's minor unit. */
  readonly minorMicros: bigint;
}

export interface SpendForecast {
  /** How many days the mean is of. */
  readonly basisDays: number;
  readonly dailyMeanMicros: bigint;
  /** What would be spent in the asked days if there were no cap. */
  readonly expectedMicros: bigint;
  /** That and what is spent already. */
  readonly projectedMicros: bigint;
  /** How likely it is, from 0 to 1, that more would be spent than is left. */
  readonly overspendProbability: number;
  readonly recommendedDailyMicros: bigint;
  /** How much it is worth, from 0 to 1. */
  readonly confidence: number;
}

/**
 * The forecast of the next days; `undefined` where too little was spent to make one.
 *
 * @param horizonDays one or more
 */
export function forecastSpend(so: SpendSoFar, horizonDays: number): SpendForecast | undefined {
  if (so.records < LEAST_RECORDS || so.firstDay === undefined) return undefined;
  const basis = basisOf(so, so.firstDay);
  const count = basis.length;
  const sum = basis.reduce((total, micros) => total + BigInt(micros), 0n);
  const expectedMicros = roundedQuotient(sum * BigInt(horizonDays), BigInt(count));
  const left = so.totalMicros - so.spentMicros;
  const mean = Number(sum) / count;
  const deviation = deviationOf(basis, mean);
  return {
    basisDays: count,
    dailyMeanMicros: roundedQuotient(sum, BigInt(count)),
    expectedMicros,
    projectedMicros: BigInt(so.spentMicros) + expectedMicros,
    overspendProbability: exceedance(
      left,
      mean * horizonDays,
      deviation * Math.sqrt(horizonDays * (1 + horizonDays / count)),
    ),
    recommendedDailyMicros:
      (BigInt(left) / (BigInt(so.daysLeft ?? horizonDays) * so.minorMicros)) * so.minorMicros,
    confidence: (count / BASIS_DAYS) * (mean === 0 ? 1 : mean / (mean + deviation)),
  };
}

/** What was spent on each of the last complete days; on today alone if there is none. */
function basisOf({ days, today }: SpendSoFar, firstDay: number): number[] {
  const spent = new Map(days);
  const from = firstDay >= today ? today : Math.max(firstDay, today - BASIS_DAYS);
  const basis: number[] = [];
  for (let day = from; day < Math.max(today, from + 1); day++) basis.push(spent.get(day) ?? 0);
  return basis;
}

/** The deviation of a day from the mean of days like it; that of a single day is taken to be as large as it. */
function deviationOf(basis: readonly number[], mean: number): number {
  if (basis.length === 1) return mean;
  const squares = basis.reduce((sum, micros) => sum + (micros - mean) ** 2, 0);
  return Math.sqrt(squares / (basis.length - 1));
}

/** The probability that a normal variable is above a bound. */
function exceedance(bound: number, mean: number, deviation: number): number {
  if (deviation === 0) return mean > bound ? 1 : 0;
  return 1 - normalDistribution((bound - mean) / deviation);
}

/** The standard normal distribution, by the rational approximation 26.2.17 of Abramowitz and Stegun, to 7.5e-8. */
export function normalDistribution(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * Math.abs(z));
  const polynomial =
    t *
    (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return Math.min(1, Math.max(0, z > 0 ? 1 - tail : tail));
}

/** The whole number nearest to a quotient of numbers that are not negative; halves go up. */
function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  return (2n * dividend + divisor) / (2n * divisor);
}
