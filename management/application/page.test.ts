import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CampaignSummary } from '../../model/campaign.ts';
import { nextCampaigns, type Place, pageToken, placeOf } from './page.ts';

function summary(campaignId: string, createdAt: number): CampaignSummary {
  return {
    campaignId,
    createdAt,
    revision: 1,
    status: 'ACTIVE',
    exhausted: false,
    brandId: `brand ${campaignId.length % 2}`,
    name: 'name',
    type: 'MIXED',
    allowedHosts: [],
    allowedOrigins: [],
    uniqueness: { key: 'none', windowMs: 1 },
    clickWindowMs: 1,
    keyPolicy: 'open',
    writeKey: 'wk',
    secretKeys: [],
    rateLimit: 0,
  };
}

const campaigns = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/), fc.integer({ min: 0, max: 20 })), {
    selector: ([id]) => id,
    maxLength: 60,
  })
  .map((pairs) => pairs.map(([id, createdAt]) => summary(id, createdAt)));

describe('pages', () => {
  test('together hold every campaign once, the newest first, then by id', () => {
    fc.assert(
      fc.property(campaigns, fc.integer({ min: 1, max: 10 }), fc.boolean(), (all, size, filtered) => {
        const filter = filtered ? { brandId: 'brand 1' } : {};
        const seen: CampaignSummary[] = [];
        let after: Place | undefined;
        for (;;) {
          const page = nextCampaigns(all, filter, after, size);
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(size);
          seen.push(...page);
          after = placeOf(pageToken(page.at(-1) as CampaignSummary, filter), filter);
        }
        const expected = all
          .filter(({ brandId }) => !filtered || brandId === 'brand 1')
          .sort((a, b) => b.createdAt - a.createdAt || (a.campaignId < b.campaignId ? -1 : 1));
        expect(seen).toEqual(expected);
      }),
    );
  });

  test('go on where they were although campaigns come and go meanwhile', () => {
    const before = [summary('a', 3), summary('b', 2), summary('c', 1)];
    const after = nextCampaigns(before, {}, undefined, 1).at(-1) as Place;
    const later = [summary('new', 9), summary('c', 1), summary('b', 2)];
    expect(nextCampaigns(later, {}, after, 5).map(({ campaignId }) => campaignId)).toEqual(['b', 'c']);
  });
});

describe('a page token', () => {
  test('that is made up is refused, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json().map((text) => Buffer.from(text).toString('base64url')),
        ),
        (token) => {
          expect(() => placeOf(token, {})).toThrow('page_token');
        },
      ),
    );
  });

  test('is plain text in a URL', () => {
    expect(pageToken({ createdAt: 1, campaignId: 'a' }, {})).toMatch(/^[\w-]+$/);
  });
});
