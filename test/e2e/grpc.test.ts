import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CollectorClient } from '../support/collector.ts';
import { Grpcurl, printedAnswer } from '../support/grpcurl.ts';
import { pattern, printedExamples, runCurl } from '../support/printed-examples.ts';
import { call, ReflectionClient } from '../support/reflection.ts';
import { Server } from '../support/server.ts';
import { Stranger } from '../support/stranger.ts';
import { waitFor } from '../support/wait.ts';

/** Methods that only read: what they tell may become so after a moment. */
const READS = /\/(Get|List)\w+$/;

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

  test('who follows nothing but what errors say leads a campaign from nothing to its end', async () => {
    const stranger = await Stranger.find(reflection, 'CreateCampaign');
    await stranger.create();
    await stranger.reach('ResumeCampaign');
    await stranger.reach('CompleteCampaign');
    expect(stranger.statuses.map((status) => status.replace('CAMPAIGN_STATUS_', ''))).toEqual([
      'DRAFT',
      'ACTIVE',
      'PAUSED',
      'ACTIVE',
      'COMPLETED',
    ]);
    expect(stranger.told).toEqual(
      expect.arrayContaining([
        'campaign is required',
        expect.stringMatching(/^campaign\.brand_id is required/),
        'cannot resume a campaign that is DRAFT; it must be PAUSED',
        'cannot pause a campaign that is DRAFT; it must be ACTIVE',
        expect.stringMatching(/^cannot activate: still missing landing_page_url/),
        'the campaign has changed: its etag is now "1"; read it again and repeat',
      ]),
    );
  });

  const examples = printedExamples('docs/grpc.md', 'grpcurl', 'curl');
  test(`gets the answers that docs/grpc.md prints to its ${examples.length} commands`, async () => {
    using grpcurl = new Grpcurl(server.addresses.grpc);
    for (const { command, answer } of examples) {
      const printed = printedAnswer(answer);
      if (command.startsWith('curl ')) {
        expect(printed, command).toHaveProperty('reply');
        expect({ reply: (await runCurl(command, server.addresses)).body }, command).toMatchObject(
          pattern(printed) as object,
        );
        continue;
      }
      if ('reply' in printed && READS.test(command)) {
        await waitFor(command, async () => {
          expect(await grpcurl.run(command)).toMatchObject(pattern(printed) as object);
          return true;
        });
        continue;
      }
      const told = await grpcurl.run(command);
      if ('text' in printed && command.endsWith(' list'))
        expect((told as typeof printed).text).toEqual(expect.arrayContaining([...printed.text]));
      else if ('error' in printed && printed.error.details.length === 0)
        expect(told, command).toMatchObject({ error: { ...printed.error, details: expect.anything() } });
      else expect(told, command).toMatchObject(pattern(printed) as object);
    }
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
