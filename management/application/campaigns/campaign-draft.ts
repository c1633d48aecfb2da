/** What a campaign may be created with, in the spelling of REST. gRPC requests are brought into it. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { PACINGS } from '../../../model/budget.ts';
import {
  CAMPAIGN_OBJECTIVES,
  CAMPAIGN_TYPES,
  CAP_METRICS,
  CAP_PERIODS,
  KEY_POLICIES,
  LAUNCH_NEEDS,
  PUBLISHED_EVENTS,
  UNIQUENESS_KEYS,
  WHEN_EXHAUSTED,
} from '../../../model/campaign.ts';
import { TARGET_METRICS } from '../../../model/targets.ts';
import { MoneyDraft, word } from '../draft-parts.ts';
import { AttributionDraft } from './attribution-draft.ts';
import { CommissionDraft } from './commission-draft.ts';
import { FraudDraft } from './fraud-draft.ts';
import { KpiThresholdDrafts } from './kpi-draft.ts';
import { CostDraft } from './prices.ts';
import { TargetingDraft } from './targeting-draft.ts';

/** Identifiers that a campaign may have. */
export const CAMPAIGN_ID_PATTERN = `^[A-Za-z0-9_-]{1,${limits.campaignIdLength}}$`;

const hostList = (description: string, example: string) =>
  Type.Array(Type.String(), { maxItems: limits.hostsPerCampaign, description, examples: [[example]] });

const instant = (description: string) =>
  Type.String({ description: `${description} RFC 3339.`, examples: ['2026-12-01T00:00:00Z'] });

export const CampaignDraft = Type.Object(
  {
    campaign_id: Type.Optional(
      Type.String({ pattern: CAMPAIGN_ID_PATTERN, description: 'Identifier; minted if absent.' }),
    ),
    brand_id: Type.String({
      minLength: 1,
      maxLength: limits.idLength,
      description: 'The brand that pays.',
      examples: ['acme'],
    }),
    partner_id: Type.Optional(
      Type.String({
        pattern: CAMPAIGN_ID_PATTERN,
        description:
          'The partner that runs the campaign, within its permissions and limits; without one the brand itself does. ' +
          'Cannot be changed.',
        examples: ['ana'],
      }),
    ),
    name: Type.String({
      minLength: 1,
      maxLength: limits.nameLength,
      description: 'Name for people.',
      examples: ['Spring sale'],
    }),
    type: word(CAMPAIGN_TYPES, 'Kind of campaign.'),
    objective: word(CAMPAIGN_OBJECTIVES, 'What the campaign is to achieve.'),
    landing_page_url: Type.Optional(
      Type.String({
        description:
          'http(s) address that clicks are sent to; needed to launch. May hold macros such as {click_id} after the host.',
        examples: ['https://shop.example/spring?ref={click_id}'],
      }),
    ),
    fallback_url: Type.Optional(
      Type.String({
        description:
          'http(s) address that clicks are sent to while the campaign does not run; without one they get 404.',
      }),
    ),
    allowed_hosts: Type.Optional(
      hostList("Hosts that a click's url= may name besides the landing page's own.", 'blog.example'),
    ),
    allowed_origins: Type.Optional(
      hostList('Origins whose pages may send events; none: any origin may.', 'https://shop.example'),
    ),
    budget: Type.Optional(
      Type.Object(
        {
          total: MoneyDraft,
          daily: Type.Optional(MoneyDraft),
          thresholds: Type.Optional(
            Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), {
              maxItems: 20,
              description:
                'Percentages of the total that are told, by a domain event each, when they are spent; 50, 75, 90 ' +
                'and 100 unless said.',
              examples: [[80, 100]],
            }),
          ),
          when_exhausted: Type.Optional(
            word(
              WHEN_EXHAUSTED,
              'What happens when the total has no room for another paid event: it and those after it are pending, ' +
                'or the campaign is paused as well; pending unless said.',
            ),
          ),
          pacing: Type.Optional(
            word(
              PACINGS,
              'How fast the total may be spent: as events come, or what is left evenly over the days that are left, ' +
                'which needs ends_at; asap unless said.',
            ),
          ),
        },
        {
          description:
            'Hard caps on spend: over the whole life of the campaign, which is needed to launch, and on each day of its time zone.',
        },
      ),
    ),
    cost: Type.Optional(CostDraft),
    commission: Type.Optional(CommissionDraft),
    starts_at: Type.Optional(instant('When the campaign begins; needed to schedule it.')),
    ends_at: Type.Optional(instant('When the campaign ends.')),
    caps: Type.Optional(
      Type.Array(
        Type.Object({
          metric: word(CAP_METRICS, 'What is limited: accepted events of a type, spend, or commission.'),
          period: word(CAP_PERIODS, 'Over which time: a day or month of its time zone, or all of its life.'),
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000_000_000_000,
              description: 'Events; not for spend and commission.',
            }),
          ),
          amount: Type.Optional(MoneyDraft),
        }),
        {
          maxItems: CAP_METRICS.length * CAP_PERIODS.length,
          description:
            'Hard caps besides the budget; what is beyond one is pending. A cap on spend or commission has an amount, the ' +
            'others have a limit.',
        },
      ),
    ),
    time_zone: Type.Optional(
      Type.String({
        description: 'Time zone of the days of its budget: an IANA name; UTC unless said.',
        examples: ['America/Bogota'],
      }),
    ),
    targets: Type.Optional(
      Type.Array(
        Type.Object({
          metric: word(TARGET_METRICS, 'The figure.'),
          value: Type.Unsafe<string | number>({
            type: ['string', 'number'],
            description: "More than zero; amounts in units of the campaign's currency.",
            examples: [1_000],
          }),
        }),
        {
          maxItems: TARGET_METRICS.length,
          description:
            'What the campaign is to reach. A campaign for conversions needs one for conversions or cpa, one for ' +
            'traffic one for clicks or ctr, if there are any.',
        },
      ),
    ),
    kpi_thresholds: Type.Optional(KpiThresholdDrafts),
    fraud: Type.Optional(FraudDraft),
    targeting: Type.Optional(TargetingDraft),
    uniqueness: Type.Optional(
      Type.Object(
        {
          key: Type.Optional(word(UNIQUENESS_KEYS, "What makes two clicks the same visitor's.")),
          window_seconds: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: limits.uniquenessWindowMs / 1_000,
              default: 3_600,
              description: 'Length of the windows in which a visitor counts once.',
            }),
          ),
        },
        { description: "Which clicks count as one visitor's; without it every click counts." },
      ),
    ),
    click_window_seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.clickWindowMs / 1_000,
        default: 2_592_000,
        description: 'How long after its click a conversion counts; 30 days unless said.',
      }),
    ),
    attribution: Type.Optional(AttributionDraft),
    key_policy: Type.Optional(
      word(KEY_POLICIES, 'Credentials demanded of those who send events; open unless said.'),
    ),
    launch_needs: Type.Optional(
      Type.Array(word(LAUNCH_NEEDS, 'A part of the campaign.'), {
        maxItems: LAUNCH_NEEDS.length,
        description:
          'What the campaign must have to be launched, besides a budget: where clicks lead, what is paid for, dates ' +
          'that have not passed (these three unless said), whom it is for, what it is to reach.',
        examples: [['landing_page_url', 'cost', 'dates', 'targeting']],
      }),
    ),
    published_events: Type.Optional(
      Type.Array(word(PUBLISHED_EVENTS, 'A type of event, or the figures.'), {
        maxItems: PUBLISHED_EVENTS.length,
        description:
          'What is published as domain events besides changes of the campaign: events of a type, one by one (such as ' +
          '`conversion.recorded`), which costs a message for each, and its figures, at the turn of each minute in ' +
          'which they have changed (`campaign.metrics_updated`). Nothing unless said.',
        examples: [['conversion']],
      }),
    ),
    rate_limit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: limits.keyRate,
        default: 0,
        description: "Events that each key may send per second; 0: no limit but the collector's own.",
      }),
    ),
  },
  { description: 'A campaign to create. Unknown fields are ignored.' },
);
export type CampaignDraft = Static<typeof CampaignDraft>;
