/**
 * What is earned by a rate with tiers: pure, and exact to a millionth of a micro. What a partner has brought so far
 * and what an event adds decide together what the event earns, so that any sequence of events earns what all of it
 * together is worth.
 */
import { type EarningRate, rateOf, type Tiers } from '../../../model/commission-plan.ts';
import { WHOLE_PPM } from '../../../model/terms.ts';

/** What a partner has brought by a rule in a period, or what an event adds to it. */
export interface Brought {
  /** Events that the rule pays for, in millionths, as they may be shared. */
  readonly count: bigint;
  /** What they were worth. */
  readonly revenueMicros: bigint;
}

/** A rate that rises, or falls. */
export type TieredRate = EarningRate & { readonly tiers: Tiers };

const WHOLE = BigInt(WHOLE_PPM);
/** A CPM rate is for a thousand. */
const MILLE = 1_000n;

/**
 * What an event earns, in millionths of a micro.
 *
 * @param before what its partner had brought before it
 * @param added by the event, or by a share of it
 */
export function tieredEarning(rate: TieredRate, before: Brought, added: Brought): bigint {
  switch (rate.tiers.mode) {
    case 'MARGINAL':
      return marginal(rate, before, added);
    case 'RETROACTIVE':
      return retroactive(rate, plus(before, added)) - retroactive(rate, before);
  }
}

/** What an event earns at one rate, whatever was brought before; in millionths of a micro. */
export function flatEarning(rate: EarningRate, micros: number, added: Brought): bigint {
  return priced(rate, micros, paidFor(rate, added));
}

export function plus(a: Brought, b: Brought): Brought {
  return { count: a.count + b.count, revenueMicros: a.revenueMicros + b.revenueMicros };
}

/** The rate of the tier that is reached, of all that was brought. */
function retroactive(rate: TieredRate, total: Brought): bigint {
  const reached = measured(rate.tiers, total);
  const step = rate.tiers.steps.findLast(({ from }) => threshold(rate.tiers, from) <= reached);
  return priced(rate, step?.rate ?? rateOf(rate), paidFor(rate, total));
}

/**
 * The rate of each tier, of the part that lies in it. An event that lies in several is divided as its measure is: the
 * part below a threshold is rounded down, and what is left of it lies above.
 */
function marginal(rate: TieredRate, before: Brought, added: Brought): bigint {
  const { tiers } = rate;
  const start = measured(tiers, before);
  const length = measured(tiers, added);
  const amount = paidFor(rate, added);
  let earned = 0n;
  let current = rateOf(rate);
  let divided = 0n;
  for (const step of tiers.steps) {
    const from = threshold(tiers, step.from) - start;
    if (from > 0n) {
      // What adds nothing to the measure lies where it begins.
      if (from >= length) break;
      const below = (amount * from) / length;
      earned += priced(rate, current, below - divided);
      divided = below;
    }
    current = step.rate;
  }
  return earned + priced(rate, current, amount - divided);
}

/** How far tiers are measured by what was brought. */
function measured({ by }: Tiers, { count, revenueMicros }: Brought): bigint {
  return by === 'revenue' ? revenueMicros : count;
}

function threshold({ by }: Tiers, from: number): bigint {
  return by === 'revenue' ? BigInt(from) : BigInt(from) * WHOLE;
}

/** What a rate pays for: millionths of events, or micros of revenue. Either times the rate is millionths of a micro. */
function paidFor({ model }: EarningRate, { count, revenueMicros }: Brought): bigint {
  return model === 'PERCENTAGE' ? revenueMicros : count;
}

function priced({ model }: EarningRate, rate: number, amount: bigint): bigint {
  const product = BigInt(rate) * amount;
  return model === 'CPM' ? product / MILLE : product;
}
