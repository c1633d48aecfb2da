/** What happens to the partners' money in a world, drawn from its seed: plans, refunds, payouts, and what the gateway is like. */
import type { PayoutTerms } from '../../model/account.ts';
import type {
  CommissionCap,
  CommissionPlan,
  CommissionRule,
  EarningRate,
  TierMeasure,
  Tiers,
} from '../../model/commission-plan.ts';
import type { PayoutRequest } from '../../model/payout.ts';
import type { CommissionModel } from '../../model/terms.ts';
import type { Random } from '../support/random.ts';

export const PARTNERS = ['p1', 'p2'] as const;
export const GOALS = ['sale', 'lead'] as const;
/** Transactions that conversions bring, and refunds ask for: one more than there are. */
export const TRANSACTIONS = 12;

/** Something that is asked for at a moment, in milliseconds since the beginning of a storm. */
interface Timed {
  readonly atMs: number;
}

export interface PayoutAsk extends Timed {
  readonly request: PayoutRequest;
  /** How many ask for it at once. */
  readonly clients: number;
}

export interface TermsAsk extends Timed {
  readonly partnerId: string;
  readonly terms: PayoutTerms;
}

export interface RefundAsk extends Timed {
  readonly campaignId: string;
  /** By a click that was told, rather than by a transaction. */
  readonly isByClick: boolean;
  readonly transactionId: string;
  readonly goal: string;
}

/** What is asked for while things go wrong. */
export interface MoneyStorm {
  readonly payouts: readonly PayoutAsk[];
  readonly terms: readonly TermsAsk[];
  readonly refunds: readonly RefundAsk[];
}

/** How the gateway behaves besides what happens to requests: shares from 0 to 1. */
export interface GatewayBehaviour {
  readonly declines: number;
  /** Transfers of which it tells by a notice what has become of them. */
  readonly deferred: number;
  /** Transfers that come back after they were sent: all, or a part of it. */
  readonly reversals: number;
  readonly partialReversals: number;
  /** Notices that come, though they need not, and again. */
  readonly chatter: number;
  /** How late a notice is, at most, in milliseconds. */
  readonly noticeMs: number;
}

export interface MoneyPlan {
  readonly first: MoneyStorm;
  readonly gateway: GatewayBehaviour;
  /** How long nothing happens after the first storm: nodes sleep, holds end; 0: nothing follows. */
  readonly sleepMs: number;
  /** How long things go wrong afterwards, and what is asked for then. */
  readonly secondMs: number;
  readonly second: MoneyStorm;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const USD = 'USD';
const CENT = 10_000;
const MODELS = ['FLAT', 'PERCENTAGE', 'CPC', 'CPM'] as const;
const NO_STORM: MoneyStorm = { payouts: [], terms: [], refunds: [] };

export function drawMoney(random: Random, campaignIds: readonly string[], stormMs: number): MoneyPlan {
  const isIdle = random.chance(0.25);
  const draw = (): number => (random.chance(0.5) ? random.next() / 2 : 0);
  const sleeps = !isIdle && random.chance(0.4);
  const secondMs = sleeps ? random.integer(5, 15) * SECOND : 0;
  return {
    first: isIdle ? NO_STORM : drawStorm(random, campaignIds, stormMs),
    gateway: {
      declines: draw(),
      deferred: draw(),
      reversals: draw() / 2,
      partialReversals: draw() / 2,
      chatter: draw(),
      noticeMs: random.integer(0, 15) * SECOND,
    },
    sleepMs: sleeps ? random.pick([1, 2, 13, 40]) * HOUR : 0,
    secondMs,
    second: sleeps ? drawStorm(random, campaignIds, secondMs) : NO_STORM,
  };
}

function drawStorm(random: Random, campaignIds: readonly string[], stormMs: number): MoneyStorm {
  const atMs = (): number => random.integer(0, stormMs);
  // Before there is something to be paid, little can go wrong.
  const lateMs = (): number => random.integer(Math.floor(stormMs / 3), stormMs);
  const earlyMs = (): number => random.integer(0, Math.floor(stormMs / 2));
  const several = <T>(most: number, draw: () => T): T[] =>
    Array.from({ length: random.integer(0, most) }, draw);
  return {
    payouts: several(8, () => ({
      atMs: lateMs(),
      request: drawRequest(random),
      clients: random.pick([1, 1, 2]),
    })),
    terms: several(3, () => ({
      atMs: earlyMs(),
      partnerId: random.pick(PARTNERS),
      terms: drawTerms(random),
    })),
    refunds: several(8, () => ({
      atMs: atMs(),
      campaignId: random.pick(campaignIds),
      isByClick: random.chance(0.3),
      transactionId: `order-${random.integer(1, TRANSACTIONS + 1)}`,
      goal: random.pick(GOALS),
    })),
  };
}

function drawRequest(random: Random): PayoutRequest {
  const isAll = random.chance(0.3);
  const isAdvance = !isAll && random.chance(0.3);
  return {
    partnerId: random.pick(PARTNERS),
    currency: USD,
    ...(!isAll && { micros: random.integer(1, 60) * CENT }),
    reference: `invoice-${random.integer(1, 12)}`,
    isAdvance,
    ...(random.chance(0.2) && { destination: 'account-of-its-own' }),
  };
}

function drawTerms(random: Random): PayoutTerms {
  return {
    schedule: random.pick(['NONE', 'DAILY', 'DAILY', 'DAILY', 'WEEKLY']),
    minimums: random.chance(0.2) ? [{ micros: random.integer(1, 300) * CENT, currency: USD }] : [],
    ...(random.chance(0.5) && { destination: `account-${random.integer(1, 2)}` }),
  };
}

/** A plan, or none: the partners earn nothing. */
export function drawCommission(random: Random): CommissionPlan | undefined {
  if (random.chance(0.1)) return undefined;
  const base = random.chance(0.9) ? drawRate(random, MODELS) : {};
  const rules = random.chance(0.35) ? [drawRule(random)] : undefined;
  if (!('model' in base) && rules === undefined) return undefined;
  return {
    ...base,
    holdMs: drawHold(random),
    ...(random.chance(0.3) && { flaggedHoldMs: drawHold(random) }),
    refundsBudget: random.chance(0.5),
    ...(rules && { rules }),
  } as CommissionPlan;
}

function drawRule(random: Random): CommissionRule {
  const isOfPartner = random.chance(0.5);
  return {
    ...drawRate(random, isOfPartner ? MODELS : ['FLAT', 'PERCENTAGE']),
    name: 'special',
    ...(isOfPartner ? { partnerIds: [random.pick(PARTNERS)] } : { goals: [random.pick(GOALS)] }),
    ...(random.chance(0.5) && { holdMs: drawHold(random) }),
  } as CommissionRule;
}

/** Most of them end within the story: where it begins shortly before the hour, or sleeps. */
function drawHold(random: Random): number {
  return random.pick([0, 0, 0, random.integer(1, 10) * SECOND, HOUR, 3 * HOUR, 30 * HOUR]);
}

function drawRate(random: Random, models: readonly CommissionModel[]): EarningRate {
  const model = random.pick(models);
  const rates = [0, 1, 2].map(() => drawNumber(random, model)).sort((one, other) => one - other);
  const more = {
    ...(random.chance(0.8) && { tiers: drawTiers(random, model, rates) }),
    ...(random.chance(0.35) && { cap: drawCap(random) }),
  };
  const [rate] = rates as [number];
  if (model === 'PERCENTAGE') return { model, sharePpm: rate, ...more };
  return { model, rate: { micros: rate, currency: USD }, ...more };
}

/** A rate for a thousand is one for each of them. */
function drawNumber(random: Random, model: CommissionModel): number {
  if (model === 'PERCENTAGE') return random.integer(1, 300_000);
  const micros = random.integer(1, 2_000_000);
  return model === 'CPM' ? micros * 1_000 : micros;
}

/** What tiers count, and thresholds that a short story comes to. */
const MEASURES = {
  FLAT: [
    ['conversions', 1],
    ['revenue', 7_000_000],
  ],
  PERCENTAGE: [
    ['conversions', 1],
    ['revenue', 7_000_000],
  ],
  CPC: [['clicks', 1]],
  CPM: [['impressions', 1]],
} as const satisfies Readonly<Record<CommissionModel, readonly (readonly [TierMeasure, number])[]>>;

function drawTiers(random: Random, model: CommissionModel, rates: readonly number[]): Tiers {
  const [, second, third] = rates as [number, number, number];
  const [by, unit] = random.pick<readonly [TierMeasure, number]>(MEASURES[model]);
  const from = random.integer(1, 4) * unit;
  return {
    mode: random.pick(['MARGINAL', 'RETROACTIVE']),
    by,
    period: random.pick(['day', 'total']),
    steps: [
      { from, rate: second },
      { from: from + random.integer(1, 5) * unit, rate: third },
    ],
  };
}

function drawCap(random: Random): CommissionCap {
  return { micros: random.integer(1, 8_000_000), period: random.pick(['day', 'total']) };
}
