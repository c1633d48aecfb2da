/** How far two targetings are for the same people. */
import { ageShare, audienceShare, sharesOf } from './audience-shares.ts';
import {
  AGE,
  type Criterion,
  isWithin,
  type LookalikeAudience,
  type Targeting,
  valuesOf,
} from './targeting.ts';

/**
 * What each part of the overlap weighs. Source: the document of campaign management
 * (`TargetingConfiguration.get_overlap_with`).
 */
export const OVERLAP_WEIGHTS = Object.freeze({
  demographics: 0.3,
  geography: 0.2,
  interests: 0.3,
  professional: 0.2,
});
export type OverlapPart = keyof typeof OVERLAP_WEIGHTS;

export interface TargetingOverlap {
  /** From 0 to 1: 1 for equal ones. */
  readonly overlap: number;
  /** Of each part, from 0 to 1. */
  readonly parts: Readonly<Record<OverlapPart, number>>;
}

/**
 * The overlap of two targetings: `Σ weight × part`. A part is the product of the similarities of its criteria, and
 * the similarity of a criterion is Jaccard's coefficient (P. Jaccard, 1901): of lists `|A ∩ B| / |A ∪ B|`, of ages and
 * places the same by shares of people. A criterion that one of the two leaves open admits everybody there, so that
 * the share of people whom the other admits is their similarity; one that both leave open is the same in both.
 *
 * Symmetric. Devices, exclusions, frequency and bids have no weight: who is reached by both is what counts.
 */
export function compareTargeting(a: Targeting, b: Targeting): TargetingOverlap {
  const similar = (...criteria: Criterion[]): number =>
    criteria.reduce((all, name) => all * listSimilarity(name, valuesOf(a, name), valuesOf(b, name)), 1);
  const parts: Record<OverlapPart, number> = {
    demographics: ageSimilarity(a, b) * similar('gender', 'language'),
    geography: placeSimilarity(valuesOf(a, 'location'), valuesOf(b, 'location')),
    interests: similar('interest', 'behavior') * audienceSimilarity(a, b),
    professional: similar('job_title', 'industry', 'company_size', 'income_range'),
  };
  const weighed = (Object.keys(OVERLAP_WEIGHTS) as OverlapPart[]).map(
    (part) => OVERLAP_WEIGHTS[part] * parts[part],
  );
  return {
    overlap: Math.min(
      1,
      weighed.reduce((sum, part) => sum + part, 0),
    ),
    parts,
  };
}

function listSimilarity(criterion: Criterion, a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return sharesOf(criterion, a) * sharesOf(criterion, b);
  return jaccard(a, b);
}

function jaccard(a: readonly string[], b: readonly string[]): number {
  const inA = new Set(a);
  const inBoth = new Set(b.filter((value) => inA.has(value))).size;
  return inBoth / new Set([...a, ...b]).size;
}

function audienceSimilarity(a: Targeting, b: Targeting): number {
  const [ofA, ofB] = [audiencesOf(a), audiencesOf(b)];
  if (ofA.length === 0 || ofB.length === 0) return shareOfAudiences(a) * shareOfAudiences(b);
  return jaccard(ofA, ofB);
}

function audiencesOf({ customAudiences = [], lookalikeAudiences = [] }: Targeting): string[] {
  const lookalike = ({ audienceId, percent }: LookalikeAudience): string => `${percent}% ${audienceId}`;
  return [...customAudiences.map((audience) => `all ${audience}`), ...lookalikeAudiences.map(lookalike)];
}

function shareOfAudiences({ customAudiences = [], lookalikeAudiences = [] }: Targeting): number {
  return audienceShare(customAudiences, lookalikeAudiences);
}

function ageSimilarity({ age: a = AGE }: Targeting, { age: b = AGE }: Targeting): number {
  const both = ageShare({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });
  const either = ageShare(a) + ageShare(b) - both;
  return either > 0 ? Math.min(1, both / either) : 0;
}

/** Places overlap where one lies in the other. */
function placeSimilarity(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return sharesOf('location', a) * sharesOf('location', b);
  const inside = (places: readonly string[], others: readonly string[]): string[] =>
    places.filter((place) => others.some((other) => isWithin(place, other)));
  const both = [...new Set([...inside(a, b), ...inside(b, a)])];
  if (both.length === 0) return 0;
  return Math.min(1, sharesOf('location', both) / sharesOf('location', [...new Set([...a, ...b])]));
}
