import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { Accounts } from '../../management/application/accounts/accounts.ts';
import type { Budgets } from '../../management/application/budgets/budgets.ts';
import type { Campaigns } from '../../management/application/campaigns/campaigns.ts';
import type { Commissions } from '../../management/application/commissions/commissions.ts';
import type { Partners } from '../../management/application/partners/partners.ts';
import type { Payouts } from '../../management/application/payouts/payouts.ts';
import type { DeadLetters } from '../../management/application/tracking/dead-letters.ts';
import type { Tracking } from '../../management/application/tracking/tracking.ts';
import type { Webhooks } from '../../management/application/webhooks/webhooks.ts';
import { createGrpcServer } from '../../management/grpc/server.ts';
import type { CampaignView } from '../../model/campaign.ts';
import { call, ReflectionClient } from '../support/reflection.ts';
import { ManagementSystem } from './management-system.ts';
import { promised } from './promised.ts';

const SERVICE = 'turnpike.v1.CampaignService';

const VIEW: CampaignView = {
  campaignId: 'summer',
  brandId: 'acme',
  name: 'Summer',
  type: 'MIXED',
  objective: 'TRAFFIC',
  allowedHosts: [],
  allowedOrigins: [],
  uniqueness: { key: 'none', windowMs: 1_000 },
  clickWindowMs: 1_000,
  keyPolicy: 'open',
  writeKey: 'wk_x',
  secretKeys: [],
  rateLimit: 0,
  status: 'DRAFT',
  etag: '1',
  createdAt: 0,
  updatedAt: 0,
};

describe('a client that knows nothing beforehand', () => {
  test('finds the services, reads their descriptors and calls them', async () => {
    await using system = await ManagementSystem.start();
    using reflection = new ReflectionClient(system.grpc);
    expect((await reflection.services()).sort()).toEqual([
      'grpc.health.v1.Health',
      'turnpike.v1.AdminService',
      'turnpike.v1.AudienceService',
      'turnpike.v1.BudgetService',
      SERVICE,
      'turnpike.v1.CommissionService',
      'turnpike.v1.PartnerService',
      'turnpike.v1.PayoutService',
      'turnpike.v1.TrackingService',
      'turnpike.v1.WebhookService',
    ]);
    const client = await reflection.client(SERVICE);
    const created = await call<{ id: string; status: string }>(client, 'CreateCampaign', {
      campaign_id: 'summer',
      campaign: {
        brand_id: 'acme',
        name: 'Summer',
        type: 'CAMPAIGN_TYPE_MIXED',
        objective: 'CAMPAIGN_OBJECTIVE_TRAFFIC',
      },
    });
    expect(created).toMatchObject({ id: 'summer', status: 'CAMPAIGN_STATUS_DRAFT' });
    expect(await call(client, 'GetCampaign', { campaign_id: 'summer' })).toEqual(created);
  });

  test('learns how the server is', async () => {
    await using system = await ManagementSystem.start();
    using reflection = new ReflectionClient(system.grpc);
    const health = await reflection.client('grpc.health.v1.Health');
    for (const service of [
      '',
      SERVICE,
      'turnpike.v1.BudgetService',
      'turnpike.v1.AudienceService',
      'turnpike.v1.AdminService',
      'turnpike.v1.WebhookService',
    ]) {
      expect(await call(health, 'Check', { service })).toMatchObject({ status: 'SERVING' });
    }
    await expect(call(health, 'Check', { service: 'nothing' })).rejects.toMatchObject({ code: 5 });
  });
});

describe('a shutdown', () => {
  const serverOf = (campaigns: Partial<Campaigns>) =>
    createGrpcServer({
      campaigns: campaigns as Campaigns,
      budgets: {} as Budgets,
      tracking: {} as Tracking,
      deadLetters: {} as DeadLetters,
      partners: {} as Partners,
      accounts: {} as Accounts,
      commissions: {} as Commissions,
      payouts: {} as Payouts,
      webhooks: {} as Webhooks,
      registry: new Registry(),
      logger: pino({ level: 'silent' }),
    });

  test('ends streams, so that it need not wait for them', async () => {
    const server = serverOf({});
    const { port } = await server.listen('127.0.0.1', 0);
    using reflection = new ReflectionClient(`127.0.0.1:${port}`);
    const client = await reflection.client('grpc.health.v1.Health');
    const stream = client.stream('Watch', { service: '' });
    const seen: string[] = [];
    const ended = new Promise<number>((resolve) =>
      stream.once('error', ({ code }: { code: number }) => resolve(code)),
    );
    await new Promise<void>((resolve) => {
      stream.on('data', ({ status }: { status: string }) => {
        seen.push(status);
        resolve();
      });
    });
    const started = performance.now();
    await server.close(60_000);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await ended).toBe(14);
    expect(seen[0]).toBe('SERVING');
  });

  test('answers calls under way', async () => {
    const begun = promised<void>();
    const answer = promised<CampaignView>();
    const server = serverOf({
      get: () => {
        begun.resolve();
        return answer.promise;
      },
    });
    const { port } = await server.listen('127.0.0.1', 0);
    using reflection = new ReflectionClient(`127.0.0.1:${port}`);
    const client = await reflection.client(SERVICE);
    const reply = call<{ id: string }>(client, 'GetCampaign', { campaign_id: 'summer' });
    await begun.promise;
    const closed = server.close(60_000);
    answer.resolve(VIEW);
    expect((await reply).id).toBe('summer');
    await closed;
  });

  test('cuts off what does not end in time', async () => {
    const begun = promised<void>();
    const server = serverOf({
      get: () => {
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const { port } = await server.listen('127.0.0.1', 0);
    using reflection = new ReflectionClient(`127.0.0.1:${port}`);
    const client = await reflection.client(SERVICE);
    const reply = call(client, 'GetCampaign', { campaign_id: 'summer' });
    const failed = expect(reply).rejects.toThrow();
    await begun.promise;
    await server.close(50);
    await failed;
  });
});

test('a port that is taken is told', async () => {
  await using system = await ManagementSystem.start();
  const second = createGrpcServer({
    campaigns: {} as Campaigns,
    budgets: {} as Budgets,
    tracking: {} as Tracking,
    deadLetters: {} as DeadLetters,
    partners: {} as Partners,
    accounts: {} as Accounts,
    commissions: {} as Commissions,
    payouts: {} as Payouts,
    webhooks: {} as Webhooks,
    registry: new Registry(),
    logger: pino({ level: 'silent' }),
  });
  await expect(second.listen('127.0.0.1', Number(system.grpc.split(':')[1]))).rejects.toThrow('EADDRINUSE');
  await second.close();
});
