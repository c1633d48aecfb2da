import { describe, expect, test } from 'vitest';
import { TurnpikeError } from '../../../model/errors.ts';
import { checker } from '../check.ts';
import { Violations } from '../violations.ts';
import { KpiThresholdDrafts, kpiThresholdDrafts, kpiThresholdsOf } from './kpi-draft.ts';

const CPA = { metric: 'cpa', when: 'ABOVE', value: 12.5, severity: 'CRITICAL', action: 'PAUSE' };
const CTR = { metric: 'ctr', when: 'BELOW', value: 0.01, severity: 'LOW', minimum_events: 50 };
const check = checker(KpiThresholdDrafts, 'kpi_thresholds');

/** What is wrong with them: first by the schema, then by the rules. */
function faults(drafts: unknown): string[] {
  const violations = new Violations();
  try {
    kpiThresholdsOf(check(drafts), violations);
  } catch (error) {
    if (!(error instanceof TurnpikeError)) throw error;
    return (error.failure.violations ?? []).map(({ field }) => field);
  }
  return violations.found.map(({ field }) => field);
}

describe('drafts of KPI thresholds', () => {
  test('become thresholds, with their words in their own case and the usual action', () => {
    const read = kpiThresholdsOf(
      check([CPA, { ...CTR, metric: 'CTR', when: 'below', value: '0.01' }]),
      new Violations(),
    );
    expect(kpiThresholdDrafts(read)).toEqual([CPA, { ...CTR, action: 'ALERT' }]);
  });

  test.each([
    [[{ ...CPA, metric: 'fame' }], 'kpi_thresholds[0].metric'],
    [[{ ...CPA, when: 'BESIDE' }], 'kpi_thresholds[0].when'],
    [[{ ...CPA, value: 0 }], 'kpi_thresholds[0].value'],
    [[{ ...CPA, value: '' }], 'kpi_thresholds[0].value'],
    [[{ ...CPA, value: 'Infinity' }], 'kpi_thresholds[0].value'],
    [[{ ...CPA, metric: 'roi', value: -1.5 }], 'kpi_thresholds[0].value'],
    [[{ ...CPA, severity: 'DIRE' }], 'kpi_thresholds[0].severity'],
    [[{ ...CPA, severity: 'HIGH' }], 'kpi_thresholds[0].action'],
    [[{ ...CTR, minimum_events: 0 }], '[0].minimum_events'],
    [[{ metric: 'cpa', when: 'ABOVE', severity: 'LOW' }], '[0].value'],
    [[CPA, { ...CPA, severity: 'LOW', action: 'ALERT' }], 'kpi_thresholds[1]'],
    [Array.from({ length: 21 }, (_, i) => ({ ...CPA, value: i + 1 })), 'kpi_thresholds'],
  ])('are refused where they make no sense: %j', (drafts, field) => {
    expect(faults(drafts)).toEqual([field]);
  });

  test('may watch for a return on investment that is a loss', () => {
    expect(faults([{ ...CPA, metric: 'roi', when: 'BELOW', value: -0.5 }])).toEqual([]);
  });
});
