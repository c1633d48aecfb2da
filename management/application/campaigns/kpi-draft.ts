/** The KPI thresholds of a campaign as clients give them: their schema, and the rules that it cannot say. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import {
  isSameLine,
  KPI_ACTIONS,
  KPI_CONDITIONS,
  KPI_METRICS,
  KPI_SEVERITIES,
  type KpiMetric,
  type KpiThreshold,
} from '../../../model/kpi-thresholds.ts';
import { word } from '../draft-parts.ts';
import type { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';

const MOST_OF_A_FIGURE = 1e15;

export const KpiThresholdDrafts = Type.Array(
  Type.Object({
    metric: word(KPI_METRICS, 'The figure.'),
    when: word(
      KPI_CONDITIONS,
      'On which side of the value it is reached; the value itself belongs to either.',
    ),
    value: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      description: "More than zero, for roi -1 or more; amounts in units of the campaign's currency.",
      examples: [12.5],
    }),
    severity: word(KPI_SEVERITIES, 'How bad it is.'),
    action: Type.Optional(
      word(
        KPI_ACTIONS,
        'What happens besides a domain event: nothing, or the campaign is paused, which only CRITICAL may; ALERT ' +
          'unless said.',
      ),
    ),
    minimum_events: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000_000,
        description:
          'From how many events on the figure counts: impressions for ctr and cpm, clicks for cvr and cpc, ' +
          'conversions for cpa, accepted events for the others. Unless said 1000 impressions, 100 clicks, 10 ' +
          'conversions, 100 accepted events; 1 for a sum that is to be ABOVE.',
      }),
    ),
  }),
  {
    maxItems: limits.kpiThresholds,
    description:
      'Lines that figures are watched for, at the end of every minute in which something was counted. Reaching one ' +
      'is told by the domain event kpi.threshold_reached, once until the figure has been on the other side again.',
    examples: [[{ metric: 'cpa', when: 'ABOVE', value: 12.5, severity: 'CRITICAL', action: 'PAUSE' }]],
  },
);
export type KpiThresholdDrafts = Static<typeof KpiThresholdDrafts>;

/** The thresholds, in the order given. */
export function kpiThresholdsOf(drafts: KpiThresholdDrafts, violations: Violations): KpiThreshold[] {
  const read: KpiThreshold[] = [];
  for (const [i, draft] of drafts.entries()) {
    const field = `kpi_thresholds[${i}]`;
    const metric = wordOf(KPI_METRICS, draft.metric, `${field}.metric`, violations);
    const when = wordOf(KPI_CONDITIONS, draft.when, `${field}.when`, violations);
    const severity = wordOf(KPI_SEVERITIES, draft.severity, `${field}.severity`, violations);
    const action = wordOf(KPI_ACTIONS, draft.action ?? 'ALERT', `${field}.action`, violations);
    const value = checkedValue(metric, draft.value, `${field}.value`, violations);
    if (!metric || !when || !severity || !action || value === undefined) continue;
    if (action === 'PAUSE' && severity !== 'CRITICAL')
      violations.add(`${field}.action`, 'must be ALERT unless the severity is CRITICAL');
    const { minimum_events: minimumEvents } = draft;
    const threshold: KpiThreshold = {
      metric,
      when,
      value,
      severity,
      action,
      ...(minimumEvents !== undefined && { minimumEvents }),
    };
    if (read.some((other) => isSameLine(other, threshold)))
      violations.add(field, `must not watch for ${metric} ${when} ${value} again`);
    read.push(threshold);
  }
  return read;
}

function checkedValue(
  metric: KpiMetric | undefined,
  given: string | number,
  field: string,
  violations: Violations,
): number | undefined {
  const value = typeof given === 'string' && given.trim() === '' ? Number.NaN : Number(given);
  const isHighEnough = metric === 'roi' ? value >= -1 : value > 0;
  if (isHighEnough && value <= MOST_OF_A_FIGURE) return value;
  const least = metric === 'roi' ? 'of -1 or more' : 'above 0';
  return violations.add(field, `must be a number ${least}, up to ${MOST_OF_A_FIGURE}`);
}

/** The draft that thresholds could have been made of. */
export function kpiThresholdDrafts(thresholds: readonly KpiThreshold[]) {
  return thresholds.map(({ minimumEvents, ...threshold }) => ({
    ...threshold,
    ...(minimumEvents !== undefined && { minimum_events: minimumEvents }),
  }));
}
