import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
  await rest('POST /v1/campaigns', SUMMER);
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);
const patch = (body: unknown, headers?: Record<string, string>): Promise<Answer> =>
  rest('PATCH /v1/campaigns/summer', body, headers);

describe('PATCH /v1/campaigns/{id}', () => {
  test('changes what is named and leaves the rest', async () => {
    const before = (await rest('GET /v1/campaigns/summer')).body;
    const changes = {
      name: 'Longer summer',
      allowed_hosts: ['blog.example'],
      rate_limit: 50,
      uniqueness: { window_seconds: 60 },
    };
    const { status, headers, body } = await patch(changes);
    expect(status).toBe(200);
    expect(headers.etag).toBe('"2"');
    expect(body).toEqual({
      ...before,
      ...changes,
      uniqueness: { ...before.uniqueness, window_seconds: 60 },
      etag: '2',
    });
    expect((await rest('GET /v1/campaigns/summer')).body).toEqual(body);
  });

  test('takes away what is null, and merges objects', async () => {
    const { currency } = SUMMER.budget.total;
    await patch({ budget: { daily: { amount: '5', currency } }, ends_at: '2027-01-31T00:00:00Z' });
    const { body } = await patch({ budget: { daily: null }, ends_at: null, landing_page_url: null });
    expect(body.budget).toEqual(SUMMER.budget);
    expect(body).not.toHaveProperty('ends_at');
    expect(body).not.toHaveProperty('landing_page_url');
  });

  test('takes a merge patch under its own name', async () => {
    const answer = await patch({ name: 'Other' }, { 'content-type': 'application/merge-patch+json' });
    expect(answer.body.name).toBe('Other');
  });

  test('takes back what it has shown, unchanged, without a change', async () => {
    const { body } = await rest('GET /v1/campaigns/summer');
    expect(await patch(body)).toMatchObject({ status: 200, body: { etag: '1' } });
  });

  test.each([
    [{ name: '' }, 'name', 'must not be empty'],
    [{ name: null }, 'name', 'is required'],
    [
      { budget: { total: { amount: '0', currency: 'USD' } } },
      'budget.total.amount',
      'must be more than zero',
    ],
    [{ cost: { rate: { currency: 'EUR' } } }, 'cost.rate.currency', "must be the budget's currency, USD"],
    [{ status: 'ACTIVE' }, 'status', 'is changed by :schedule'],
    [{ id: 'other' }, 'id', 'cannot be changed'],
    [[], 'body', 'must be a JSON object'],
    ['"text"', 'body', 'must be a JSON object'],
  ])('refuses %j', async (body, field, description) => {
    const answer = await patch(body);
    expect(answer.status).toBe(400);
    expect(answer.body.violations).toContainEqual({
      field,
      description: expect.stringContaining(description),
    });
  });

  test('lets nobody overwrite what somebody else has changed', async () => {
    await patch({ name: 'First' });
    expect(await patch({ name: 'Second' }, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    expect(await patch({ name: 'Second' }, { 'if-match': '"2"' })).toMatchObject({ status: 200 });
  });

  test('makes every one of many changes at once', async () => {
    const fields = ['name', 'fallback_url', 'rate_limit', 'click_window_seconds'] as const;
    const values = {
      name: 'N',
      fallback_url: 'https://shop.example/f',
      rate_limit: 7,
      click_window_seconds: 60,
    };
    const answers = await Promise.all(fields.map((field) => patch({ [field]: values[field] })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await rest('GET /v1/campaigns/summer')).body).toMatchObject(values);
  });

  test('answers a repeated key with the first answer', async () => {
    const key = { 'idempotency-key': 'k1' };
    const first = await patch({ name: 'Once' }, key);
    await patch({ name: 'Later' });
    expect((await patch({ name: 'Once' }, key)).body).toEqual(first.body);
    expect((await rest('GET /v1/campaigns/summer')).body.name).toBe('Later');
  });

  test('fixes at the launch what events are judged by', async () => {
    await rest('POST /v1/campaigns/summer:activate');
    const { status, body } = await patch({
      brand_id: 'other',
      type: 'B2B',
      uniqueness: { key: 'address' },
      cost: { model: 'CPM' },
    });
    expect(status).toBe(409);
    expect(body).toMatchObject({ state: 'ACTIVE' });
    expect(body.violations.map(({ field }: { field: string }) => field)).toEqual([
      'brand_id',
      'type',
      'uniqueness',
      'cost.model',
    ]);
    expect(await patch({ cost: { rate: { amount: '0.30', currency: 'USD' } } })).toMatchObject({
      status: 200,
    });
  });

  test('does not take from a running campaign what it needs', async () => {
    await rest('POST /v1/campaigns/summer:activate');
    const { status, body } = await patch({ landing_page_url: null, cost: null });
    expect(status).toBe(409);
    expect(body.violations).toEqual([
      { field: 'cost.model', description: 'cannot be changed after the launch' },
      { field: 'landing_page_url', description: 'say where clicks lead' },
      { field: 'cost', description: 'say what is paid for, and its rate' },
    ]);
  });

  test('changes nothing of a campaign that is over', async () => {
    await rest('POST /v1/campaigns/summer:cancel');
    expect(await patch({ name: 'Too late' })).toMatchObject({ status: 409, body: { state: 'CANCELLED' } });
  });

  test('shows the keys that it has brought about, this once', async () => {
    const { body } = await patch({ key_policy: 'signed' });
    expect(body.secret_keys).toEqual([expect.stringMatching(/^sk_[\w-]{24,}$/)]);
    const again = await patch({ name: 'Other' });
    expect(again.body.secret_keys[0]).not.toBe(body.secret_keys[0]);
    expect(again.body.secret_keys[0]?.slice(-4)).toBe(body.secret_keys[0].slice(-4));
  });

  test('answers 404 where there is no such campaign', async () => {
    expect(await rest('PATCH /v1/campaigns/nobody', { name: 'N' })).toMatchObject({ status: 404 });
  });

  test('is not harmed by objects nested without end', async () => {
    const nested = `${'{"budget":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const { status, body } = await patch(nested);
    expect({ status, budget: body.budget }).toEqual({ status: 200, budget: SUMMER.budget });
  });
});
