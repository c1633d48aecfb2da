import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { openMemoryDedup } from '../storage/dedup/memory.ts';
import { openSegmentLog } from '../storage/log/segment-log.ts';
import { TestCollector } from './test-collector.ts';
import { campaign } from './test-support.ts';

let collector: TestCollector;
beforeAll(async () => {
  collector = await TestCollector.start({ openLog: openSegmentLog, dedup: openMemoryDedup() });
});
afterAll(() => collector.stop());

describe('a request is refused', () => {
  test.each<[number, string, string, string | Buffer | undefined, Record<string, string>]>([
    [400, 'POST', '/v1/events', '[{]', {}],
    [400, 'POST', '/v1/events', '', {}],
    [400, 'POST', '/v1/events', Buffer.from([0x7b, 0xff, 0x7d]), {}],
    [400, 'POST', '/v1/postback', '{"a":', { 'content-type': 'application/json' }],
    [
      401,
      'POST',
      '/v1/events',
      '[{"type":"impression","campaign_id":"known"}]',
      { 'x-turnpike-key': 'guess' },
    ],
    [401, 'POST', '/v1/events?k=guess', '[{"type":"impression","campaign_id":"known"}]', {}],
    [
      403,
      'POST',
      '/v1/events',
      '[{"type":"impression","campaign_id":"known"}]',
      { 'x-turnpike-signature': 'x' },
    ],
    [404, 'GET', '/nothing', undefined, {}],
    [404, 'POST', '/v1/events/', '{}', {}],
    [405, 'GET', '/v1/events', undefined, {}],
    [405, 'DELETE', '/p.gif', undefined, {}],
    [405, 'PATCH', '/metrics', undefined, {}],
    [413, 'POST', '/v1/events', Buffer.alloc(limits.bodyBytes + 1, 32), {}],
    [413, 'POST', '/v1/events', JSON.stringify({ a: 'x'.repeat(limits.eventBytes) }), {}],
    [415, 'POST', '/v1/events', '{}', { 'content-encoding': 'gzip' }],
    [415, 'POST', '/v1/events', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    [431, 'GET', `/p.gif?${'x'.repeat(limits.headerBytes)}`, undefined, {}],
  ])('with %i: %s %s', async (status, method, path, body, headers) => {
    collector.directory.put(campaign({ campaignId: 'known' }));
    const answer = await collector.call(method, path, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ type: 'about:blank', status });
    expect(String(answer.json.detail).length).toBeGreaterThan(10);
    if (status === 405) expect(answer.headers.allow).toContain('OPTIONS');
  });

  test('with 429 if its key sends too fast', async () => {
    const campaign_id = collector.launch({ rateLimit: 2 });
    const event = { type: 'impression', campaign_id };
    expect((await collector.send([event, event])).headers).toMatchObject({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '0',
    });
    const refused = await collector.send(event);
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({ 'retry-after': '1', 'x-ratelimit-remaining': '0' });
    expect((await collector.logged(campaign_id)).rows).toHaveLength(2);
  });
});

describe('web pages', () => {
  test('may ask beforehand, and read answers, by the origins that are named', async () => {
    const origin = 'https://site.example';
    const [open, closed] = [
      collector.launch(),
      collector.launch({ allowedOrigins: ['https://own.example'] }),
    ];
    const preflight = await collector.call('OPTIONS', '/v1/events', undefined, { origin });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-max-age': '86400',
      vary: 'Origin',
    });
    const read = async (campaign_id: string): Promise<unknown> =>
      (await collector.send({ type: 'impression', campaign_id }, { origin })).headers[
        'access-control-allow-origin'
      ];
    expect([await read(open), await read(closed)]).toEqual([origin, undefined]);
    const refused = await collector.call('POST', '/v1/events', '[', { origin });
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([400, origin]);
  });
});

describe('operators', () => {
  test('see that it lives, that it is ready, and what it has counted', async () => {
    await collector.send({ type: 'impression', campaign_id: collector.launch() });
    expect((await collector.call('GET', '/healthz')).json).toEqual({ status: 'ok' });
    expect((await collector.call('GET', '/readyz')).json).toEqual({ status: 'ready' });
    const { text } = await collector.call('GET', '/metrics');
    expect(text).toMatch(/turnpike_ingest_events_total\{outcome="accepted",reason="accepted"\} [1-9]/);
    expect(text).toMatch(/turnpike_ingest_requests_total\{route="events",status="202"\} [1-9]/);
    expect(text).toContain('turnpike_ingest_waiting_events 0');
  });
});

describe('a campaign that a collector does not know', () => {
  const event = '{"type":"click","campaign_id":"fresh","event_id":"e-1"}';
  const send = () =>
    Promise.all([
      collector.call('POST', '/v1/events', event),
      collector.call('GET', '/p.gif?c=fresh'),
      collector.call('GET', '/c/fresh'),
    ]);

  test('is looked up later where it may exist: nobody is told that it does not', async () => {
    collector.mayLackCampaigns = true;
    try {
      for (const { status, headers } of await send()) {
        expect(status).toBe(503);
        expect(headers['retry-after']).toBeDefined();
      }
      const known = collector.launch();
      const { outcomes } = await collector.call('POST', '/v1/events', event.replace('fresh', known));
      expect(outcomes).toEqual(['accepted']);
    } finally {
      collector.mayLackCampaigns = false;
    }
    const [events, pixel, click] = await send();
    expect(events?.outcomes).toEqual(['unknown_campaign']);
    expect(pixel?.headers['x-turnpike-reason']).toBe('unknown_campaign');
    expect(click?.status).toBe(404);
  });
});
