import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GrpcClient, summer } from './grpc-client.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

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

describe('what a campaign takes for a mark of fraud', () => {
  test('is kept over REST, and can be changed while it runs', async () => {
    const draft = { ...SUMMER, campaign_id: 'rest', fraud: { minimum_seconds_to_convert: 10 } };
    expect((await rest('POST /v1/campaigns', draft)).body.fraud).toEqual(draft.fraud);
    await rest('POST /v1/campaigns/rest:activate');
    const none = { minimum_seconds_to_convert: 0 };
    expect((await rest('PATCH /v1/campaigns/rest', { fraud: none })).body.fraud).toEqual(none);
    expect((await rest('PATCH /v1/campaigns/rest', { fraud: null })).body).not.toHaveProperty('fraud');
  });

  test.each([-1, 1.5, 86_401, 'soon'])('is refused where it makes no sense: %j', async (seconds) => {
    const fraud = { minimum_seconds_to_convert: seconds };
    const { status, body } = await rest('POST /v1/campaigns', { ...SUMMER, fraud });
    expect(status).toBe(400);
    expect(body.violations).toMatchObject([{ field: 'fraud.minimum_seconds_to_convert' }]);
  });

  test('is kept over gRPC, where no seconds are not the usual ones', async () => {
    const campaign = summer({ fraud: { minimumSecondsToConvert: 0 } });
    const created = await client.call('createCampaign', { campaignId: 'grpc', campaign, requestId: '' });
    expect(created.fraud).toEqual({ minimumSecondsToConvert: 0 });
    const usual = await client.call('createCampaign', {
      campaignId: 'usual',
      campaign: summer({ fraud: {} }),
      requestId: '',
    });
    expect(usual.fraud).toBeUndefined();
  });
});
