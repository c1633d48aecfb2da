/**
 * What is earned by a rate that has tiers, or a cap for each partner: what the partner has brought before decides.
 * Looks at the tallies, and changes none; what they become is told with what is earned.
 */
import { limits } from '../../../limits.ts';
import type { CapPeriod } from '../../../model/campaign.ts';
import {
  BASE_RULE,
  type CommissionRule,
  type EarningRate,
  lowestRateOf,
} from '../../../model/commission-plan.ts';
import type { FoundTally, TallyChange, TallyKey, TallyReader } from './tallies.ts';
import { type Brought, flatEarning, plus, type TieredRate, tieredEarning } from './tiers.ts';

/** Millionths of a micro. */
const PARTS = 1_000_000n;

/** What one event, or a share of it, brings by a rate. */
export interface Contribution {
  readonly partnerId: string;
  readonly added: Brought;
  /** What it earns where there are no tiers. */
  readonly plainMicros: number;
}

/** Whether what partners bring by a rate must be tallied. */
export function isTallied({ tiers, cap }: EarningRate): boolean {
  return tiers !== undefined || cap !== undefined;
}

/**
 * What a partner earns, in micros.
 *
 * @param changes those of the event so far; what it changes is added
 */
export function talliedMicros(
  rate: EarningRate,
  contribution: Contribution,
  tallies: TallyReader,
  changes: TallyChange[],
): number {
  const { cap } = rate;
  const { partnerId, added } = contribution;
  const rule = tallyName(rate);
  let micros = contribution.plainMicros;
  let tiered: FoundTally | undefined;
  let rest = 0n;
  if (isTiered(rate)) {
    tiered = find(rate.tiers.period, rule, partnerId, tallies, changes);
    const due = tiered.tally.rest + partsOf(rate, added, tiered);
    micros = Math.min(Number(due / PARTS), limits.amountMicros);
    rest = due - BigInt(micros) * PARTS;
  }
  let capped: FoundTally | undefined;
  if (cap) {
    capped = cap.period === tiered?.key.period ? tiered : find(cap.period, rule, partnerId, tallies, changes);
    micros = Math.max(0, Math.min(micros, cap.micros - Number(capped.tally.earnedMicros)));
  }
  if (tiered) {
    const { count, revenueMicros } = plus(tiered.tally, added);
    const earnedMicros = tiered.tally.earnedMicros + BigInt(micros);
    changes.push({ key: tiered.key, tally: { count, revenueMicros, rest, earnedMicros } });
  }
  if (capped && capped !== tiered && micros > 0) {
    const { key, tally } = capped;
    changes.push({ key, tally: { ...tally, earnedMicros: tally.earnedMicros + BigInt(micros) } });
  }
  return micros;
}

/** The tally as it is by now: an event may change one several times. */
function find(
  period: CapPeriod,
  rule: string,
  partnerId: string,
  tallies: TallyReader,
  changes: readonly TallyChange[],
): FoundTally {
  const found = tallies.find(period, rule, partnerId);
  if (changes.length === 0) return found;
  const change = changes.findLast(({ key }) => isSame(key, found.key));
  return change ? { ...found, tally: change.tally } : found;
}

function isTiered(rate: EarningRate): rate is TieredRate {
  return rate.tiers !== undefined;
}

/**
 * What is earned by tiers, in millionths of a micro. Of those who share a tally nobody knows how much each of them
 * has brought: they earn what anybody would.
 */
function partsOf(rate: TieredRate, added: Brought, { tally, isShared }: FoundTally): bigint {
  return isShared ? flatEarning(rate, lowestRateOf(rate), added) : tieredEarning(rate, tally, added);
}

/** Under which name a rate is tallied: one that pays for other events than before begins anew. */
function tallyName(rate: EarningRate | CommissionRule): string {
  const name = 'name' in rate ? rate.name : BASE_RULE;
  return `${rate.model === 'CPC' || rate.model === 'CPM' ? rate.model : 'conversions'} ${name}`;
}

function isSame(a: TallyKey, b: TallyKey): boolean {
  return a.period === b.period && a.rule === b.rule && a.partnerId === b.partnerId;
}
