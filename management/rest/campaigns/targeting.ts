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
} from '../../../model/targeting.ts';
import { REACH_FACTORS, type ReachEstimate } from '../../../model/targeting-reach.ts';
import { CAMPAIGN_ID_PATTERN } from '../../application/campaigns/campaign-draft.ts';
import { TargetingDraft } from '../../application/campaigns/targeting-draft.ts';
import { Money, words } from '../schema-parts.ts';

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

const people = (description: string) => Type.Integer({ minimum: 0, description });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

export const ReachResource = Type.Object(
  {
    base_population: people('All people online, whom the shares are of.'),
    estimated: people('The base population times the share of each step.'),
    minimum: people('The estimate less 20 %.'),
    maximum: people('The estimate and 20 %; at most the base population.'),
    breakdown: Type.Array(
      Type.Object({
        factor: words(REACH_FACTORS, 'What narrows the audience.'),
        share: share('What share of those before it it leaves.'),
        remaining: people('People left after it.'),
      }),
      { description: 'What narrows the audience, in order.' },
    ),
  },
  {
    $id: 'ReachEstimate',
    description: 'How many people a targeting may reach, by assumed shares: for planning.',
  },
);
export type ReachResource = Static<typeof ReachResource>;

export const OverlapResource = Type.Object(
  {
    overlap: share('0.3 demographics + 0.2 geography + 0.3 interests + 0.2 professional; 1 for equal ones.'),
    parts: Type.Object({
      demographics: share('Age, genders, languages.'),
      geography: share('Locations.'),
      interests: share('Interests, behaviors, audiences.'),
      professional: share('Job titles, industries, sizes of companies, incomes.'),
    }),
  },
  { $id: 'TargetingOverlap', description: 'How far two targetings are for the same people.' },
);
export type OverlapResource = Static<typeof OverlapResource>;

export const VerdictResource = Type.Object(
  {
    valid: Type.Boolean({ description: 'Whether a campaign could have it.' }),
    violations: Type.Array(Type.Object({ field: Type.String(), description: Type.String() }), {
      description: 'The fields at fault and what would be right; at most 20.',
    }),
  },
  { $id: 'TargetingVerdict', description: 'What is wrong with a targeting.' },
);
export type VerdictResource = Static<typeof VerdictResource>;

export const TargetingBody = Type.Object({ targeting: TargetingDraft });

const SubjectBody = Type.Object(
  {
    targeting: Type.Optional(TargetingDraft),
    campaign_id: Type.Optional(
      Type.String({ pattern: CAMPAIGN_ID_PATTERN, description: 'The campaign whose targeting is meant.' }),
    ),
  },
  { description: 'A targeting, which need not be complete, or the campaign that has it: one of the two.' },
);
export const ComparisonBody = Type.Object({ first: SubjectBody, second: SubjectBody });

export function reachResource(reach: ReachEstimate): ReachResource {
  const { basePopulation, estimated, minimum, maximum, breakdown } = reach;
  return {
    base_population: basePopulation,
    estimated,
    minimum,
    maximum,
    breakdown: breakdown.map((step) => ({ ...step })),
  };
}
