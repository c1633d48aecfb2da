import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protoKpiThresholds } from '../../management/grpc/campaigns/kpis.ts';
import { protoTimestamp } from '../../management/grpc/timestamp.ts';
import { kpiThresholdResources } from '../../management/rest/campaigns/kpis.ts';
import type { CampaignView } from '../../model/campaign.ts';
import { KpiAction, KpiCondition, KpiMetric, KpiSeverity } from '../../proto/generated/turnpike/v1/kpi.ts';
import { detailsOf, failureOf, GrpcClient, summer } from './grpc-client.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW, SUMMER } from './management-system.ts';

let system: ManagementSystem;
let client: GrpcClient;
beforeAll(async () => {
  system = await ManagementSystem.start();
  client = new GrpcClient(system.grpc);
});
afterAll(async () => {
  client?.[Symbol.dispose]();
  await system?.[Symbol.asyncDispose]();
});

const rest = (target: string, body?: unknown): Promise<Answer> => send(system.http, target, body);

const CPA = { metric: 'cpa', when: 'ABOVE', value: 12.5, severity: 'CRITICAL', action: 'PAUSE' };
const CTR = {
  metric: 'ctr',
  when: 'BELOW',
  value: 0.01,
  severity: 'LOW',
  action: 'ALERT',
  minimum_events: 50,
};

describe('the KPI thresholds of a campaign', () => {
  test('are kept over REST, whatever their case, and can be changed while it runs', async () => {
    const draft = { ...SUMMER, campaign_id: 'rest' };
    const sent = [CPA, { ...CTR, metric: 'CTR', when: 'below', value: '0.01', action: undefined }];
    const created = await rest('POST /v1/campaigns', { ...draft, kpi_thresholds: sent });
    expect(created.body.kpi_thresholds).toEqual([CPA, CTR]);
    await rest('POST /v1/campaigns/rest:activate');
    const changed = await rest('PATCH /v1/campaigns/rest', { kpi_thresholds: [{ ...CPA, value: 20 }] });
    expect(changed.body.kpi_thresholds).toEqual([{ ...CPA, value: 20 }]);
    const without = await rest('PATCH /v1/campaigns/rest', { kpi_thresholds: null });
    expect(without.body).not.toHaveProperty('kpi_thresholds');
  });

  test('are kept over gRPC, and taken away with a mask', async () => {
    const kpiThresholds = [
      {
        metric: KpiMetric.ROAS,
        when: KpiCondition.BELOW,
        value: 1.5,
        severity: KpiSeverity.HIGH,
        action: KpiAction.UNSPECIFIED,
        minimumEvents: 500n,
        reachedAt: undefined,
      },
    ];
    const campaign = summer({ kpiThresholds });
    const created = await client.call('createCampaign', { campaignId: 'grpc', campaign, requestId: '' });
    expect(created.kpiThresholds).toEqual([{ ...kpiThresholds[0], action: KpiAction.ALERT }]);
    const update = { requestId: '', etag: '' };
    const kept = await client.call('updateCampaign', {
      campaign: summer({ id: 'grpc', name: 'Other' }),
      updateMask: undefined,
      ...update,
    });
    expect(kept.kpiThresholds).toEqual(created.kpiThresholds);
    const cleared = await client.call('updateCampaign', {
      campaign: summer({ id: 'grpc' }),
      updateMask: ['kpi_thresholds'],
      ...update,
    });
    expect(cleared.kpiThresholds).toEqual([]);
  });

  test('are refused over gRPC in the spelling of its messages', async () => {
    const campaign = summer({ kpiThresholds: [{ metric: KpiMetric.CPA, value: 1 }] });
    const failure = await failureOf(
      client.call('createCampaign', { campaignId: 'grpc', campaign, requestId: '' }),
    );
    expect(JSON.stringify(detailsOf(failure))).toContain('"campaign.kpi_thresholds[0].when"');
  });

  test('say when they were reached, as long as they are', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'reached', kpi_thresholds: [CPA, CTR] });
    const known = (await system.actors.query('reached', { kind: 'campaign' })) as CampaignView;
    const view: CampaignView = { ...known, kpiReachedAt: [null, NOW] };
    expect(kpiThresholdResources(view)).toEqual([CPA, { ...CTR, reached_at: new Date(NOW).toISOString() }]);
    expect(protoKpiThresholds(view).map(({ reachedAt }) => reachedAt)).toEqual([
      undefined,
      protoTimestamp(NOW),
    ]);
  });
});
