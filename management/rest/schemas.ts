/** What the REST gateway answers: schemas that shape the answers and document them. */
import { type Static, type TProperties, Type } from 'typebox';
import { limits } from '../../limits.ts';
import { ATTRIBUTION_MODELS } from '../../model/attribution.ts';
import { PACINGS } from '../../model/budget.ts';
import {
  CAMPAIGN_OBJECTIVES,
  CAMPAIGN_STATUSES,
  CAMPAIGN_TYPES,
  CAP_METRICS,
  CAP_PERIODS,
  KEY_POLICIES,
  LAUNCH_NEEDS,
  PUBLISHED_EVENTS,
  UNIQUENESS_KEYS,
  WHEN_EXHAUSTED,
} from '../../model/campaign.ts';
import { TARGET_METRICS } from '../../model/targets.ts';
import { COST_MODELS } from '../../model/terms.ts';
import { CAMPAIGN_ID_PATTERN } from '../application/campaigns/campaign-draft.ts';
import { GRANULARITIES } from '../application/figures/figures.ts';
import { CommissionResource } from './campaigns/commission.ts';
import { KpiThresholdResources } from './campaigns/kpis.ts';
import { TargetingResource } from './campaigns/targeting.ts';
import { count, instant, Money, shared, words } from './schema-parts.ts';

export { count, instant, Money, shared, words };

const ratio = (description: string) =>
  Type.Unsafe<number | null>({
    type: ['number', 'null'],
    description: `${description} null: nothing to divide by.`,
  });

const FIGURES = {
  received: count('Events received: accepted, duplicates, rejected and pending together.'),
  accepted: count('Events that count.'),
  duplicates: count("Repeats of an event, a transaction, or a visitor's click."),
  rejected: count('Events that do not count.'),
  pending: count('Events kept but not paid for, because the budget is used up.'),
  impressions: count('Accepted impressions.'),
  clicks: count('Accepted clicks.'),
  unique_clicks: count("Clicks that were their visitor's first, by the campaign's uniqueness rule."),
  conversions: count('Accepted conversions.'),
  revenue: Money,
  spend: Money,
  commission: Money,
  ctr: ratio('Clicks per impression.'),
  cvr: ratio('Conversions per click.'),
  cpc: ratio('Spend per click.'),
  cpa: ratio('Spend per conversion.'),
  cpm: ratio('Spend per thousand impressions.'),
  roas: ratio('Revenue per spend.'),
  roi: ratio('Revenue less spend, per spend.'),
} satisfies TProperties;

const price = (models: readonly string[], description: string) =>
  Type.Object(
    {
      model: words(models),
      rate: Type.Optional(Money),
      percent: Type.Optional(Type.String({ description: 'Share of the value of a conversion.' })),
    },
    { description },
  );

const score = Type.Optional(
  Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'How near the campaign has come to its targets: 1 is all of them. Only with targets.',
  }),
);

export const FinalResource = Type.Object(
  { completed_at: instant('When the campaign was completed.'), ...FIGURES, success_score: score },
  { $id: 'FinalFigures', description: 'Of a completed campaign: its figures, which change no more.' },
);
export type FinalResource = Static<typeof FinalResource>;

export const CampaignPath = Type.Object({
  campaign_id: Type.String({ pattern: CAMPAIGN_ID_PATTERN, description: 'The campaign.' }),
});

export const CampaignResource = Type.Object(
  {
    id: Type.String({ description: 'Identifier.' }),
    brand_id: Type.String({ description: 'The brand that pays.' }),
    partner_id: Type.Optional(Type.String({ description: 'The partner that runs it; absent: the brand.' })),
    name: Type.String({ description: 'Name for people.' }),
    type: words(CAMPAIGN_TYPES, 'Kind of campaign.'),
    objective: words(CAMPAIGN_OBJECTIVES, 'What the campaign is to achieve.'),
    status: words(CAMPAIGN_STATUSES, 'Where the campaign is in its life.'),
    status_reason: Type.Optional(
      Type.String({ description: 'The reason given with the last change of status.' }),
    ),
    status_changed_by: Type.Optional(Type.String({ description: 'Who changed the status last.' })),
    landing_page_url: Type.Optional(Type.String({ description: 'Where clicks are sent to.' })),
    fallback_url: Type.Optional(
      Type.String({ description: 'Where clicks are sent to while the campaign does not run.' }),
    ),
    allowed_hosts: Type.Array(Type.String(), { description: "Hosts that a click's url= may name." }),
    allowed_origins: Type.Array(Type.String(), { description: 'Origins that may send events; none: any.' }),
    budget: Type.Optional(
      Type.Object(
        {
          total: Money,
          daily: Type.Optional(Money),
          thresholds: Type.Optional(
            Type.Array(Type.Integer(), { description: 'Percentages of the total that are told when spent.' }),
          ),
          when_exhausted: Type.Optional(words(WHEN_EXHAUSTED)),
          pacing: Type.Optional(words(PACINGS)),
        },
        { description: 'Hard caps on spend.' },
      ),
    ),
    cost: Type.Optional(price(COST_MODELS, 'What is paid for.')),
    commission: Type.Optional(shared(CommissionResource)),
    starts_at: Type.Optional(instant('When the campaign begins.')),
    ends_at: Type.Optional(instant('When the campaign ends.')),
    caps: Type.Optional(
      Type.Array(
        Type.Object({
          metric: words(CAP_METRICS),
          period: words(CAP_PERIODS),
          limit: Type.Optional(Type.Integer()),
          amount: Type.Optional(Money),
        }),
        { description: 'Hard caps besides the budget.' },
      ),
    ),
    time_zone: Type.Optional(Type.String({ description: 'Time zone of its days; UTC if absent.' })),
    targets: Type.Optional(
      Type.Array(Type.Object({ metric: words(TARGET_METRICS), value: Type.Number() }), {
        description: 'What the campaign is to reach.',
      }),
    ),
    kpi_thresholds: Type.Optional(KpiThresholdResources),
    fraud: Type.Optional(
      Type.Object(
        { minimum_seconds_to_convert: Type.Integer() },
        { description: 'What is taken for a mark of fraud.' },
      ),
    ),
    targeting: Type.Optional(shared(TargetingResource)),
    uniqueness: Type.Object(
      { key: words(UNIQUENESS_KEYS), window_seconds: Type.Integer() },
      { description: "Which clicks count as one visitor's." },
    ),
    click_window_seconds: Type.Integer({ description: 'How long after its click a conversion counts.' }),
    attribution: Type.Object(
      {
        model: words(ATTRIBUTION_MODELS),
        half_life_seconds: Type.Integer(),
        view_window_seconds: Type.Integer(),
        minimum_seconds_to_convert: Type.Integer(),
      },
      { description: 'To whom conversions are credited.' },
    ),
    key_policy: words(KEY_POLICIES, 'Credentials demanded of those who send events.'),
    launch_needs: Type.Optional(
      Type.Array(words(LAUNCH_NEEDS), { description: 'What a launch needs besides a budget.' }),
    ),
    published_events: Type.Optional(
      Type.Array(words(PUBLISHED_EVENTS), { description: 'What is published besides its changes.' }),
    ),
    rate_limit: Type.Integer({ description: 'Events per second and key; 0: no limit of its own.' }),
    write_key: Type.String({ description: 'Public key of pages and apps: may only send events.' }),
    secret_keys: Type.Array(Type.String(), {
      description:
        'Keys that sign server events: whole in the answer that creates the campaign, masked afterwards.',
    }),
    etag: Type.String({ description: 'Changes with every change of the campaign; also the ETag header.' }),
    final: Type.Optional(shared(FinalResource)),
    created_at: instant('When the campaign was created.'),
    updated_at: instant('When the campaign was last changed.'),
  },
  { $id: 'Campaign', description: 'A campaign.' },
);
export type CampaignResource = Static<typeof CampaignResource>;

export const CampaignListQuery = Type.Object({
  brand_id: Type.Optional(Type.String({ description: 'Only campaigns of this brand.' })),
  partner_id: Type.Optional(Type.String({ description: 'Only campaigns that this partner runs.' })),
  type: Type.Optional(
    Type.String({ description: `Only campaigns of this type: ${CAMPAIGN_TYPES.join(', ')}.` }),
  ),
  status: Type.Optional(
    Type.String({ description: `Only campaigns in this status: ${CAMPAIGN_STATUSES.join(', ')}.` }),
  ),
  page_size: Type.Optional(
    Type.Integer({
      default: limits.defaultPageSize,
      description: `Campaigns on a page, at most ${limits.pageSize}; it may hold fewer although there are more.`,
    }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'next_page_token of the page before; same filters.' }),
  ),
});

export const CampaignList = Type.Object(
  {
    campaigns: Type.Array(shared(CampaignResource), { description: 'The newest first.' }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'CampaignList', description: 'A page of campaigns.' },
);

export const ChangeBody = Type.Object({
  reason: Type.Optional(
    Type.String({ maxLength: limits.reasonLength, description: 'Why; kept with the change.' }),
  ),
});

export const CommandHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ description: 'Makes repeats harmless: a repeated key gets the first answer.' }),
  ),
});

export const ChangeHeaders = Type.Object({
  ...CommandHeaders.properties,
  'if-match': Type.Optional(
    Type.String({ description: 'The etag that the campaign must have, in quotes; 412 if it has another.' }),
  ),
});

const BucketResource = Type.Object({
  starts_at: instant('A whole minute, hour or day, UTC.'),
  ...FIGURES,
});

const FiguresOnly = Type.Object(FIGURES);
export type FiguresOnly = Static<typeof FiguresOnly>;

export const MetricsResource = Type.Object(
  {
    campaign_id: Type.String({ description: 'The campaign.' }),
    as_of: instant('The moment up to which events are included.'),
    ...FIGURES,
    success_score: score,
    buckets: Type.Optional(
      Type.Array(BucketResource, {
        description: 'With a granularity: the stretches in which events were received, oldest first.',
      }),
    ),
  },
  { $id: 'CampaignMetrics', description: "A campaign's figures." },
);
export type MetricsResource = Static<typeof MetricsResource>;

export const MetricsQuery = Type.Object({
  at: Type.Optional(
    Type.String({
      description: 'RFC 3339: the figures as known then, to the end of that minute. Stands alone.',
    }),
  ),
  from: Type.Optional(
    Type.String({
      description: 'RFC 3339: only minutes that begin at or after it; since creation if absent.',
    }),
  ),
  to: Type.Optional(
    Type.String({ description: 'RFC 3339: only minutes that begin before it; now if absent.' }),
  ),
  granularity: Type.Optional(
    Type.String({
      description: `Break the figures down: ${GRANULARITIES.join(', ')}; at most ${limits.metricBuckets} stretches.`,
    }),
  ),
});

export const ProblemResource = Type.Object(
  {
    type: Type.String({ description: 'urn:turnpike:problem: and the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What went wrong, for people.' }),
    code: Type.String({ description: 'What went wrong, for programs.' }),
    state: Type.Optional(Type.String({ description: 'The state of the campaign that forbids it.' })),
    violations: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), description: Type.String() }), {
        description: 'The fields at fault and what would be right, or what is still missing.',
      }),
    ),
  },
  { $id: 'Problem', description: 'What went wrong (RFC 9457).' },
);

/** Schemas that others refer to by name. */
export const SHARED_SCHEMAS = [
  CommissionResource,
  FinalResource,
  TargetingResource,
  CampaignResource,
  CampaignList,
  MetricsResource,
  ProblemResource,
];
