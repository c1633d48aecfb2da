import { credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  Partner,
  PartnerKind,
  PartnerServiceClient,
  type PartnerServiceService,
  PartnerStatus,
  UpdatePartnerRequest,
  ValidationStatus,
} from '../../proto/generated/turnpike/v1/partner_service.ts';
import { detailsOf, failureOf, GrpcClient, summer } from './grpc-client.ts';
import { ManagementSystem } from './management-system.ts';

type Methods = typeof PartnerServiceService;
type RequestOf<M extends keyof Methods> = Parameters<Methods[M]['requestSerialize']>[0];
type AnswerOf<M extends keyof Methods> = ReturnType<Methods[M]['responseDeserialize']>;

let system: ManagementSystem;
let stub: PartnerServiceClient;
beforeAll(async () => {
  system = await ManagementSystem.start();
  stub = new PartnerServiceClient(system.grpc, credentials.createInsecure());
});
beforeEach(() => system.actors.reset());
afterAll(async () => {
  stub?.close();
  await system?.[Symbol.asyncDispose]();
});

/** Calls a method. @throws ServiceError */
function call<M extends keyof Methods>(method: M, request: RequestOf<M>): Promise<AnswerOf<M>> {
  // The stub's methods are overloaded, which no inference gets through.
  const run = stub[method] as unknown as (
    request: object,
    done: (error: ServiceError | null, answer: AnswerOf<M>) => void,
  ) => void;
  return new Promise((resolve, reject) => {
    run.call(stub, request, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const usd = (units: bigint) => ({ currencyCode: 'USD', units, nanos: 0 });
const ana = (changes: Parameters<typeof Partner.fromPartial>[0] = {}) =>
  Partner.fromPartial({
    name: 'Ana Torres',
    kind: PartnerKind.INFLUENCER,
    permissions: { campaignCreation: true },
    limits: { maxActiveCampaigns: 1, dailyBudgetLimit: usd(50n) },
    ...changes,
  });
const register = (partnerId = 'ana', requestId = '') =>
  call('registerPartner', { partnerId, partner: ana(), requestId });

describe('the service of partners', () => {
  test('registers a partner, once for a request id', async () => {
    const first = await register('', 'r1');
    expect(first).toMatchObject({
      kind: PartnerKind.INFLUENCER,
      status: PartnerStatus.ACTIVE,
      validationStatus: ValidationStatus.NOT_VALIDATED,
      permissions: { campaignCreation: true, advancedTargeting: false },
      limits: { maxActiveCampaigns: 1, dailyBudgetLimit: usd(50n), monthlyBudgetLimit: undefined },
      etag: '1',
    });
    expect(await register('', 'r1')).toEqual(first);
    expect(await call('getPartner', { partnerId: first.id })).toEqual(first);
  });

  test('changes what the mask names', async () => {
    await register();
    const update = (updateMask: string[], partner: Partner, etag = '') =>
      call('updatePartner', UpdatePartnerRequest.fromPartial({ partner, updateMask, etag }));
    const changed = await update(
      ['status', 'limits.daily_budget_limit'],
      ana({ id: 'ana', status: PartnerStatus.SUSPENDED, limits: {} }),
    );
    expect(changed).toMatchObject({
      status: PartnerStatus.SUSPENDED,
      limits: { maxActiveCampaigns: 1, dailyBudgetLimit: undefined },
    });
    const stale = await failureOf(update(['name'], ana({ id: 'ana' }), '1'));
    expect(detailsOf(stale)).toMatchObject({ ErrorInfo: { reason: 'ABORTED' } });
  });

  test('names the fields at fault as the request does, and what is not there', async () => {
    const unnamed = ana({ name: '', limits: { dailyBudgetLimit: { currencyCode: 'XX', units: 1n } } });
    const wrong = await failureOf(
      call('registerPartner', { partnerId: '', partner: unnamed, requestId: '' }),
    );
    expect(detailsOf(wrong)).toMatchObject({ BadRequest: { fieldViolations: [{ field: 'partner.name' }] } });
    const nobody = await failureOf(call('getPartner', { partnerId: 'nobody' }));
    expect(detailsOf(nobody)).toMatchObject({
      ResourceInfo: { resourceType: 'turnpike.v1.Partner', resourceName: 'nobody' },
    });
  });

  test('tells what a partner runs and is associated with, and campaigns by partner', async () => {
    await register();
    using campaigns = new GrpcClient(system.grpc);
    const budget = { total: usd(100n), daily: usd(10n) };
    for (const campaignId of ['c1', 'c2'])
      await campaigns.call('createCampaign', {
        campaignId,
        campaign: summer({ partnerId: 'ana', budget }),
        requestId: '',
      });
    const change = { reason: '', requestId: '', etag: '' };
    await campaigns.call('activateCampaign', { campaignId: 'c1', ...change });
    expect(await call('getPartnerCampaigns', { partnerId: 'ana' })).toMatchObject({
      running: [{ campaignId: 'c1', monthlySpend: usd(100n) }],
      associated: ['c1', 'c2'],
    });
    const full = await failureOf(campaigns.call('activateCampaign', { campaignId: 'c2', ...change }));
    expect(detailsOf(full)).toMatchObject({
      PreconditionFailure: { violations: [{ subject: 'partner.max_active_campaigns' }] },
    });
    const query = { pageSize: 0, pageToken: '', brandId: '', type: 0, status: 0 };
    const listed = await campaigns.call('listCampaigns', { ...query, partnerId: 'ana' });
    expect(listed.campaigns.map(({ id }) => id).sort()).toEqual(['c1', 'c2']);
    const partners = await call('listPartners', { pageSize: 0, pageToken: '', kind: 0, status: 0 });
    expect(partners.partners.find(({ id }) => id === 'ana')).toMatchObject({ activeCampaigns: 1 });
  });

  test('associates a partner with a campaign and contents', async () => {
    await register();
    using campaigns = new GrpcClient(system.grpc);
    await campaigns.call('createCampaign', { campaignId: 'c1', campaign: summer(), requestId: '' });
    const request = { partnerId: 'ana', campaignId: 'c1', requestId: '' };
    for (let i = 0; i < 2; i++)
      expect(await call('associatePartner', request)).toMatchObject({ associatedCampaigns: 1 });
    const content = { ...request, contentId: 'reel-1' };
    for (let i = 0; i < 2; i++)
      expect(await call('associateContent', content)).toMatchObject({ associatedContents: 1 });
    const query = { partnerId: 'ana', campaignId: '', pageSize: 0, pageToken: '' };
    expect((await call('listPartnerContents', query)).contents).toMatchObject([
      { campaignId: 'c1', contentId: 'reel-1', associatedAt: { seconds: 1_795_350_896n } },
    ]);
  });
});
