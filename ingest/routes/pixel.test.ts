import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EventFlag } from '../../model/event.ts';
import { openMemoryDedup } from '../../storage/dedup/memory.ts';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { TestCollector } from '../test-collector.ts';

let collector: TestCollector;
beforeAll(async () => {
  collector = await TestCollector.start({ openLog: openSegmentLog, dedup: openMemoryDedup() });
});
afterAll(() => collector.stop());

describe('the pixel', () => {
  test('is an image of 43 bytes that nobody keeps', async () => {
    const campaignId = collector.launch();
    const { status, headers } = await collector.call('GET', `/p.gif?c=${campaignId}&p=maria`, undefined, {
      referer: 'https://blog.example/',
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'image/gif',
      'content-length': '43',
      'cache-control': 'no-store',
    });
    expect(headers['x-turnpike-reason']).toBeUndefined();
    const { rows } = await collector.logged(campaignId);
    expect(rows).toMatchObject([{ type: 1, partner_id: 'maria', referrer: 'https://blog.example/' }]);
  });

  test('may tell of clicks and conversions', async () => {
    const campaignId = collector.launch();
    await collector.call('GET', `/p.gif?campa%C3%B1a_id=${campaignId}&e=click`);
    await collector.call(
      'GET',
      `/p.gif?cid=${campaignId}&t=conversion&value=12.50&currency=USD&goal=una+compra`,
    );
    const { rows } = await collector.logged(campaignId);
    expect(rows).toMatchObject([{ type: 2 }, { type: 3, valueMicros: 12_500_000, goal: 'una compra' }]);
  });

  test('has the address that a trusted proxy tells, and no other’s word for it', async () => {
    const header = { 'x-forwarded-for': '203.0.113.9' };
    const campaignId = collector.launch();
    await collector.call('GET', `/p.gif?c=${campaignId}`, undefined, header);
    expect((await collector.logged(campaignId)).rows[0]?.ip).toBe('127.0.0.0');
    const proxied = await TestCollector.start({
      openLog: openSegmentLog,
      dedup: openMemoryDedup(),
      trustedProxies: ['127.0.0.0/8'],
    });
    const other = proxied.launch();
    await proxied.call('GET', `/p.gif?c=${other}`, undefined, header);
    expect((await proxied.logged(other)).rows[0]?.ip).toBe('203.0.113.0');
    await proxied.stop();
  });

  test('from the network of a data centre is counted and flagged', async () => {
    const cloudy = await TestCollector.start({
      openLog: openSegmentLog,
      dedup: openMemoryDedup(),
      dataCentres: ['127.0.0.0/24'],
    });
    const campaignId = cloudy.launch();
    await cloudy.call('GET', `/p.gif?c=${campaignId}`);
    // The advertiser's server may well be there.
    await cloudy.call('GET', `/p.gif?c=${campaignId}&t=conversion`);
    const { rows } = await cloudy.logged(campaignId);
    expect(rows.map(({ flags }) => flags & EventFlag.dataCentre)).toEqual([EventFlag.dataCentre, 0]);
    await cloudy.stop();
  });

  test('asked for by HEAD is counted and flagged', async () => {
    const campaignId = collector.launch();
    const { status, headers, text } = await collector.call('HEAD', `/p.gif?c=${campaignId}`);
    expect([status, headers['content-length'], text]).toEqual([200, '43', '']);
    expect((await collector.logged(campaignId)).rows[0]?.flags).toBe(EventFlag.head);
  });

  test.each([
    ['?c=nobody', 'unknown_campaign'],
    ['', 'invalid_event'],
    ['?%%%=%00&c=%ff', 'unknown_campaign'],
  ])('is an image for %j too, with the reason', async (query, reason) => {
    const { status, headers } = await collector.call('GET', `/p.gif${query}`);
    expect([status, headers['content-type'], headers['x-turnpike-reason']]).toEqual([
      200,
      'image/gif',
      reason,
    ]);
  });

  test('of a campaign that demands a key is counted with it only', async () => {
    const campaignId = collector.launch({ keyPolicy: 'write_key', writeKey: 'public' });
    const without = await collector.call('GET', `/p.gif?c=${campaignId}`);
    const withKey = await collector.call('GET', `/p.gif?c=${campaignId}&k=public`);
    expect([without, withKey].map(({ status, headers }) => [status, headers['x-turnpike-reason']])).toEqual([
      [200, 'not_authorised'],
      [200, undefined],
    ]);
    expect((await collector.logged(campaignId)).rows).toHaveLength(1);
  });
});
