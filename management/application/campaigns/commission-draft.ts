/** The commission plan of a campaign as clients write it, in the spelling of REST. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { CAP_PERIODS } from '../../../model/campaign.ts';
import { TIER_MEASURES, TIER_MODES } from '../../../model/commission-plan.ts';
import { COMMISSION_MODELS } from '../../../model/terms.ts';
import { MoneyDraft, word } from '../draft-parts.ts';
import { percent, rate } from './prices.ts';

const DAY_MS = 86_400_000;

const values = (description: string, example: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: limits.commissionTextLength }), {
      minItems: 1,
      maxItems: limits.commissionValues,
      description,
      examples: [[example]],
    }),
  );

const TierDraft = Type.Object({
  from_count: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'By conversions, clicks or impressions: how many must have been brought.',
    }),
  ),
  from_amount: Type.Optional({
    ...MoneyDraft,
    description: 'By revenue: what must have been brought, in units of the currency.',
  }),
  rate: rate('What is earned from then on; not for PERCENTAGE.'),
  percent,
});

const TiersDraft = Type.Object(
  {
    mode: word(
      TIER_MODES,
      'For what a higher tier holds: what comes after it was reached, or all of the period, so that what is due for ' +
        'the earlier part is earned with the event that reaches it.',
    ),
    by: word(
      TIER_MEASURES,
      'What is measured: what the partner has brought by this rate. FLAT and PERCENTAGE may go by conversions or ' +
        'revenue, CPC goes by clicks, CPM by impressions.',
    ),
    period: word(
      CAP_PERIODS,
      'Over which time: a day or month of the time zone of the campaign, or all of its life.',
    ),
    steps: Type.Array(TierDraft, {
      minItems: 1,
      maxItems: limits.commissionTiers,
      description: 'In ascending order; before the first of them the rate itself holds.',
    }),
  },
  {
    description: 'Other rates once a partner has brought so much.',
    examples: [
      {
        mode: 'MARGINAL',
        by: 'revenue',
        period: 'month',
        steps: [{ from_amount: { amount: '10000.00', currency: 'USD' }, percent: '7.5' }],
      },
    ],
  },
);
export type TiersDraft = Static<typeof TiersDraft>;

const CapDraft = Type.Object(
  {
    amount: MoneyDraft,
    period: word(
      CAP_PERIODS,
      'In which time: a day or month of the time zone of the campaign, or all of its life.',
    ),
  },
  {
    description:
      'The most that one partner earns by this rate; what is beyond it is cut, and the event counts all the same.',
    examples: [{ amount: { amount: '500.00', currency: 'USD' }, period: 'month' }],
  },
);
export type CapDraft = Static<typeof CapDraft>;

const holdDays = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: limits.commissionHoldMs / DAY_MS, description }));

const RATE = {
  rate: rate('What is earned; not for PERCENTAGE. A rule may have 0: nothing is earned by what fits it.'),
  percent,
  tiers: Type.Optional(TiersDraft),
  cap: Type.Optional(CapDraft),
};

const model = (more = '') =>
  word(
    COMMISSION_MODELS,
    'What partners earn by: conversions (so much for each, or a share of their value), clicks, or thousands of ' +
      `impressions.${more}`,
  );

const RuleDraft = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: limits.commissionRuleNameLength,
      description: 'Its name, which no other rule has; what partners bring is tallied under it.',
      examples: ['shoes by Ana'],
    }),
    partner_ids: values('Only of these partners.', 'ana'),
    goals: values('Only conversions of these kinds, spelt as events have them.', 'sale'),
    content_ids: values('Only what these contents have brought.', 'video-7'),
    properties: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({
            minLength: 1,
            maxLength: limits.commissionTextLength,
            description: 'Name of a property of events.',
            examples: ['category'],
          }),
          values: Type.Array(Type.String({ maxLength: limits.commissionTextLength }), {
            minItems: 1,
            maxItems: limits.commissionValues,
            description: 'Values that it may have; numbers and booleans as JSON writes them.',
            examples: [['shoes', 'boots']],
          }),
        }),
        {
          maxItems: limits.commissionProperties,
          description:
            'Only events whose properties have these values: a product, a category. All of them must fit.',
        },
      ),
    ),
    minimum_value: Type.Optional({
      ...MoneyDraft,
      description: 'Only conversions that are worth so much or more.',
    }),
    model: model(),
    ...RATE,
    hold_days: holdDays('For how long what is earned by it is held; as the plan says, unless said.'),
  },
  {
    description:
      'What some events earn. All conditions must fit; without any it is for all that its model pays for.',
  },
);
export type RuleDraft = Static<typeof RuleDraft>;

export const CommissionDraft = Type.Object(
  {
    model: Type.Optional(model(' May be absent where there are rules.')),
    ...RATE,
    hold_days: holdDays('For how long a commission is held before it may be paid; 0 unless said.'),
    flagged_hold_days: holdDays(
      'For how long a commission is held at least if its event has a mark of fraud; 30 unless said.',
    ),
    refunds_budget: Type.Optional(
      Type.Boolean({
        description:
          'Whether a refund gives what the conversion had cost back to the budget; false unless said.',
      }),
    ),
    rules: Type.Optional(
      Type.Array(RuleDraft, {
        maxItems: limits.commissionRules,
        description:
          'Other rates for some events, in the order in which they are asked: the first that an event fits pays for it, ' +
          'else the rate of the plan. Rules are asked of events that their model pays for only.',
      }),
    ),
  },
  {
    description:
      "What partners earn by events, in the budget's currency. It may change while the campaign runs: an event is " +
      'judged by what was in force when it happened.',
    examples: [
      {
        model: 'PERCENTAGE',
        percent: '5',
        hold_days: 30,
        rules: [
          {
            name: 'gift cards',
            properties: [{ name: 'category', values: ['gift card'] }],
            model: 'FLAT',
            rate: { amount: '1.00', currency: 'USD' },
          },
        ],
      },
    ],
  },
);
export type CommissionDraft = Static<typeof CommissionDraft>;
