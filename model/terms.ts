/**
 * The terms of a campaign: what its brand pays for, what its partners earn, and who of them a conversion is
 * credited to. The first two are prices of an event:
 * so much for a thousand impressions, for a click, for a conversion, or a share of what a conversion is worth.
 */
import type { AttributionRule } from './attribution.ts';
import type { CommissionPlan } from './commission-plan.ts';
import { EventType, type EventTypeCode } from './event.ts';
import { type Money, type MoneyJson, moneyJson } from './money.ts';

/** Models that charge for single events, each at the same price. */
export const UNIT_COST_MODELS = ['CPM', 'CPC', 'CPA'] as const;
export type UnitCostModel = (typeof UNIT_COST_MODELS)[number];

export const COST_MODELS = [...UNIT_COST_MODELS, 'REVENUE_SHARE', 'FIXED'] as const;
export type CostModel = (typeof COST_MODELS)[number];

export const COMMISSION_MODELS = ['FLAT', 'PERCENTAGE', 'CPC', 'CPM'] as const;
export type CommissionModel = (typeof COMMISSION_MODELS)[number];

/** Models that are a share of what a conversion is worth; the others have a rate. */
export type ShareModel = 'REVENUE_SHARE' | 'PERCENTAGE';

/** A price that is an amount: of a thousand impressions, a click, a conversion, or (FIXED) the whole campaign. */
interface Rated<Model> {
  readonly model: Model;
  readonly rate: Money;
}

/** A price that is a share of the conversion's value, in millionths. */
interface Shared<Model> {
  readonly model: Model;
  readonly sharePpm: number;
}

/** What the brand pays for. */
export type Cost = Rated<Exclude<CostModel, ShareModel>> | Shared<'REVENUE_SHARE'>;

/** A rate by which the partner of an event earns something. */
export type Commission = Rated<Exclude<CommissionModel, ShareModel>> | Shared<'PERCENTAGE'>;

/** What may change while a campaign runs: an event is judged by what was in force when it happened. */
export interface Terms {
  readonly cost?: Cost;
  readonly commission?: CommissionPlan;
  /** How long after its click a conversion counts, in milliseconds. */
  readonly clickWindowMs: number;
  /** To whom conversions are credited; see `attributionOf`. */
  readonly attribution?: AttributionRule;
}

/** The whole, in millionths. */
export const WHOLE_PPM = 1_000_000;

/** The type of event that each model has a price for; a fixed fee is for none of them. */
const PRICED: Readonly<Record<CostModel | CommissionModel, EventTypeCode | undefined>> = {
  CPM: EventType.impression,
  CPC: EventType.click,
  CPA: EventType.conversion,
  FLAT: EventType.conversion,
  REVENUE_SHARE: EventType.conversion,
  PERCENTAGE: EventType.conversion,
  FIXED: undefined,
};

export function isShareModel(model: CostModel | CommissionModel): model is ShareModel {
  return model === 'REVENUE_SHARE' || model === 'PERCENTAGE';
}

/** Whether a price is a share of the conversion's value. */
export function isShare(price: Cost | Commission): price is Shared<ShareModel> {
  return isShareModel(price.model);
}

/** Whether there is a price for events of a type. */
export function isPriced(price: Cost | Commission, type: EventTypeCode): boolean {
  return PRICED[price.model] === type;
}

/**
 * The price of one event, in micros; 0 for a type that has none.
 *
 * @param valueMicros what a conversion is worth
 */
export function priceMicros(price: Cost | Commission, type: EventTypeCode, valueMicros: number): number {
  if (!isPriced(price, type)) return 0;
  return isShare(price) ? shareMicros(valueMicros, price.sharePpm) : unitMicros(price);
}

/** The least that another priced event may cost, in micros; 0 if no event costs anything. */
export function leastPriceMicros(price: Cost | Commission): number {
  if (PRICED[price.model] === undefined) return 0;
  return isShare(price) ? 1 : unitMicros(price);
}

/** A CPM rate is a multiple of 1,000 micros, so that one impression has an exact price. */
function unitMicros({ model, rate }: Rated<CostModel | CommissionModel>): number {
  return model === 'CPM' ? rate.micros / 1_000 : rate.micros;
}

/**
 * A share of an amount, rounded down to a micro: nobody pays more than the share. Neither product leaves the
 * safe integers, for amounts up to `limits.amountMicros`.
 */
function shareMicros(micros: number, sharePpm: number): number {
  const rest = micros % WHOLE_PPM;
  return ((micros - rest) / WHOLE_PPM) * sharePpm + Math.floor((rest * sharePpm) / WHOLE_PPM);
}

/** A price as JSON carries it: shares in percent. */
export function priceJson<Model extends CostModel | CommissionModel>(
  price: (Cost | Commission) & { readonly model: Model },
): { model: Model; rate?: MoneyJson; percent?: string } {
  const { model } = price;
  if (isShare(price)) return { model, percent: String(price.sharePpm / (WHOLE_PPM / 100)) };
  const { rate } = price as Rated<Model>;
  return { model, rate: moneyJson(rate.micros, rate.currency) };
}

/** The currency of a price, unless it is a share. */
export function currencyOfPrice(price: Cost | Commission | undefined): string | undefined {
  return price === undefined || isShare(price) ? undefined : price.rate.currency;
}
