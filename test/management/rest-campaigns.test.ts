import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);
const { campaign_id: _, ...UNNAMED } = SUMMER;

describe('POST /v1/campaigns', () => {
  test('creates a draft with the usual settings and says where it is', async () => {
    const { status, headers, body } = await rest('POST /v1/campaigns', SUMMER);
    expect(status).toBe(201);
    expect(headers).toMatchObject({ location: '/v1/campaigns/summer', etag: '"1"' });
    const { campaign_id, ...sent } = SUMMER;
    expect(body).toEqual({
      ...sent,
      id: campaign_id,
      status: 'DRAFT',
      status_changed_by: 'operator',
      allowed_hosts: [],
      allowed_origins: [],
      uniqueness: { key: 'none', window_seconds: 3600 },
      click_window_seconds: 2_592_000,
      attribution: {
        model: 'LAST_CLICK',
        half_life_seconds: 604_800,
        view_window_seconds: 86_400,
        minimum_seconds_to_convert: 0,
      },
      key_policy: 'open',
      rate_limit: 0,
      write_key: expect.stringMatching(/^wk_[\w-]{24}$/),
      secret_keys: [],
      etag: '1',
      created_at: '2026-11-22T12:34:56.789Z',
      updated_at: '2026-11-22T12:34:56.789Z',
    });
  });

  test('keeps every setting as it was sent', async () => {
    const settings = {
      fallback_url: 'http://shop.example/closed',
      allowed_hosts: ['blog.example', '127.0.0.1:8080'],
      allowed_origins: ['https://shop.example'],
      starts_at: '2026-12-01T00:00:00.000Z',
      ends_at: '2026-12-31T23:59:59.000Z',
      uniqueness: { key: 'address_agent', window_seconds: 60 },
      click_window_seconds: 86_400,
      rate_limit: 100,
    };
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, ...settings });
    expect(body).toMatchObject(settings);
    expect((await rest('GET /v1/campaigns/summer')).body).toEqual(body);
  });

  test('mints an id where none is given', async () => {
    const first = await rest('POST /v1/campaigns', UNNAMED);
    const second = await rest('POST /v1/campaigns', UNNAMED);
    expect(first.body.id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(second.body.id).not.toBe(first.body.id);
  });

  test('takes words in any case and amounts as numbers', async () => {
    const { status, body } = await rest('POST /v1/campaigns', {
      ...SUMMER,
      type: 'affiliate',
      objective: 'Brand_Awareness',
      key_policy: 'OPEN',
      budget: { total: { amount: 1000, currency: 'usd' } },
      cost: { model: 'cpm', rate: { amount: 0.125, currency: 'USD' } },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      type: 'AFFILIATE',
      objective: 'BRAND_AWARENESS',
      budget: { total: { amount: '1000.00', currency: 'USD' } },
      cost: { model: 'CPM', rate: { amount: '0.125', currency: 'USD' } },
    });
  });

  test('ignores what it does not know', async () => {
    const text = `{"colour":"red","__proto__":{"type":"B2B"},${JSON.stringify(SUMMER).slice(1)}`;
    const { status, body } = await rest('POST /v1/campaigns', text);
    expect(status).toBe(201);
    expect(body).not.toHaveProperty('colour');
    expect(body.type).toBe('AFFILIATE');
  });

  test('shows a secret key once and never again', async () => {
    const created = await rest('POST /v1/campaigns', { ...SUMMER, key_policy: 'signed' });
    const [secret] = created.body.secret_keys;
    expect(secret).toMatch(/^sk_[\w-]{43}$/);
    const masked = `****${secret.slice(-4)}`;
    expect((await rest('GET /v1/campaigns/summer')).body.secret_keys).toEqual([masked]);
    expect((await rest('POST /v1/campaigns/summer:activate')).body.secret_keys).toEqual([masked]);
    expect((await rest('GET /v1/campaigns')).body.campaigns[0].secret_keys).toEqual([masked]);
    expect(JSON.stringify(system.log.lines)).not.toContain(secret);
  });

  test('gives the same campaign for the same brand and idempotency key', async () => {
    const key = { 'idempotency-key': 'order 66' };
    const first = await rest('POST /v1/campaigns', UNNAMED, key);
    expect(await rest('POST /v1/campaigns', UNNAMED, key)).toMatchObject({ status: 201, body: first.body });
    const other = await rest('POST /v1/campaigns', { ...UNNAMED, brand_id: 'other' }, key);
    expect(other.body.id).not.toBe(first.body.id);
    expect(system.directory.size).toBe(2);
  });

  test('gives the same campaign even when its actor has forgotten the first answer', async () => {
    const key = { 'idempotency-key': 'k' };
    const { id } = (await rest('POST /v1/campaigns', UNNAMED, key)).body;
    await rest(`POST /v1/campaigns/${id}:activate`);
    for (let i = 0; i < 40; i++) {
      const verb = i % 2 === 0 ? 'pause' : 'resume';
      await rest(`POST /v1/campaigns/${id}:${verb}`, {}, { 'idempotency-key': `change ${i}` });
    }
    expect(await rest('POST /v1/campaigns', UNNAMED, key)).toMatchObject({ status: 201, body: { id } });
  });
});

describe('the lifecycle', () => {
  test('is led on by one verb each', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, starts_at: '2026-12-01T00:00:00Z' });
    const life: string[] = [];
    for (const verb of ['schedule', 'activate', 'pause', 'resume', 'complete']) {
      life.push((await rest(`POST /v1/campaigns/summer:${verb}`)).body.status);
    }
    expect(life).toEqual(['SCHEDULED', 'ACTIVE', 'PAUSED', 'ACTIVE', 'COMPLETED']);
    await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'winter' });
    expect((await rest('POST /v1/campaigns/winter:cancel', {})).body.status).toBe('CANCELLED');
  });

  test('keeps why and who', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    const { body } = await rest('POST /v1/campaigns/summer:cancel', { reason: 'brand left' });
    expect(body).toMatchObject({ status_reason: 'brand left', status_changed_by: 'operator' });
  });

  test('repeats nothing for a repeated idempotency key', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    const key = { 'idempotency-key': 'go' };
    const first = await rest('POST /v1/campaigns/summer:activate', {}, key);
    expect(await rest('POST /v1/campaigns/summer:activate', {}, key)).toMatchObject({
      status: 200,
      body: first.body,
    });
  });

  test('goes on only from the state the client has seen, if it says which', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    const activated = await rest('POST /v1/campaigns/summer:activate', {}, { 'if-match': '"1"' });
    expect(activated).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    const stale = await rest('POST /v1/campaigns/summer:pause', {}, { 'if-match': '"1"' });
    expect(stale).toMatchObject({ status: 412, body: { code: 'aborted' } });
    expect(await rest('POST /v1/campaigns/summer:pause', {}, { 'if-match': '*' })).toMatchObject({
      status: 200,
    });
  });
});

describe('GET /v1/campaigns', () => {
  test('lists page after page, each campaign once', async () => {
    for (let i = 0; i < 7; i++) await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: `c${i}` });
    const seen: string[] = [];
    let token = '';
    do {
      const { body } = await rest(`GET /v1/campaigns?page_size=3&page_token=${token}`);
      seen.push(...body.campaigns.map(({ id }: { id: string }) => id));
      token = body.next_page_token;
    } while (token !== '');
    expect(seen).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  });

  test('filters by brand, type and status', async () => {
    await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'a' });
    await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'b', brand_id: 'other' });
    await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'c', type: 'B2B' });
    await rest('POST /v1/campaigns/a:activate');
    const ids = async (query: string) =>
      (await rest(`GET /v1/campaigns?${query}`)).body.campaigns.map(({ id }: { id: string }) => id);
    expect(await ids('brand_id=acme')).toEqual(['a', 'c']);
    expect(await ids('type=b2b')).toEqual(['c']);
    expect(await ids('status=DRAFT')).toEqual(['b', 'c']);
    expect(await ids('status=ACTIVE&type=B2B')).toEqual([]);
  });

  test('shows campaigns whole', async () => {
    const { body } = await rest('POST /v1/campaigns', SUMMER);
    expect((await rest('GET /v1/campaigns')).body).toEqual({ campaigns: [body], next_page_token: '' });
  });
});

describe('GET /v1/campaigns/{id}/metrics', () => {
  const totals = {
    received: 12,
    accepted: 8,
    duplicates: 2,
    rejected: 1,
    pending: 1,
    impressions: 4,
    clicks: 3,
    uniqueClicks: 2,
    conversions: 1,
    revenueMicros: 10_000_000n,
    spendMicros: 750_000n,
    commissionMicros: 0n,
  };
  const money = (amount: string) => ({ amount, currency: 'USD' });

  test('gives the live figures and what follows from them', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    system.actors.count('summer', totals);
    expect(await rest('GET /v1/campaigns/summer/metrics')).toMatchObject({
      status: 200,
      body: {
        campaign_id: 'summer',
        as_of: '2026-11-22T12:34:56.789Z',
        received: 12,
        accepted: 8,
        duplicates: 2,
        rejected: 1,
        pending: 1,
        impressions: 4,
        clicks: 3,
        unique_clicks: 2,
        conversions: 1,
        revenue: money('10.00'),
        spend: money('0.75'),
        commission: money('0.00'),
        ctr: 0.75,
        cvr: 1 / 3,
        cpc: 0.25,
        cpa: 0.75,
        cpm: 187.5,
        roas: 10 / 0.75,
        roi: 9.25 / 0.75,
      },
    });
    expect(system.actors.settlements).toEqual([]);
  });

  test('has no ratio where there is nothing to divide by', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    const { body } = await rest('GET /v1/campaigns/summer/metrics');
    const { ctr, cvr, cpc, cpa, cpm, roas, roi } = body;
    expect([ctr, cvr, cpc, cpa, cpm, roas, roi]).toEqual(Array(7).fill(null));
  });

  const row = (startsAt: string, received: string) => ({
    starts_at: String(Date.parse(startsAt) / 1_000),
    received,
    accepted: received,
    duplicates: '0',
    rejected: '0',
    pending: '0',
    impressions: '0',
    clicks: received,
    unique_clicks: '0',
    conversions: '0',
    revenue_micros: '0',
    spend_micros: '9007199254740993000000',
    commission_micros: '0',
  });

  test('breaks a range of time down, from a warehouse that has everything', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    system.warehouse.rows = [row('2026-11-22T11:00:00Z', '2'), row('2026-11-22T12:00:00Z', '3')];
    const { body } = await rest(
      'GET /v1/campaigns/summer/metrics?from=2026-11-22T11:00:00Z&to=2026-11-22T13:00:00Z&granularity=hour',
    );
    expect(system.actors.settlements).toEqual(['summer']);
    expect(system.warehouse.asked).toEqual({
      campaign: 'summer',
      from: Date.parse('2026-11-22T11:00:00Z') / 1_000,
      to: Date.parse('2026-11-22T13:00:00Z') / 1_000,
      step: 3_600,
    });
    expect(body).toMatchObject({
      received: 5,
      clicks: 5,
      spend: money('18014398509481986.00'),
      as_of: new Date(NOW).toISOString(),
      buckets: [
        { starts_at: '2026-11-22T11:00:00.000Z', received: 2, spend: money('9007199254740993.00') },
        { starts_at: '2026-11-22T12:00:00.000Z', received: 3 },
      ],
    });
  });

  test('begins with the creation of the campaign and ends now unless said', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    await rest('GET /v1/campaigns/summer/metrics?granularity=day');
    const minute = Date.parse('2026-11-22T12:34:00Z') / 1_000;
    expect(system.warehouse.asked).toMatchObject({ from: minute, to: minute + 57, step: 86_400 });
  });

  test('gives the figures as of the end of the minute of an instant', async () => {
    await rest('POST /v1/campaigns', SUMMER);
    const { body } = await rest('GET /v1/campaigns/summer/metrics?at=2026-11-22T10:20:30%2B00:00');
    expect(system.warehouse.asked).toMatchObject({
      from: 0,
      to: Date.parse('2026-11-22T10:21:00Z') / 1_000,
    });
    expect(body.as_of).toBe('2026-11-22T10:21:00.000Z');
    expect(body).not.toHaveProperty('buckets');
  });
});

describe('operation', () => {
  test('tells that it is alive, and whether it takes work', async () => {
    expect(await rest('GET /healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await rest('GET /readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
    system.ready = false;
    expect(await rest('GET /readyz')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await rest('GET /healthz')).toMatchObject({ status: 200 });
  });

  test('measures requests by route, never by what a client makes up', async () => {
    await rest('GET /v1/campaigns/summer');
    await rest('GET /made/up');
    const { headers, body } = await rest('GET /metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('method="GET /v1/campaigns/:campaign_id([A-Za-z0-9_-]+)",code="404"');
    expect(body).toContain('method="GET unknown",code="404"');
    expect(body).not.toContain('made/up');
  });
});
