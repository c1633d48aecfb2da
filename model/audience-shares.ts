/**
 * How many people there are, and what share of them matches a criterion.
 *
 * These figures are ASSUMPTIONS for planning: orders of magnitude, rounded, held in this one table. The number of
 * people online is that of the ITU (Facts and Figures 2024: 5.5 billion); incomes are fifths by definition; the
 * others are our own estimates, and a value that is not listed has the share named `other`. Nothing is ever
 * accepted, paid or billed by them.
 */
import { AGE, type AgeRange, type Criterion, EXCLUSIVE, type LookalikeAudience } from './targeting.ts';

/** People online, whom all shares are of. */
export const BASE_POPULATION = 5_500_000_000;

/** Shares of the ages from one of these years up to the next. */
const AGES: readonly (readonly [from: number, share: number])[] = [
  [13, 0.1],
  [18, 0.17],
  [25, 0.24],
  [35, 0.19],
  [45, 0.14],
  [55, 0.1],
  [65, 0.06],
];

type Shares = Readonly<Record<string, number>> & { readonly other: number };

const SHARES: Readonly<Record<Criterion, Shares>> = {
  gender: { female: 0.49, male: 0.5, other: 0.01 },
  // Countries; what lies in one has a share of it, see `PART`.
  location: {
    AR: 0.0075,
    BR: 0.034,
    CA: 0.0068,
    CL: 0.0033,
    CN: 0.2,
    CO: 0.0075,
    DE: 0.0145,
    EC: 0.0026,
    ES: 0.0085,
    FR: 0.0115,
    GB: 0.012,
    ID: 0.038,
    IN: 0.15,
    IT: 0.0095,
    JP: 0.019,
    MX: 0.02,
    NG: 0.02,
    PE: 0.0047,
    US: 0.058,
    VE: 0.004,
    other: 0.002,
  },
  language: { ar: 0.05, de: 0.02, en: 0.25, es: 0.08, fr: 0.05, hi: 0.08, pt: 0.04, zh: 0.19, other: 0.01 },
  interest: {
    beauty: 0.2,
    business: 0.15,
    entertainment: 0.5,
    fashion: 0.25,
    finance: 0.15,
    fitness: 0.2,
    food: 0.35,
    gaming: 0.35,
    music: 0.45,
    parenting: 0.12,
    sports: 0.35,
    technology: 0.3,
    travel: 0.25,
    other: 0.05,
  },
  behavior: { online_shopper: 0.5, frequent_traveler: 0.1, early_adopter: 0.1, other: 0.05 },
  audience: { other: 0.0001 },
  job_title: { other: 0.005 },
  industry: { education: 0.05, finance: 0.03, health: 0.04, retail: 0.08, technology: 0.03, other: 0.02 },
  company_size: { micro: 0.4, small: 0.2, medium: 0.15, large: 0.25, other: 0 },
  income_range: { lowest: 0.2, lower_middle: 0.2, middle: 0.2, upper_middle: 0.2, highest: 0.2, other: 0 },
  device_type: { mobile: 0.95, desktop: 0.6, tablet: 0.3, tv: 0.35, other: 0 },
  platform: { android: 0.7, ios: 0.28, windows: 0.5, macos: 0.12, linux: 0.03, other: 0 },
  connection_type: { wifi: 0.8, cellular: 0.85, wired: 0.3, other: 0 },
};

/** Share of its country that a subdivision has, and of its subdivision that a city has. */
const PART = 0.1;

/** The share of a location: a country's own; a tenth of what it lies in for a subdivision, and for a city. */
function placeShare(place: string): number {
  const [country = '', ...parts] = place.split(/[-/]/, place.includes('/') ? 3 : 2);
  return parts.reduce((share) => share * PART, listed(SHARES.location, country));
}

function listed(shares: Shares, value: string): number {
  return Object.hasOwn(shares, value) ? (shares[value] as number) : shares.other;
}

/** The share of people of whom a value of a criterion holds, from 0 to 1. */
export function shareOf(criterion: Criterion, value: string): number {
  return criterion === 'location' ? placeShare(value) : listed(SHARES[criterion], value);
}

/** The share of people of these ages. Within each band of the table all years are alike. */
export function ageShare({ from, to }: AgeRange): number {
  let share = 0;
  for (const [at, [first, ofBand]] of AGES.entries()) {
    const next = AGES[at + 1]?.[0] ?? AGE.to + 1;
    const years = Math.min(to + 1, next) - Math.max(from, first);
    if (years > 0) share += (ofBand * years) / (next - first);
  }
  return Math.min(1, share);
}

/**
 * The share of people of whom one of the values holds, at least; 1 for none of them.
 *
 * Values that exclude each other: `min(1, Σ share)`. Places: that within each place that holds them, which never
 * exceeds it. Others, taken as independent: `1 − Π (1 − share)`.
 */
export function sharesOf(criterion: Criterion, values: readonly string[]): number {
  if (values.length === 0) return 1;
  if (criterion === 'location') return placesShare(values);
  if (EXCLUSIVE.includes(criterion))
    return Math.min(
      1,
      values.reduce((sum, value) => sum + shareOf(criterion, value), 0),
    );
  return either(values.map((value) => shareOf(criterion, value)));
}

/** The share of people in one of these audiences, which are taken as independent; 1 for none of them. */
export function audienceShare(custom: readonly string[], lookalike: readonly LookalikeAudience[]): number {
  if (custom.length + lookalike.length === 0) return 1;
  return either([
    ...custom.map((audience) => shareOf('audience', audience)),
    ...lookalike.map(({ percent }) => percent / 100),
  ]);
}

function either(shares: readonly number[]): number {
  return 1 - shares.reduce((nobody, share) => nobody * (1 - share), 1);
}

/** Parts of a place never count more than the place, and not at all besides it. */
function placesShare(places: readonly string[]): number {
  const sorted = [...places].sort();
  const countries = sumOver(sorted, countryOf, (country, inCountry) =>
    inCountry.includes(country)
      ? placeShare(country)
      : sumOver(inCountry, subdivisionOf, (subdivision, inSubdivision) => {
          const whole = placeShare(subdivision);
          if (inSubdivision.includes(subdivision)) return whole;
          return Math.min(
            whole,
            inSubdivision.reduce((sum, city) => sum + placeShare(city), 0),
          );
        }),
  );
  return Math.min(1, countries);
}

/** The sum of the shares of the places that lie in the same larger one, each at most that one's own. */
function sumOver(
  places: readonly string[],
  largerOf: (place: string) => string,
  shareWithin: (larger: string, places: readonly string[]) => number,
): number {
  let sum = 0;
  for (const larger of new Set(places.map(largerOf))) {
    const within = places.filter((place) => largerOf(place) === larger);
    sum += Math.min(placeShare(larger), shareWithin(larger, within));
  }
  return sum;
}

const countryOf = (place: string): string => place.slice(0, 2);
const subdivisionOf = (place: string): string => place.split('/')[0] as string;
