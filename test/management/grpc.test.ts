import { status as Code } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ErrorCode, TurnpikeError } from '../../model/errors.ts';
import { AttributionModel } from '../../proto/generated/turnpike/v1/attribution.ts';
import {
  CampaignObjective,
  CampaignStatus,
  CampaignType,
  CostModel,
  KeyPolicy,
  LaunchNeed,
  UniquenessKey,
} from '../../proto/generated/turnpike/v1/campaign.ts';
import {
  GetCampaignMetricsRequest,
  ListCampaignsRequest,
  PauseCampaignRequest,
} from '../../proto/generated/turnpike/v1/campaign_service.ts';
import { CommissionModel } from '../../proto/generated/turnpike/v1/commission_plan.ts';
import { Granularity } from '../../proto/generated/turnpike/v1/metrics.ts';
import { detailsOf, failureOf, GrpcClient, summer } from './grpc-client.ts';
import { send } from './http-client.ts';
import { ManagementSystem, NOW } from './management-system.ts';

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

const create = (campaignId: string, campaign = summer(), requestId = '') =>
  client.call('createCampaign', { campaignId, campaign, requestId });
const get = (campaignId: string) => client.call('getCampaign', { campaignId });
const timestamp = (text: string) => ({ seconds: BigInt(Date.parse(text) / 1_000), nanos: 0 });

describe('CreateCampaign', () => {
  test('creates a draft with the usual settings', async () => {
    expect(await create('summer')).toMatchObject({
      ...summer(),
      id: 'summer',
      status: CampaignStatus.DRAFT,
      statusChangedBy: 'operator',
      uniqueness: { key: UniquenessKey.NONE, windowSeconds: 3_600n },
      clickWindowSeconds: 2_592_000n,
      attribution: {
        model: AttributionModel.LAST_CLICK,
        halfLifeSeconds: 604_800n,
        viewWindowSeconds: 86_400n,
        minimumSecondsToConvert: 0n,
      },
      keyPolicy: KeyPolicy.OPEN,
      writeKey: expect.stringMatching(/^wk_/),
      etag: '1',
      createdAt: { seconds: BigInt(Math.floor(NOW / 1_000)), nanos: 789_000_000 },
      updatedAt: { seconds: BigInt(Math.floor(NOW / 1_000)), nanos: 789_000_000 },
    });
  });

  test('keeps every setting as it was sent', async () => {
    const settings = {
      type: CampaignType.B2B,
      objective: CampaignObjective.LEAD_GENERATION,
      fallbackUrl: 'http://shop.example/closed',
      allowedHosts: ['blog.example'],
      allowedOrigins: ['https://shop.example'],
      budget: { total: { currencyCode: 'JPY', units: 8_999_999_999n, nanos: 999_999_000 } },
      cost: { model: CostModel.CPA, rate: { currencyCode: 'JPY', units: 0n, nanos: 1_000 } },
      launchNeeds: { needs: [LaunchNeed.COST, LaunchNeed.TARGETING] },
      commission: { model: CommissionModel.PERCENTAGE, percent: '12.5' },
      startsAt: timestamp('2026-12-01T00:00:00Z'),
      endsAt: timestamp('2026-12-31T00:00:00Z'),
      uniqueness: { key: UniquenessKey.ADDRESS_AGENT, windowSeconds: 60n },
      clickWindowSeconds: 86_400n,
      attribution: {
        model: AttributionModel.TIME_DECAY,
        halfLifeSeconds: 86_400n,
        viewWindowSeconds: 0n,
        minimumSecondsToConvert: 10n,
      },
      keyPolicy: KeyPolicy.SIGNED,
      rateLimit: 100,
    };
    const { secretKeys, ...created } = await create('summer', summer(settings));
    expect(created).toMatchObject(settings);
    expect(secretKeys).toEqual([expect.stringMatching(/^sk_/)]);
    expect(await get('summer')).toEqual({ ...created, secretKeys: [`****${secretKeys[0]?.slice(-4)}`] });
  });

  test('ignores what only the server says', async () => {
    const campaign = summer({ id: 'mine', status: CampaignStatus.ACTIVE, writeKey: 'wk_mine', etag: '9' });
    const created = await create('', campaign);
    expect(created).toMatchObject({ status: CampaignStatus.DRAFT, etag: '1' });
    expect(created.id).not.toBe('mine');
    expect(created.writeKey).not.toBe('wk_mine');
  });

  test('gives the same campaign for the same request_id, also across protocols', async () => {
    const first = await create('', summer(), 'r1');
    expect(await create('', summer(), 'r1')).toEqual(first);
    const { body } = await send(
      system.http,
      'POST /v1/campaigns',
      { brand_id: 'acme', name: 'n', type: 'B2B', objective: 'SALES' },
      { 'idempotency-key': 'r1' },
    );
    expect(body.id).toBe(first.id);
  });
});

describe('the lifecycle', () => {
  test('is led on by one method each', async () => {
    await create('summer', summer({ startsAt: timestamp('2026-12-01T00:00:00Z') }));
    await create('winter');
    const request = { campaignId: 'summer', reason: 'why not', requestId: '', etag: '' };
    const life: CampaignStatus[] = [];
    for (const method of [
      'scheduleCampaign',
      'activateCampaign',
      'pauseCampaign',
      'resumeCampaign',
      'completeCampaign',
    ] as const) {
      const campaign = await client.call(method, request);
      expect(campaign.statusReason).toBe('why not');
      life.push(campaign.status);
    }
    const cancelled = await client.call('cancelCampaign', { ...request, campaignId: 'winter' });
    expect([...life, cancelled.status]).toEqual([
      CampaignStatus.SCHEDULED,
      CampaignStatus.ACTIVE,
      CampaignStatus.PAUSED,
      CampaignStatus.ACTIVE,
      CampaignStatus.COMPLETED,
      CampaignStatus.CANCELLED,
    ]);
  });
});

describe('ListCampaigns', () => {
  test('pages and filters', async () => {
    for (const id of ['a', 'b', 'c']) await create(id);
    await create('d', summer({ type: CampaignType.B2B }));
    const list = (request: Partial<ListCampaignsRequest>) =>
      client.call('listCampaigns', ListCampaignsRequest.fromPartial(request));
    const filter = {
      type: CampaignType.AFFILIATE,
      brandId: 'acme',
      status: CampaignStatus.DRAFT,
      pageSize: 2,
    };
    const first = await list(filter);
    const second = await list({ ...filter, pageToken: first.nextPageToken });
    expect([first, second].map(({ campaigns }) => campaigns.map(({ id }) => id))).toEqual([
      ['a', 'b'],
      ['c'],
    ]);
    expect(second.nextPageToken).toBe('');
    expect((await list({})).campaigns).toHaveLength(4);
    expect((await list({ pageSize: 1_000_000 })).campaigns).toHaveLength(4);
  });
});

describe('GetCampaignMetrics', () => {
  const metrics = (request: Partial<GetCampaignMetricsRequest>) =>
    client.call(
      'getCampaignMetrics',
      GetCampaignMetricsRequest.fromPartial({ campaignId: 'summer', ...request }),
    );

  test('gives the live figures', async () => {
    await create('summer');
    system.actors.count('summer', { received: 2, accepted: 2, clicks: 2, spendMicros: 500_001n });
    expect(await metrics({})).toMatchObject({
      campaignId: 'summer',
      asOf: { seconds: BigInt(Math.floor(NOW / 1_000)), nanos: 789_000_000 },
      totals: {
        received: 2n,
        clicks: 2n,
        spend: { currencyCode: 'USD', units: 0n, nanos: 500_001_000 },
        cpc: 0.2500005,
        ctr: undefined,
      },
      buckets: [],
    });
  });

  test('breaks a range of time down', async () => {
    await create('summer');
    const from = timestamp('2026-11-22T11:00:00Z');
    await metrics({ from, to: timestamp('2026-11-22T12:00:00Z'), granularity: Granularity.MINUTE });
    expect(system.warehouse.asked).toEqual({
      campaign: 'summer',
      from: Number(from.seconds),
      to: Number(from.seconds) + 3_600,
      step: 60,
    });
    await metrics({ at: from });
    expect(system.warehouse.asked).toMatchObject({ from: 0, to: Number(from.seconds) + 60 });
  });
});

describe('an error', () => {
  const pause = (changes: Partial<PauseCampaignRequest>) =>
    failureOf(
      client.call('pauseCampaign', PauseCampaignRequest.fromPartial({ campaignId: 'summer', ...changes })),
    );

  test('INVALID_ARGUMENT names the fields as the request spells them, and the fix', async () => {
    const error = await failureOf(
      create(
        'a b',
        summer({
          brandId: '',
          type: 99 as CampaignType,
          budget: {},
          cost: { model: CostModel.CPC, rate: { currencyCode: 'USD', units: 1n, nanos: -1 } },
        }),
      ),
    );
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    const fields = (detailsOf(error).BadRequest as { fieldViolations: { field: string }[] }).fieldViolations;
    expect(fields.map(({ field }) => field).sort()).toEqual([
      'campaign.brand_id',
      'campaign.budget.total',
      'campaign_id',
    ]);
    const rules = await failureOf(
      create(
        'summer',
        summer({
          type: 99 as CampaignType,
          budget: { total: { currencyCode: 'XXZ', units: 1n } },
          cost: { model: CostModel.CPC, rate: { currencyCode: 'USD', units: 1n, nanos: -1 } },
        }),
      ),
    );
    expect(detailsOf(rules)).toMatchObject({
      ErrorInfo: { reason: 'INVALID_ARGUMENT', domain: 'turnpike' },
      BadRequest: {
        fieldViolations: [
          { field: 'campaign.type', description: expect.stringContaining('one of AFFILIATE') },
          { field: 'campaign.budget.total.currency_code' },
          { field: 'campaign.cost.rate', description: expect.stringContaining('nanos') },
        ],
      },
    });
  });

  test.each<[string, Parameters<typeof summer>[0], string]>([
    ['a time before 1970', { startsAt: { seconds: -1n, nanos: 0 } }, 'campaign.starts_at'],
    ['a time beyond all calendars', { endsAt: { seconds: 2n ** 62n, nanos: 0 } }, 'campaign.ends_at'],
    [
      'a negative budget',
      { budget: { total: { currencyCode: 'USD', units: -1n } } },
      'campaign.budget.total',
    ],
    [
      'nanos finer than a micro',
      { budget: { total: { currencyCode: 'USD', nanos: 1 } } },
      'campaign.budget.total',
    ],
    ['a window without end', { clickWindowSeconds: 2n ** 62n }, 'campaign.click_window_seconds'],
    ['a negative rate limit', { rateLimit: -1 }, 'campaign.rate_limit'],
  ])('INVALID_ARGUMENT for %s', async (_what, changes, field) => {
    const error = await failureOf(create('summer', summer(changes)));
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    expect(detailsOf(error)).toMatchObject({ BadRequest: { fieldViolations: [{ field }] } });
  });

  test('INVALID_ARGUMENT for a missing campaign, id, wrong filter or key', async () => {
    const errors = await Promise.all([
      failureOf(client.call('createCampaign', { campaignId: '', campaign: undefined, requestId: '' })),
      failureOf(get('')),
      pause({ requestId: 'x'.repeat(129) }),
      pause({ reason: 'x'.repeat(501) }),
      failureOf(
        client.call('listCampaigns', ListCampaignsRequest.fromPartial({ status: 42 as CampaignStatus })),
      ),
      failureOf(client.call('listCampaigns', ListCampaignsRequest.fromPartial({ pageSize: -1 }))),
    ]);
    expect(errors.map((error) => error.code)).toEqual(errors.map(() => Code.INVALID_ARGUMENT));
    const fields = errors.map((error) => {
      const { fieldViolations } = detailsOf(error).BadRequest as { fieldViolations: { field: string }[] };
      return fieldViolations[0]?.field;
    });
    expect(fields).toEqual(['campaign', 'campaign_id', 'request_id', 'reason', 'status', 'page_size']);
  });

  test('INVALID_ARGUMENT fits its trailers, however much is wrong', async () => {
    const allowedHosts = Array.from({ length: 100 }, (_, i) => `*.${i}.example`);
    const error = await failureOf(create('summer', summer({ allowedHosts, allowedOrigins: allowedHosts })));
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
    const { fieldViolations } = detailsOf(error).BadRequest as { fieldViolations: unknown[] };
    expect(fieldViolations).toHaveLength(20);
  });

  test('INVALID_ARGUMENT for bytes that are no message', async () => {
    const error = await failureOf(
      client.callWith(
        '/turnpike.v1.CampaignService/GetCampaign',
        Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      ),
    );
    expect(error.code).toBe(Code.INVALID_ARGUMENT);
  });

  test('NOT_FOUND and ALREADY_EXISTS name the resource', async () => {
    const missing = await failureOf(get('nobody'));
    expect(missing.code).toBe(Code.NOT_FOUND);
    expect(detailsOf(missing)).toMatchObject({
      ResourceInfo: { resourceType: 'turnpike.v1.Campaign', resourceName: 'nobody' },
    });
    await create('summer');
    const taken = await failureOf(create('summer'));
    expect(taken.code).toBe(Code.ALREADY_EXISTS);
    expect(detailsOf(taken)).toMatchObject({ ResourceInfo: { resourceName: 'summer' } });
  });

  test('FAILED_PRECONDITION names the state and lists what is missing', async () => {
    await create('summer', summer({ landingPageUrl: '', budget: undefined }));
    const wrongState = await pause({});
    expect(wrongState.code).toBe(Code.FAILED_PRECONDITION);
    expect(detailsOf(wrongState)).toMatchObject({
      ErrorInfo: { metadata: { state: 'DRAFT' } },
      PreconditionFailure: {
        violations: [
          {
            type: 'STATE',
            subject: 'summer',
            description: 'cannot pause a campaign that is DRAFT; it must be ACTIVE',
          },
        ],
      },
    });
    const request = { campaignId: 'summer', reason: '', requestId: '', etag: '' };
    const incomplete = await failureOf(client.call('activateCampaign', request));
    expect(detailsOf(incomplete)).toMatchObject({
      PreconditionFailure: {
        violations: [
          { type: 'STATE' },
          { type: 'MISSING', subject: 'landing_page_url' },
          { type: 'MISSING', subject: 'budget.total' },
        ],
      },
    });
  });

  test('ABORTED when the campaign has changed', async () => {
    await create('summer');
    expect(await pause({ etag: '7' })).toMatchObject({ code: Code.ABORTED });
  });

  test.each<[ErrorCode, Code]>([
    ['unavailable', Code.UNAVAILABLE],
    ['resource_exhausted', Code.RESOURCE_EXHAUSTED],
    ['deadline_exceeded', Code.DEADLINE_EXCEEDED],
    ['unauthenticated', Code.UNAUTHENTICATED],
    ['permission_denied', Code.PERMISSION_DENIED],
  ])('%s has its code, and says when a retry may help', async (code, expected) => {
    const failure = new TurnpikeError({ code, message: 'not now' });
    system.actors.failure = failure;
    const error = await pause({});
    expect(error).toMatchObject({ code: expected, details: 'not now' });
    const retry = failure.retryable ? { retryDelay: { seconds: 1n, nanos: 0 } } : undefined;
    expect(detailsOf(error).RetryInfo).toEqual(retry);
  });

  test('INTERNAL for a bug, which is logged and not told', async () => {
    system.actors.failure = new Error('the secret of the bug');
    const error = await pause({});
    expect(error.code).toBe(Code.INTERNAL);
    expect(error.message).not.toContain('secret');
    expect(JSON.stringify(system.log.lines)).toContain('the secret of the bug');
  });

  test('RESOURCE_EXHAUSTED for a message that is too large', async () => {
    const error = await failureOf(create('summer', summer({ name: 'x'.repeat(2 ** 20) })));
    expect(error.code).toBe(Code.RESOURCE_EXHAUSTED);
  });

  test('UNIMPLEMENTED for a method that there is not', async () => {
    const error = await failureOf(
      client.callWith('/turnpike.v1.CampaignService/DeleteCampaign', Buffer.alloc(0)),
    );
    expect(error.code).toBe(Code.UNIMPLEMENTED);
  });
});

test('calls are measured by method and code', async () => {
  await failureOf(get('nobody'));
  expect(await system.registry.metrics()).toContain('protocol="grpc",method="GetCampaign",code="NOT_FOUND"');
});
