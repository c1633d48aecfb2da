/** Commission plans as REST shows them. */
import { Type } from 'typebox';
import { CAP_PERIODS } from '../../../model/campaign.ts';
import { TIER_MEASURES, TIER_MODES } from '../../../model/commission-plan.ts';
import { COMMISSION_MODELS } from '../../../model/terms.ts';
import { Money, words } from '../schema-parts.ts';

const percent = Type.Optional(Type.String({ description: 'Share of the value of a conversion.' }));

const RATE = {
  rate: Type.Optional(Money),
  percent,
  tiers: Type.Optional(
    Type.Object(
      {
        mode: words(TIER_MODES),
        by: words(TIER_MEASURES),
        period: words(CAP_PERIODS),
        steps: Type.Array(
          Type.Object({
            from_count: Type.Optional(Type.Integer()),
            from_amount: Type.Optional(Money),
            rate: Type.Optional(Money),
            percent,
          }),
        ),
      },
      { description: 'Other rates once a partner has brought so much.' },
    ),
  ),
  cap: Type.Optional(
    Type.Object(
      { amount: Money, period: words(CAP_PERIODS) },
      { description: 'The most that one partner earns by the rate.' },
    ),
  ),
};

const texts = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

const RuleResource = Type.Object({
  name: Type.String(),
  partner_ids: texts('Only of these partners.'),
  goals: texts('Only conversions of these kinds.'),
  content_ids: texts('Only what these contents have brought.'),
  properties: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), values: Type.Array(Type.String()) }), {
      description: 'Only events whose properties have these values.',
    }),
  ),
  minimum_value: Type.Optional(Money),
  model: words(COMMISSION_MODELS),
  ...RATE,
  hold_days: Type.Optional(Type.Integer({ description: 'As the plan says if absent.' })),
});

export const CommissionResource = Type.Object(
  {
    model: Type.Optional(words(COMMISSION_MODELS)),
    ...RATE,
    hold_days: Type.Optional(
      Type.Integer({ description: 'For how long a commission is held; 0 if absent.' }),
    ),
    flagged_hold_days: Type.Optional(
      Type.Integer({ description: 'For how long at least if the event has a mark of fraud; 30 if absent.' }),
    ),
    refunds_budget: Type.Optional(
      Type.Boolean({ description: 'Whether a refund gives the cost back to the budget; false if absent.' }),
    ),
    rules: Type.Optional(
      Type.Array(RuleResource, { description: 'The first that an event fits pays for it, else the plan.' }),
    ),
  },
  { $id: 'CommissionPlan', description: 'What partners earn.' },
);
