/**
 * What partners must have earned, worked out anew: from the decided events and their credits, by the plan as
 * docs/commissions.md describes it, and not as the system reads it.
 */
import type { CommissionPlan, EarningRate } from '../../../model/commission-plan.ts';
import type { CampaignPlan } from '../scenario.ts';
import type { Row } from './check.ts';
import { type Ledger, placeOf, REASON } from './ledger.ts';
import { add, earnedKey } from './told-commissions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const WHOLE = 1_000_000n;
/** Flags of traffic that may not be genuine: all but those of clocks and of the filter. */
const MARKS = 1 | 2 | 16 | 32 | 64 | 128;
/** How long its commissions are held at least, unless the plan says otherwise. */
const FLAGGED_HOLD_MS = 30 * DAY_MS;
/** What each model pays for, as events are numbered. */
const PAID_TYPE = { CPM: 1, CPC: 2, FLAT: 3, PERCENTAGE: 3 } as const;

/** A rate, of a rule where it has a name. */
type Rate = EarningRate & { readonly name?: string };

/** A part of an event, and who is to earn by it. */
interface Part {
  readonly partnerId: string;
  readonly sharePpm: bigint;
  readonly revenue: bigint;
  readonly commission: bigint;
}

/** What a partner has brought by a rate in a period, and has earned by it. */
interface Tally {
  count: bigint;
  /** In millionths of a micro, before what is cut off. */
  due: bigint;
  revenue: bigint;
}

/** Sums by partner, campaign and release; what is wrong is noted. */
export function earnedOf(
  ledger: Ledger,
  decided: readonly Row[],
  credits: readonly Row[],
  plans: readonly CampaignPlan[],
): Map<string, bigint> {
  const creditsOf = new Map<string, Row[]>();
  for (const row of credits) creditsOf.set(placeOf(row), [...(creditsOf.get(placeOf(row)) ?? []), row]);
  const earned = new Map<string, bigint>();
  for (const { campaignId, definition } of plans) {
    const model = new PlanModel(ledger, campaignId, definition.commission);
    for (const row of inOrder(decided.filter((candidate) => candidate.campaign_id === campaignId))) {
      if (Number(row.reason) !== REASON.accepted) {
        if (BigInt(row.commission_micros ?? 0) !== 0n)
          ledger.fail(`${row.event_id} was not accepted, and earns ${row.commission_micros}`);
        continue;
      }
      const own = (creditsOf.get(placeOf(row)) ?? []).sort((a, b) => Number(a.touch) - Number(b.touch));
      for (const { partnerId, micros, holdMs } of model.earn(row, own)) {
        const releaseAt = releaseOf(Number(row.record_time), holdMs);
        if (micros > 0n) add(earned, earnedKey(partnerId, campaignId, releaseAt), micros);
        for (const credit of own)
          if (credit.partner_id === partnerId && BigInt(credit.commission_micros ?? 0) > 0n)
            if (Number(credit.release_at) !== releaseAt)
              ledger.fail(
                `${row.event_id}: ${partnerId} gets it at ${credit.release_at}, not at ${releaseAt}`,
              );
      }
    }
  }
  return earned;
}

function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => Number(a.sequence) - Number(b.sequence) || Number(a.row) - Number(b.row));
}

/** Held commissions are released with the hour that the hold ends in; others in the present hour. */
function releaseOf(time: number, holdMs: number): number {
  const hours = holdMs === 0 ? Math.floor(time / HOUR_MS) : Math.ceil((time + holdMs) / HOUR_MS);
  return hours * HOUR_MS;
}

class PlanModel {
  readonly #ledger: Ledger;
  readonly #campaignId: string;
  readonly #plan: CommissionPlan | undefined;
  readonly #tallies = new Map<string, Tally>();
  readonly #capped = new Map<string, bigint>();

  constructor(ledger: Ledger, campaignId: string, plan: CommissionPlan | undefined) {
    this.#ledger = ledger;
    this.#campaignId = campaignId;
    this.#plan = plan;
  }

  /** Who has earned what by an accepted event, as the rows say it: held against what the plan gives. */
  earn(row: Row, credits: readonly Row[]): { partnerId: string; micros: bigint; holdMs: number }[] {
    const type = Number(row.type);
    const rate = (partnerId: string): Rate | undefined => this.#rateFor(type, String(row.goal), partnerId);
    const parts: Part[] =
      type === 3
        ? credits.map((credit) => ({
            partnerId: String(credit.partner_id),
            sharePpm: BigInt(credit.share_ppm ?? 0),
            revenue: BigInt(credit.revenue_micros ?? 0),
            commission: BigInt(credit.commission_micros ?? 0),
          }))
        : [
            {
              partnerId: String(row.partner_id),
              sharePpm: WHOLE,
              revenue: 0n,
              commission: BigInt(row.commission_micros ?? 0),
            },
          ];
    for (const part of parts) this.#check(row, rate(part.partnerId), part);
    const { holdMs: usualMs = 0, flaggedHoldMs = FLAGGED_HOLD_MS } = this.#plan ?? {};
    const markedMs = (Number(row.flags) & MARKS) === 0 ? 0 : flaggedHoldMs;
    return parts.map(({ partnerId, commission: micros }) => ({
      partnerId,
      micros,
      holdMs: Math.max(rate(partnerId)?.holdMs ?? usualMs, markedMs),
    }));
  }

  #rateFor(type: number, goal: string, partnerId: string): Rate | undefined {
    const plan = this.#plan;
    const rule = plan?.rules?.find(
      ({ goals = [goal], partnerIds = [partnerId], model }) =>
        goals.includes(goal) && partnerIds.includes(partnerId) && PAID_TYPE[model] === type,
    );
    if (rule) return rule;
    return plan?.model !== undefined && PAID_TYPE[plan.model] === type ? plan : undefined;
  }

  #check(row: Row, rate: Rate | undefined, part: Part): void {
    const { partnerId, commission } = part;
    const told = `${row.event_id} of ${this.#campaignId} earns ${partnerId} ${commission}`;
    if (!rate || partnerId === '') {
      if (commission !== 0n) this.#ledger.fail(`${told}, and should nothing`);
      return;
    }
    const [least, most] = this.#due(row, rate, part);
    const [low, high] = this.#cut(row, rate, part, least, most);
    if (commission < low || commission > high)
      this.#ledger.fail(`${told}, and should ${low === high ? low : `${low} to ${high}`}`);
  }

  /** The least and the most that it may be: where an event is shared without tiers, all parts but for a micro. */
  #due(row: Row, rate: Rate, part: Part): [bigint, bigint] {
    const { tiers } = rate;
    if (!tiers) {
      const price = priced(numberOf(rate), rate, WHOLE, BigInt(row.value_micros ?? 0)) / WHOLE;
      const exact = (price * part.sharePpm) / WHOLE;
      return part.sharePpm === WHOLE ? [exact, exact] : [exact, exact + 1n];
    }
    const key = `${periodOf(tiers.period, row)} ${rate.name ?? ''} ${part.partnerId}`;
    const tally = this.#tallies.get(key) ?? { count: 0n, due: 0n, revenue: 0n };
    const before = tally.due / WHOLE;
    const from = measured(rate, tally);
    tally.count += part.sharePpm;
    tally.revenue += part.revenue;
    const to = measured(rate, tally);
    tally.due =
      tiers.mode === 'RETROACTIVE'
        ? priced(reached(rate, to), rate, tally.count, tally.revenue)
        : tally.due + marginal(rate, from, to, part);
    this.#tallies.set(key, tally);
    const micros = tally.due / WHOLE - before;
    return [micros, micros];
  }

  /** What is beyond the cap is cut. */
  #cut(row: Row, rate: Rate, { partnerId, commission }: Part, least: bigint, most: bigint): [bigint, bigint] {
    const { cap } = rate;
    if (!cap) return [least, most];
    const key = `${periodOf(cap.period, row)} ${rate.name ?? ''} ${partnerId}`;
    const before = this.#capped.get(key) ?? 0n;
    this.#capped.set(key, before + commission);
    const room = BigInt(cap.micros) - before;
    return [least < room ? least : room, most < room ? most : room];
  }
}

function periodOf(period: 'day' | 'month' | 'total', { record_time: time }: Row): string {
  return period === 'day' ? String(Math.floor(Number(time) / DAY_MS)) : 'total';
}

function numberOf(rate: EarningRate): bigint {
  return BigInt(rate.model === 'PERCENTAGE' ? rate.sharePpm : rate.rate.micros);
}

/** What the tiers of a rate count: millionths of events, or micros. */
function measured({ tiers }: EarningRate, { count, revenue }: Pick<Tally, 'count' | 'revenue'>): bigint {
  return tiers?.by === 'revenue' ? revenue : count;
}

/** Where a tier begins. */
function boundOf({ tiers }: EarningRate, from: number): bigint {
  return tiers?.by === 'revenue' ? BigInt(from) : BigInt(from) * WHOLE;
}

/** The rate of the tier that has been come to. */
function reached(rate: EarningRate, measure: bigint): bigint {
  const step = rate.tiers?.steps.filter(({ from }) => boundOf(rate, from) <= measure).at(-1);
  return step ? BigInt(step.rate) : numberOf(rate);
}

/** Millionths of a micro for so many millionths of events, or so much revenue. */
function priced(number: bigint, { model }: EarningRate, count: bigint, revenue: bigint): bigint {
  if (model === 'PERCENTAGE') return number * revenue;
  return model === 'CPM' ? (number / 1_000n) * count : number * count;
}

/**
 * What lies in each tier, at the rate of that tier: a part is divided as its measure is, what lies below a threshold
 * rounded down.
 */
function marginal(rate: EarningRate, from: bigint, to: bigint, { sharePpm, revenue }: Part): bigint {
  const bounds = (rate.tiers?.steps ?? [])
    .map((step) => boundOf(rate, step.from))
    .filter((bound) => bound > from && bound < to);
  let sum = 0n;
  let start = from;
  let [count, value] = [0n, 0n];
  for (const end of [...bounds, to]) {
    const below = (amount: bigint): bigint => (end === to ? amount : (amount * (end - from)) / (to - from));
    sum += priced(reached(rate, start), rate, below(sharePpm) - count, below(revenue) - value);
    [start, count, value] = [end, below(sharePpm), below(revenue)];
  }
  return sum;
}
