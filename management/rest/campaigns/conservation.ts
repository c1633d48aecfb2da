/** The conservation report as REST shows it: its schema, and the way there from the application. */
import { type Static, Type } from 'typebox';
import type { Conservation, WarehouseAccounts } from '../../application/figures/conservation.ts';
import { COUNTS, SOURCES } from '../../application/figures/conservation-account.ts';
import { formatInstant } from '../../application/instant.ts';
import { count, instant, MetricsQuery, words } from '../schemas.ts';

export const ConservationQuery = Type.Object({
  from: MetricsQuery.properties.from,
  to: MetricsQuery.properties.to,
  granularity: MetricsQuery.properties.granularity,
});

const flag = (description: string) => Type.Boolean({ description });

const account = (description: string) =>
  Type.Object(
    {
      received: count('Events received.'),
      accepted: count('Events that count.'),
      duplicates: count("Repeats of an event, a transaction, or a visitor's click."),
      rejected: count('Events that do not count.'),
      pending: count('Events kept but not paid for.'),
      sum: count('Accepted, duplicates, rejected and pending together.'),
      balanced: flag('Whether received is the sum.'),
    },
    { description },
  );

const OF_THE_WAREHOUSE = {
  aggregates: account('By the aggregates of the warehouse.'),
  decided_events: account('By the rows of the decided events.'),
  stopped_duplicates: count(
    'Duplicates that the filter has stopped: the aggregates count them, and they have no rows.',
  ),
};

const DifferenceResource = Type.Object({
  count: words(COUNTS, 'What is counted differently.'),
  sources: Type.Array(words(SOURCES), { description: 'Which two differ.' }),
  by: Type.Integer({
    description: 'What the first counts more than the second may explain; less if negative.',
  }),
  starts_at: Type.Optional(instant('Where it is a stretch of time that differs: when that begins.')),
});

const ReasonResource = Type.Object({
  code: Type.Integer({ description: '1xx accepted, 2xx duplicate, 3xx rejected, 4xx pending.' }),
  name: Type.String({ description: 'The reason in words.', examples: ['budget_exhausted'] }),
  events: count('Decided events that have it.'),
});

const BucketResource = Type.Object({
  starts_at: instant('A whole minute, hour or day, UTC.'),
  balanced: flag('Whether both accounts balance and agree.'),
  ...OF_THE_WAREHOUSE,
});

export const ConservationResource = Type.Object(
  {
    campaign_id: Type.String({ description: 'The campaign.' }),
    as_of: instant('The moment up to which events are included.'),
    from: Type.Optional(instant('Where the report begins; absent: with the campaign.')),
    to: Type.Optional(instant('Where the report ends; absent: now.')),
    balanced: flag('Whether every account balances and all of them agree.'),
    sources_agree: flag('Whether the accounts agree.'),
    live: account(
      "By the campaign's actor, of all time; held against the aggregates where the report is of all time.",
    ),
    ...OF_THE_WAREHOUSE,
    arrived_meanwhile: count(
      'Events that arrived while the report was made: the accounts need not agree on these, but in minutes that are over.',
    ),
    differences: Type.Array(DifferenceResource, { description: 'What differs, and by how much.' }),
    reasons: Type.Array(ReasonResource, { description: 'The decided events by reason.' }),
    buckets: Type.Optional(
      Type.Array(BucketResource, {
        description: 'With a granularity: the stretches in which events were received, oldest first.',
      }),
    ),
  },
  {
    $id: 'CampaignConservation',
    description: 'Whether what a campaign received is the sum of what was said of it.',
  },
);
export type ConservationResource = Static<typeof ConservationResource>;

export function conservationResource(report: Conservation): ConservationResource {
  const { from, to, buckets } = report;
  return {
    campaign_id: report.campaignId,
    as_of: formatInstant(report.asOf),
    ...(from !== undefined && { from: formatInstant(from) }),
    ...(to !== undefined && { to: formatInstant(to) }),
    balanced: report.balanced,
    sources_agree: report.sourcesAgree,
    live: report.live,
    ...accountsOf(report),
    arrived_meanwhile: report.arrivedMeanwhile,
    differences: report.differences.map(({ startsAt, sources, ...difference }) => ({
      ...difference,
      sources: [...sources],
      ...(startsAt !== undefined && { starts_at: formatInstant(startsAt) }),
    })),
    reasons: [...report.reasons],
    ...(buckets && {
      buckets: buckets.map((bucket) => ({
        starts_at: formatInstant(bucket.startsAt),
        balanced: bucket.balanced,
        ...accountsOf(bucket),
      })),
    }),
  };
}

function accountsOf({ aggregates, decidedEvents, stopped }: WarehouseAccounts) {
  return { aggregates, decided_events: decidedEvents, stopped_duplicates: stopped };
}
