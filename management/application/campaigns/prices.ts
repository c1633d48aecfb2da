/** What a brand pays for, as clients write it, and what prices have in common. */
import { type Static, Type } from 'typebox';
import { microsOfNumber, parseMicros } from '../../../model/money.ts';
import {
  COST_MODELS,
  type CommissionModel,
  type Cost,
  type CostModel,
  isShareModel,
  WHOLE_PPM,
} from '../../../model/terms.ts';
import { MoneyDraft, word } from '../draft-parts.ts';
import { moneyOf } from '../money.ts';
import type { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';

export const rate = (description: string) => Type.Optional({ ...MoneyDraft, description });

export const percent = Type.Optional(
  Type.Unsafe<string | number>({
    type: ['string', 'number'],
    description: 'Share of the value of a conversion, above 0 and up to 100, with at most four decimals.',
    examples: ['12.5'],
  }),
);

export const CostDraft = Type.Object(
  {
    model: word(
      COST_MODELS,
      'What is paid for: a thousand impressions, a click, a conversion, a share of what conversions are worth, ' +
        'or the campaign as a whole, once, when it starts.',
    ),
    rate: rate('The price; not for REVENUE_SHARE.'),
    percent,
  },
  { description: "What the brand pays for, in the budget's currency; needed to launch." },
);
export type CostDraft = Static<typeof CostDraft>;

/** @param currency the campaign's, if it has one */
export function costOf(
  draft: CostDraft,
  currency: string | undefined,
  violations: Violations,
): Cost | undefined {
  const model = wordOf(COST_MODELS, draft.model, 'cost.model', violations);
  return priceOf(model, draft, 'cost', currency, violations) as Cost | undefined;
}

/**
 * A price.
 *
 * @param field where it is: `cost`
 * @param currency the campaign's, if it has one
 * @param mayBeZero whether nothing may be a price, too
 */
export function priceOf<Model extends CostModel | CommissionModel>(
  model: Model | undefined,
  draft: Omit<CostDraft, 'model'>,
  field: string,
  currency: string | undefined,
  violations: Violations,
  mayBeZero = false,
) {
  if (model === undefined) {
    // Whatever else is wrong is told as well.
    if (draft.rate) moneyOf(draft.rate, `${field}.rate`, violations, mayBeZero);
    return undefined;
  }
  const isShare = isShareModel(model);
  const [needed, other] = isShare ? (['percent', 'rate'] as const) : (['rate', 'percent'] as const);
  if (draft[other] !== undefined)
    return violations.add(`${field}.${other}`, `must be absent for ${model}, which has a ${needed}`);
  if (draft[needed] === undefined) return violations.add(`${field}.${needed}`, `is required for ${model}`);
  if (isShare) {
    const sharePpm = sharePpmOf(draft.percent as string | number, `${field}.percent`, violations, mayBeZero);
    return sharePpm === undefined ? undefined : { model, sharePpm };
  }
  const money = moneyOf(draft.rate as MoneyDraft, `${field}.rate`, violations, mayBeZero);
  if (money === undefined) return undefined;
  if (currency !== undefined && money.currency !== currency)
    return violations.add(`${field}.rate.currency`, `must be the budget's currency, ${currency}`);
  // One impression costs a thousandth of the rate, and that must be whole micros: nothing is ever rounded.
  if (model === 'CPM' && money.micros % 1_000 !== 0)
    return violations.add(`${field}.rate.amount`, 'must have at most three decimals for CPM');
  return { model, rate: money };
}

/** Millionths of a percent are a hundred times as fine as shares: what does not fit is refused, not rounded. */
const MICRO_PERCENTS = 100;

function sharePpmOf(
  text: string | number,
  field: string,
  violations: Violations,
  mayBeZero: boolean,
): number | undefined {
  const most = WHOLE_PPM * MICRO_PERCENTS;
  const micros = typeof text === 'string' ? parseMicros(text, most) : microsOfNumber(text, most);
  if (micros === undefined || (micros === 0 && !mayBeZero) || micros % MICRO_PERCENTS !== 0) {
    const least = mayBeZero ? 'from 0' : 'above 0 and';
    return violations.add(field, `must be a decimal ${least} up to 100, with at most four decimals`);
  }
  return micros / MICRO_PERCENTS;
}
