import { status as Code } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Campaign, CampaignType } from '../../proto/generated/turnpike/v1/campaign.ts';
import { detailsOf, failureOf, GrpcClient, summer } from './grpc-client.ts';
import { ManagementSystem } from './management-system.ts';

let system: ManagementSystem;
let client: GrpcClient;
beforeEach(async () => {
  system = await ManagementSystem.start();
  client = new GrpcClient(system.grpc);
});
afterEach(async () => {
  client?.[Symbol.dispose]();
  await system?.[Symbol.asyncDispose]();
});

const create = (campaignId: string, campaign = summer()) =>
  client.call('createCampaign', { campaignId, campaign, requestId: '' });

describe('UpdateCampaign', () => {
  const update = (campaign: Campaign, updateMask: string[] | undefined, etag = '') =>
    client.call('updateCampaign', { campaign, updateMask, requestId: '', etag });

  test('changes the fields of the mask, and takes away those that are not set', async () => {
    const daily = { currencyCode: 'USD', units: 5n, nanos: 0 };
    const { budget } = summer();
    const created = await create('summer', summer({ budget: budget && { ...budget, daily } }));
    const changed = await update(summer({ id: 'summer', name: 'Other', allowedHosts: ['x.example'] }), [
      'name',
      'budget.daily',
      'landing_page_url',
    ]);
    expect(changed).toMatchObject({ name: 'Other', allowedHosts: [], etag: '2' });
    expect(changed.budget).toEqual({ ...created.budget, daily: undefined });
    expect(changed.landingPageUrl).toBe(summer().landingPageUrl);
    const cleared = await update(summer({ id: 'summer', landingPageUrl: '' }), ['landing_page_url']);
    expect(cleared.landingPageUrl).toBe('');
  });

  test('changes all that is set where there is no mask', async () => {
    await create('summer', summer({ allowedHosts: ['blog.example'], rateLimit: 9 }));
    const changed = await update(summer({ id: 'summer', name: 'Other' }), undefined);
    expect(changed).toMatchObject({ name: 'Other', allowedHosts: ['blog.example'], rateLimit: 9 });
  });

  test.each([
    [['status'], 'update_mask'],
    [['budget.daily.units'], 'update_mask'],
    [['name'], 'campaign.name'],
  ])('refuses the mask %j where that makes no sense', async (mask, field) => {
    await create('summer');
    const failure = await failureOf(update(summer({ id: 'summer', name: '' }), mask));
    expect(failure.code).toBe(Code.INVALID_ARGUMENT);
    expect(JSON.stringify(detailsOf(failure))).toContain(`"${field}"`);
  });

  test('says what cannot change, and that somebody else was faster', async () => {
    await create('summer');
    await client.call('activateCampaign', { campaignId: 'summer', reason: '', requestId: '', etag: '' });
    const fixed = await failureOf(update(summer({ id: 'summer', type: CampaignType.B2B }), ['type']));
    expect(fixed.code).toBe(Code.FAILED_PRECONDITION);
    const late = await failureOf(update(summer({ id: 'summer', name: 'Late' }), ['name'], '1'));
    expect(late.code).toBe(Code.ABORTED);
  });
});
