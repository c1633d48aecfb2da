/** The campaigns of a demo: every cost model, several currencies, rates that micros hold exactly. */
import { limits } from '../../limits.ts';
import type { EventTypeName } from '../../model/event.ts';
import { MICROS } from '../../model/money.ts';
import { UNIT_COST_MODELS, type UnitCostModel } from '../../model/terms.ts';

export interface CampaignSpec {
  readonly campaignId: string;
  readonly name: string;
  readonly costModel: UnitCostModel;
  readonly currency: string;
  /** Price of a thousand impressions, a click, or a conversion. */
  readonly rateMicros: number;
  readonly budgetMicros: number;
  /** A budget with room for exactly so many clicks; `undefined`: more than the demo can spend. */
  readonly tightClicks: number | undefined;
}

/** Typical prices in one currency, in its units. */
interface Prices {
  readonly currency: string;
  readonly rate: Readonly<Record<UnitCostModel, number>>;
  /** Value of a conversion, from and to; the smallest step is the currency's minor unit. */
  readonly value: readonly [least: number, most: number];
}

const PRICES: readonly Prices[] = [
  { currency: 'USD', rate: { CPM: 2.5, CPC: 0.25, CPA: 8 }, value: [5, 250] },
  { currency: 'EUR', rate: { CPM: 2.3, CPC: 0.22, CPA: 7.5 }, value: [5, 220] },
  { currency: 'COP', rate: { CPM: 900, CPC: 90, CPA: 3_000 }, value: [20_000, 900_000] },
  { currency: 'JPY', rate: { CPM: 300, CPC: 30, CPA: 900 }, value: [500, 30_000] },
  { currency: 'GBP', rate: { CPM: 2.1, CPC: 0.2, CPA: 6.5 }, value: [4, 200] },
  { currency: 'KWD', rate: { CPM: 0.75, CPC: 0.075, CPA: 2.4 }, value: [1.5, 75] },
];

function pricesIn(currency: string): Prices {
  const prices = PRICES.find((entry) => entry.currency === currency);
  if (prices === undefined) throw new Error(`no prices in ${currency}`);
  return prices;
}

const micros = (units: number): number => Math.round(units * MICROS);

/** From and to which value, in micros, a conversion is worth in a currency. */
export function conversionValueRange(currency: string): readonly [least: number, most: number] {
  const [least, most] = pricesIn(currency).value;
  return [micros(least), micros(most)];
}

/** What one accepted event costs, in micros. */
export function costOf(spec: CampaignSpec, type: EventTypeName): number {
  switch (spec.costModel) {
    case 'CPM':
      return type === 'impression' ? spec.rateMicros / 1_000 : 0;
    case 'CPC':
      return type === 'click' ? spec.rateMicros : 0;
    case 'CPA':
      return type === 'conversion' ? spec.rateMicros : 0;
  }
}

/**
 * The campaigns of a run, most popular first; the one with the tight budget, if any, comes last.
 *
 * @param run part of every id, so that runs do not meet
 */
export function campaignSpecs(run: string, count: number, tightClicks: number | undefined): CampaignSpec[] {
  const specs = Array.from({ length: count }, (_, index): CampaignSpec => {
    const costModel = UNIT_COST_MODELS[index % UNIT_COST_MODELS.length] as UnitCostModel;
    // One further with each round of the models, so that every model meets every currency.
    const round = Math.floor(index / UNIT_COST_MODELS.length);
    const { currency, rate } = PRICES[(index + round) % PRICES.length] as Prices;
    return {
      campaignId: `demo-${run}-${String(index + 1).padStart(2, '0')}`,
      name: `Demo ${index + 1}, ${costModel} in ${currency}`,
      costModel,
      currency,
      rateMicros: micros(rate[costModel]),
      budgetMicros: limits.amountMicros,
      tightClicks: undefined,
    };
  });
  return tightClicks === undefined ? specs : [...specs, tightSpec(run, tightClicks)];
}

function tightSpec(run: string, tightClicks: number): CampaignSpec {
  const { currency, rate } = pricesIn('USD');
  const rateMicros = micros(rate.CPC);
  return {
    campaignId: `demo-${run}-tight`,
    name: `Demo, budget for ${tightClicks} clicks`,
    costModel: 'CPC',
    currency,
    rateMicros,
    budgetMicros: rateMicros * tightClicks,
    tightClicks,
  };
}
