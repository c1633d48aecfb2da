import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CollectorClient } from '../support/collector.ts';
import { call, ReflectionClient } from '../support/reflection.ts';
import { Server } from '../support/server.ts';

interface CampaignReply {
  readonly id: string;
  readonly status: string;
  readonly etag: string;
}

interface MetricsReply {
  readonly totals: { readonly accepted: string; readonly clicks: string; readonly pending: string };
}

const SERVICE = 'turnpike.v1.CampaignService';

function draft(campaignId: string): object {
  return {
    campaign_id: campaignId,
    campaign: {
      brand_id: 'acme',
      name: 'Over gRPC',
      type: 'CAMPAIGN_TYPE_AFFILIATE',
      objective: 'CAMPAIGN_OBJECTIVE_SALES',
      landing_page_url: 'https://shop.example/',
      budget: { total: { currency_code: 'USD', units: 1 } },
      cost: { model: 'COST_MODEL_CPC', rate: { currency_code: 'USD', nanos: 250_000_000 } },
    },
  };
}

describe('a client that discovers the service by reflection', () => {
  let server: Server;
  let reflection: ReflectionClient;
  beforeAll(async () => {
    server = await Server.start();
    reflection = new ReflectionClient(server.addresses.grpc);
  });
  afterAll(async () => {
    reflection?.[Symbol.dispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test('finds the campaign service and sees that the server is healthy', async () => {
    expect(await reflection.services()).toContain(SERVICE);
    expect(await reflection.health()).toBe('SERVING');
  });

  test('leads a campaign through its life', async () => {
    const client = await reflection.client(SERVICE);
    const life: string[] = [];
    const step = async (method: string, request: object): Promise<void> => {
      life.push((await call<CampaignReply>(client, method, request)).status);
    };
    await step('CreateCampaign', draft('life'));
    await step('ActivateCampaign', { campaign_id: 'life' });
    await step('PauseCampaign', { campaign_id: 'life', reason: 'lunch' });
    await step('ResumeCampaign', { campaign_id: 'life' });
    await step('CompleteCampaign', { campaign_id: 'life' });
    expect(life.map((name) => name.replace('CAMPAIGN_STATUS_', ''))).toEqual([
      'DRAFT',
      'ACTIVE',
      'PAUSED',
      'ACTIVE',
      'COMPLETED',
    ]);
    const listed = await call<{ campaigns: readonly CampaignReply[] }>(client, 'ListCampaigns', {
      brand_id: 'acme',
      status: 'CAMPAIGN_STATUS_COMPLETED',
    });
    expect(listed.campaigns.map(({ id }) => id)).toContain('life');
  });

  test('reads live figures that include what was answered before', async () => {
    const client = await reflection.client(SERVICE);
    await call(client, 'CreateCampaign', draft('figures'));
    await call(client, 'ActivateCampaign', { campaign_id: 'figures' });
    await using collector = new CollectorClient(server.addresses.ingest);
    await collector.send(
      Array.from({ length: 6 }, (_, i) => ({
        event_id: `click-${i}`,
        type: 'click' as const,
        campaign_id: 'figures',
      })),
    );
    const { totals } = await call<MetricsReply>(client, 'GetCampaignMetrics', { campaign_id: 'figures' });
    expect(totals).toMatchObject({ accepted: '4', clicks: '4', pending: '2' });
  });

  test('is told with the usual codes what is wrong', async () => {
    const client = await reflection.client(SERVICE);
    await call(client, 'CreateCampaign', draft('wrong'));
    await expect(call(client, 'CreateCampaign', draft('wrong'))).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
    });
    await expect(call(client, 'GetCampaign', { campaign_id: 'nobody' })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    await expect(call(client, 'ResumeCampaign', { campaign_id: 'wrong' })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
    });
    await expect(call(client, 'CreateCampaign', { campaign: { brand_id: 'acme' } })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
    await expect(
      call(client, 'ActivateCampaign', { campaign_id: 'wrong', etag: 'stale' }),
    ).rejects.toMatchObject({ code: status.ABORTED });
  });

  test('repeats a request with the same id and gets the first answer', async () => {
    const client = await reflection.client(SERVICE);
    const request = { ...draft('repeated'), request_id: 'request-1' };
    const first = await call<CampaignReply>(client, 'CreateCampaign', request);
    expect(await call<CampaignReply>(client, 'CreateCampaign', request)).toEqual(first);
  });
});
