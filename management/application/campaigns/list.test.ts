import { expect, test } from 'vitest';
import { limits } from '../../../limits.ts';
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { CampaignSummary, CampaignView } from '../../../model/campaign.ts';
import { CampaignDirectory } from '../../../model/campaign-directory.ts';
import { listPage } from './list.ts';

/** A directory of campaigns, and actors that show them with names of a given length. */
function world(count: number, nameLength: number, change: (view: CampaignView) => CampaignView | undefined) {
  const directory = new CampaignDirectory();
  const views = new Map<string, CampaignView>();
  let underWay = 0;
  let mostUnderWay = 0;
  for (let i = 0; i < count; i++) {
    const view: CampaignView = {
      campaignId: `c${String(i).padStart(4, '0')}`,
      brandId: 'brand',
      name: 'x'.repeat(nameLength),
      type: 'MIXED',
      objective: 'SALES',
      allowedHosts: [],
      allowedOrigins: [],
      uniqueness: { key: 'none', windowMs: 1_000 },
      clickWindowMs: 1_000,
      keyPolicy: 'open',
      writeKey: `wk_${i}`,
      secretKeys: [],
      rateLimit: 0,
      status: 'ACTIVE',
      etag: '1',
      createdAt: 0,
      updatedAt: 0,
    };
    views.set(view.campaignId, view);
    directory.put({ ...view, revision: 1, exhausted: false } satisfies CampaignSummary);
  }
  const gateway = {
    async query(campaignId: string) {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      return change(views.get(campaignId) as CampaignView);
    },
  } as unknown as ActorGateway;
  return { directory, gateway, mostUnderWay: () => mostUnderWay };
}

async function everyPage(
  { gateway, directory }: ReturnType<typeof world>,
  pageSize: number,
): Promise<{ readonly pages: number; readonly ids: string[] }> {
  const ids: string[] = [];
  let token: string | undefined;
  let pages = 0;
  do {
    const page = await listPage(gateway, directory, {
      filter: { status: 'ACTIVE' },
      pageSize,
      ...(token !== undefined && { pageToken: token }),
    });
    ids.push(...page.campaigns.map(({ campaignId }) => campaignId));
    token = page.nextPageToken;
    pages++;
  } while (token !== undefined);
  return { pages, ids };
}

test('a page ends before it grows too large, and the next goes on there', async () => {
  const count = 200;
  const large = world(count, limits.pageBytes / 60, (view) => view);
  const { pages, ids } = await everyPage(large, limits.pageSize);
  expect(pages).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(count);
});

test('campaigns that have left the filter meanwhile are not shown', async () => {
  const changing = world(9, 1, (view) => {
    if (view.campaignId.endsWith('3')) return undefined;
    return view.campaignId.endsWith('4') ? { ...view, status: 'PAUSED' } : view;
  });
  const { ids } = await everyPage(changing, 2);
  expect(ids).toEqual(['c0000', 'c0001', 'c0002', 'c0005', 'c0006', 'c0007', 'c0008']);
});

test('actors are not asked all at once', async () => {
  const many = world(500, 1, (view) => view);
  await everyPage(many, 500);
  expect(many.mostUnderWay()).toBeLessThanOrEqual(50);
});
