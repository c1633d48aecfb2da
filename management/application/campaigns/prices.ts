/** What a brand pays for and what partners earn, as clients write it. */
import { type Static, Type } from 'typebox';
import { microsOfNumber, parseMicros } from '../../../model/money.ts';
import {
  COMMISSION_MODELS,
  COST_MODELS,
  type Commission,
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

const rate = (description: string) => Type.Optional({ ...MoneyDraft, description });

const percent = Type.Optional(
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

export const CommissionDraft = Type.Object(
  {
    model: word(
      COMMISSION_MODELS,
      'What partners earn by: conversions (so much for each, or a share of their value), clicks, or thousands of ' +
        'impressions.',
    ),
    rate: rate('What is earned; not for PERCENTAGE.'),
    percent,
  },
  {
    description:
      "What the partner of an event earns by it, in the budget's currency. It may change while the campaign runs: " +
      'an event is judged by what was in force when it happened.',
  },
);
export type CommissionDraft = Static<typeof CommissionDraft>;

/** @param currency the campaign's, if it has one */
export function costOf(
  draft: CostDraft,
  currency: string | undefined,
  violations: Violations,
): Cost | undefined {
  const model = wordOf(COST_MODELS, draft.model, 'cost.model', violations);
  return priceOf(model, draft, 'cost', currency, violations) as Cost | undefined;
}

/** @param currency the campaign's, if it has one */
export function commissionOf(
  draft: CommissionDraft,
  currency: string | undefined,
  violations: Violations,
): Commission | undefined {
  const model = wordOf(COMMISSION_MODELS, draft.model, 'commission.model', violations);
  return priceOf(model, draft, 'commission', currency, violations) as Commission | undefined;
}

function priceOf<Model extends CostModel | CommissionModel>(
  model: Model | undefined,
  draft: CostDraft,
  field: string,
  currency: string | undefined,
  violations: Violations,
) {
  if (model === undefined) {
    // Whatever else is wrong is told as well.
    if (draft.rate) moneyOf(draft.rate, `${field}.rate`, violations);
    return undefined;
  }
  const isShare = isShareModel(model);
  const [needed, other] = isShare ? (['percent', 'rate'] as const) : (['rate', 'percent'] as const);
  if (draft[other] !== undefined)
    return violations.add(`${field}.${other}`, `must be absent for ${model}, which has a ${needed}`);
  if (draft[needed] === undefined) return violations.add(`${field}.${needed}`, `is required for ${model}`);
  if (isShare) {
    const sharePpm = sharePpmOf(draft.percent as string | number, `${field}.percent`, violations);
    return sharePpm === undefined ? undefined : { model, sharePpm };
  }
  const money = moneyOf(draft.rate as MoneyDraft, `${field}.rate`, violations);
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

function sharePpmOf(text: string | number, field: string, violations: Violations): number | undefined {
  const most = WHOLE_PPM * MICRO_PERCENTS;
  const micros = typeof text === 'string' ? parseMicros(text, most) : microsOfNumber(text, most);
  if (micros === undefined || micros === 0 || micros % MICRO_PERCENTS !== 0)
    return violations.add(field, 'must be a decimal above 0 and up to 100, with at most four decimals');
  return micros / MICRO_PERCENTS;
}
