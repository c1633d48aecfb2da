import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CampaignSummary } from '../../model/campaign.ts';
import { openMemoryDedup } from '../../storage/dedup/memory.ts';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { TestCollector } from '../test-collector.ts';

let collector: TestCollector;
beforeAll(async () => {
  collector = await TestCollector.start({ openLog: openSegmentLog, dedup: openMemoryDedup() });
});
afterAll(() => collector.stop());

describe('a tracked link', () => {
  test('counts the click and leads to the landing page with its click id', async () => {
    const campaignId = collector.launch({ landingPageUrl: 'https://shop.example/{partner_id}?s={sub1}#top' });
    const { status, headers } = await collector.call('GET', `/c/${campaignId}?partner_id=maria&sub1=a%26b`);
    expect(status).toBe(302);
    expect(headers).toMatchObject({ 'x-robots-tag': 'noindex', 'cache-control': 'no-store' });
    const { rows } = await collector.logged(campaignId);
    expect(headers.location).toBe(`https://shop.example/maria?s=a%26b&click_id=${rows[0]?.click_id}#top`);
    expect(rows).toMatchObject([{ type: 2, partner_id: 'maria', sub1: 'a&b' }]);
  });

  test('leads elsewhere only where the campaign allows', async () => {
    const campaignId = collector.launch({ allowedHosts: ['other.example'] });
    const to = async (url: string): Promise<unknown> =>
      new URL(
        String(
          (await collector.call('GET', `/c/${campaignId}?url=${encodeURIComponent(url)}`)).headers.location,
        ),
      ).host;
    expect(await to('https://other.example/x')).toBe('other.example');
    expect(await to('https://evil.example/')).toBe('shop.example');
    expect(await to('javascript:alert(1)')).toBe('shop.example');
  });

  test('of a campaign that does not run leads to its fallback, or nowhere', async () => {
    const fallbackUrl = 'https://shop.example/over';
    const cases: Partial<CampaignSummary>[] = [
      { status: 'PAUSED', fallbackUrl },
      { exhausted: true, fallbackUrl },
      { status: 'SCHEDULED', startsAt: collector.clock.ms + 1, fallbackUrl },
      { status: 'PAUSED' },
      { exhausted: true },
    ];
    const ids = cases.map((parts) => collector.launch(parts));
    const answers = await Promise.all(ids.map((id) => collector.call('GET', `/c/${id}`)));
    expect(answers.map(({ status, headers }) => headers.location ?? status)).toEqual([
      fallbackUrl,
      fallbackUrl,
      fallbackUrl,
      404,
      404,
    ]);
    const verdicts = (await Promise.all(ids.map((id) => collector.logged(id)))).map(
      ({ rows }) => rows[0]?.verdict,
    );
    expect(verdicts).toEqual([
      'campaign_not_active',
      'undecided',
      'campaign_not_active',
      'campaign_not_active',
      'undecided',
    ]);
  });

  test('of a campaign whose begin has come leads to its landing page, though nobody has told of the begin yet', async () => {
    const campaignId = collector.launch({ status: 'SCHEDULED', startsAt: collector.clock.ms });
    const { headers } = await collector.call('GET', `/c/${campaignId}`);
    expect(headers.location).toMatch(/^https:\/\/shop.example\//);
    expect((await collector.logged(campaignId)).rows).toMatchObject([{ verdict: 'undecided' }]);
  });

  test('with something wrong in it leads to the landing page nevertheless', async () => {
    const campaignId = collector.launch();
    const { headers } = await collector.call('GET', `/c/${campaignId}?sub1=${'x'.repeat(601)}`);
    expect(headers.location).toBe('https://shop.example/landing');
    expect((await collector.logged(campaignId)).rows).toMatchObject([{ verdict: 'invalid_event' }]);
  });

  test.each(['/c/nobody', '/c/', '/c/%ff', '/c/a/b'])('%s leads nowhere', async (path) => {
    expect((await collector.call('GET', path)).status).toBe(404);
  });
});
