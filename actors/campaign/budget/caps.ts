/** Caps: hard limits on how much of something counts in a day, a month, or the campaign's whole life. */
import type { CampaignDefinition, Cap } from '../../../model/campaign.ts';
import { EventType, type EventTypeCode } from '../../../model/event.ts';
import { endOfPeriod } from '../calendar.ts';

/** How much of a cap is used up in its present period. */
export interface CapUse {
  /** Milliseconds since the epoch, record time. */
  endsAt: number;
  /** Events, or micros. */
  used: bigint;
}

const COUNTED = {
  impressions: EventType.impression,
  clicks: EventType.click,
  conversions: EventType.conversion,
} as const;

/** The use of the caps of a definition: what is used already of those that were there before is kept. */
export function capUseOf(
  { caps = [], timeZone = 'UTC' }: CampaignDefinition,
  time: number,
  before: readonly Cap[] = [],
  use: readonly CapUse[] = [],
): CapUse[] {
  return caps.map(({ metric, period }) => {
    const known = before.findIndex((cap) => cap.metric === metric && cap.period === period);
    return use[known] ?? { endsAt: endOfPeriod(period, time, timeZone), used: 0n };
  });
}

/** Begins new periods where the present ones are over. */
export function openPeriods(use: readonly CapUse[], definition: CampaignDefinition, time: number): void {
  const { caps = [], timeZone = 'UTC' } = definition;
  for (const [i, one] of use.entries()) {
    if (time < one.endsAt) continue;
    one.endsAt = endOfPeriod((caps[i] as Cap).period, time, timeZone);
    one.used = 0n;
  }
}

/** What an event costs its brand and earns its partner, in micros. */
export interface Amounts {
  readonly spendMicros: number;
  readonly commissionMicros: number;
}

/** Whether every cap has room for an event of these amounts. */
export function hasRoom(
  use: readonly CapUse[],
  caps: readonly Cap[],
  type: EventTypeCode,
  amounts: Amounts,
): boolean {
  return caps.every((cap, i) => {
    const share = shareOf(cap, type, amounts);
    return share === 0n || (use[i] as CapUse).used + share <= BigInt(cap.limit);
  });
}

/** Uses the caps for an event that was accepted. @returns whether one of them is changed */
export function useCaps(
  use: readonly CapUse[],
  caps: readonly Cap[],
  type: EventTypeCode,
  amounts: Amounts,
): boolean {
  let isChanged = false;
  for (const [i, cap] of caps.entries()) {
    const share = shareOf(cap, type, amounts);
    if (share === 0n) continue;
    (use[i] as CapUse).used += share;
    isChanged = true;
  }
  return isChanged;
}

/** When a cap that has no room for another click opens again; `undefined`: all have room. */
export function reopensAt(use: readonly CapUse[], caps: readonly Cap[], click: Amounts): number | undefined {
  let at: number | undefined;
  for (const [i, cap] of caps.entries()) {
    const { used, endsAt } = use[i] as CapUse;
    const share = shareOf(cap, EventType.click, click);
    if (share > 0n && used + share > BigInt(cap.limit)) at = Math.max(at ?? 0, endsAt);
  }
  return at;
}

/** How much of a cap an event uses. */
function shareOf({ metric }: Cap, type: EventTypeCode, amounts: Amounts): bigint {
  if (metric === 'spend') return BigInt(amounts.spendMicros);
  if (metric === 'commission') return BigInt(amounts.commissionMicros);
  return COUNTED[metric] === type ? 1n : 0n;
}
