/** A targeting as clients send it, in the spelling of REST. */
import { type Static, type TSchema, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import {
  AGE,
  BID_STRATEGIES,
  COMPANY_SIZES,
  CONNECTION_TYPES,
  CRITERION_NAMES,
  DEVICE_TYPES,
  FREQUENCY_PERIODS,
  GENDERS,
  INCOME_RANGES,
  PLATFORMS,
} from '../../../model/targeting.ts';
import { MoneyDraft, word } from '../draft-parts.ts';

const text = (description: string, examples?: readonly string[]) =>
  Type.String({
    minLength: 1,
    maxLength: limits.targetingTextLength,
    description,
    ...(examples && { examples: [...examples] }),
  });

const list = <T extends TSchema>(items: T, description: string) =>
  Type.Optional(Type.Array(items, { maxItems: limits.targetingValues, description }));

const years = (description: string) => Type.Integer({ minimum: AGE.from, maximum: AGE.to, description });

export const TargetingDraft = Type.Object(
  {
    age: Type.Optional(
      Type.Object(
        { from: years('The youngest, in years.'), to: years('The oldest, in years.') },
        { description: 'Ages, both included.' },
      ),
    ),
    genders: list(word(GENDERS, 'A gender.'), 'Genders.'),
    locations: list(
      text('A country (ISO 3166-1), a subdivision (ISO 3166-2), or a city in one, after a slash.', [
        'CO',
        'CO-ANT',
        'CO-ANT/Medellín',
      ]),
      'Where they are. A campaign needs one.',
    ),
    languages: list(text('Primary language subtag (BCP 47).', ['es']), 'Languages that they know.'),
    interests: list(text('An interest.', ['sports']), 'Interests. A campaign needs one, or a behavior.'),
    behaviors: list(text('A behavior.', ['online_shopper']), 'Behaviors.'),
    custom_audiences: list(
      text('Identifier of an audience.', ['newsletter']),
      'Audiences that the brand keeps.',
    ),
    lookalike_audiences: list(
      Type.Object({
        audience_id: text('Whom they are like.', ['newsletter']),
        percent: Type.Integer({
          minimum: 1,
          maximum: 10,
          description: 'How many of the people there are: the most alike first.',
        }),
      }),
      'People like those of an audience; with custom_audiences one part: one of either will do.',
    ),
    job_titles: list(text('A job title.', ['buyer']), 'Job titles.'),
    industries: list(text('An industry.', ['retail']), 'Industries.'),
    company_sizes: list(
      word(COMPANY_SIZES, 'Persons employed: below 10, 50, 250, or more.'),
      'Sizes of the companies that they work for.',
    ),
    income_ranges: list(word(INCOME_RANGES, 'A fifth of the households.'), 'Incomes.'),
    device_types: list(word(DEVICE_TYPES, 'A kind of device.'), 'Devices.'),
    platforms: list(word(PLATFORMS, 'An operating system.'), 'Operating systems.'),
    connection_types: list(word(CONNECTION_TYPES, 'A way to be online.'), 'Ways to be online.'),
    exclusions: list(
      Type.Object({
        criterion: word(CRITERION_NAMES, 'What it is a value of.'),
        value: text('The value.', ['gambling']),
      }),
      'Who is not to be reached.',
    ),
    frequency_cap: Type.Optional(
      Type.Object(
        {
          impressions: Type.Integer({ minimum: 1, maximum: 1_000, description: 'Impressions at most.' }),
          period: word(FREQUENCY_PERIODS, 'In which time.'),
        },
        { description: 'How often one person is to see the campaign.' },
      ),
    ),
    bid_strategy: Type.Optional(
      Type.Object(
        {
          kind: word(BID_STRATEGIES, 'What bids aim at.'),
          cap: Type.Optional(MoneyDraft),
          roas: Type.Optional(
            Type.Number({
              minimum: 0.01,
              maximum: 1_000,
              description: 'Revenue per spend; needed for target_roas.',
            }),
          ),
        },
        { description: 'How to bid. cost_cap and bid_cap need a cap, in the currency of the campaign.' },
      ),
    ),
  },
  {
    description:
      'Whom the campaign is for: each part admits those who match any of its values, an absent one everybody. It is ' +
      'fixed at the launch. Events are not judged by it.',
  },
);
export type TargetingDraft = Static<typeof TargetingDraft>;
