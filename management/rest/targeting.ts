/** Targeting as REST shows it, and what is said of it: schemas, and the way there from the application. */
import { type Static, Type } from 'typebox';
import {
  BID_STRATEGIES,
  COMPANY_SIZES,
  CONNECTION_TYPES,
  CRITERION_NAMES,
  DEVICE_TYPES,
  FREQUENCY_PERIODS,
  GENDERS,
  INCOME_RANGES,
  PLATFORMS,
} from '../../model/targeting.ts';
import { Money, words } from './schema-parts.ts';

const list = <W extends string>(description: string, values?: readonly W[]) =>
  Type.Optional(Type.Array(values ? words(values) : Type.Unsafe<W>({ type: 'string' }), { description }));

export const TargetingResource = Type.Object(
  {
    age: Type.Optional(
      Type.Object({ from: Type.Integer(), to: Type.Integer() }, { description: 'Years, both included.' }),
    ),
    genders: list('Genders.', GENDERS),
    locations: list('Countries, subdivisions and cities.'),
    languages: list('Languages that they know.'),
    interests: list('Interests.'),
    behaviors: list('Behaviors.'),
    custom_audiences: list('Audiences that the brand keeps.'),
    lookalike_audiences: Type.Optional(
      Type.Array(Type.Object({ audience_id: Type.String(), percent: Type.Integer() }), {
        description: 'People like those of an audience: this many percent of all, the most alike first.',
      }),
    ),
    job_titles: list('Job titles.'),
    industries: list('Industries.'),
    company_sizes: list('Sizes of the companies that they work for.', COMPANY_SIZES),
    income_ranges: list('Incomes, by fifths of the households.', INCOME_RANGES),
    device_types: list('Devices.', DEVICE_TYPES),
    platforms: list('Operating systems.', PLATFORMS),
    connection_types: list('Ways to be online.', CONNECTION_TYPES),
    exclusions: Type.Optional(
      Type.Array(Type.Object({ criterion: words(CRITERION_NAMES), value: Type.String() }), {
        description: 'Who is not to be reached.',
      }),
    ),
    frequency_cap: Type.Optional(
      Type.Object(
        { impressions: Type.Integer(), period: words(FREQUENCY_PERIODS) },
        { description: 'How often one person is to see the campaign at most.' },
      ),
    ),
    bid_strategy: Type.Optional(
      Type.Object(
        { kind: words(BID_STRATEGIES), cap: Type.Optional(Money), roas: Type.Optional(Type.Number()) },
        { description: 'How to bid.' },
      ),
    ),
  },
  { $id: 'Targeting', description: 'Whom a campaign is for; fixed at the launch.' },
);
export type TargetingResource = Static<typeof TargetingResource>;
