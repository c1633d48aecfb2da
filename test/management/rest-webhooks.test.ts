import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW } from './management-system.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

let system: ManagementSystem;
beforeAll(async () => {
  system = await ManagementSystem.start();
});
afterEach(() => system.snapshots.documents.clear());
afterAll(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  send(system.http, target, body, headers);
const HOOK = { webhook_id: 'hook', url: 'https://hooks.example/turnpike' };
const create = (body: object = HOOK, headers: Record<string, string> = {}) =>
  rest('POST /v1/webhooks', body, headers);
const stored = () =>
  JSON.parse(Buffer.from(system.snapshots.documents.get('webhooks/hook')?.value ?? '').toString());

describe('creating a webhook', () => {
  test('answers with it, and its secret', async () => {
    const { status, headers, body } = await create({
      ...HOOK,
      event_types: ['campaign.*', 'budget.exhausted', 'campaign.*'],
      subjects: ['summer'],
      description: 'The billing system',
    });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ location: '/v1/webhooks/hook', etag: `"${body.etag}"` });
    expect(body).toEqual({
      ...HOOK,
      event_types: ['campaign.*', 'budget.exhausted'],
      subjects: ['summer'],
      description: 'The billing system',
      enabled: true,
      secrets: [expect.stringMatching(/^whsec_[A-Za-z0-9_-]{43}$/)],
      status: { consecutive_failures: 0, retrying: [] },
      etag: expect.any(String),
      created_at: new Date(NOW).toISOString(),
      updated_at: new Date(NOW).toISOString(),
    });
  });

  test('remembers where the log stands, so that only what comes later is delivered', async () => {
    await create();
    expect(stored().start).toEqual([10, 11]);
  });

  test('mints an id where none is given', async () => {
    const [one, two] = [await create({ url: HOOK.url }), await create({ url: HOOK.url })];
    expect(one.body.webhook_id).not.toBe(two.body.webhook_id);
  });

  test('again with the same key gets the first answer', async () => {
    const key = { 'idempotency-key': 'once' };
    const [first, again] = [await create({ url: HOOK.url }, key), await create({ url: HOOK.url }, key)];
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect((await rest('GET /v1/webhooks')).body.webhooks).toHaveLength(1);
  });

  test('under an id that is taken is 409', async () => {
    await create();
    const { status, body } = await create();
    expect([status, body.code, body.detail]).toEqual([
      409,
      'already_exists',
      'there is a webhook hook already',
    ]);
  });

  test.each([
    [{ url: 'ftp://hooks.example/' }, 'url'],
    [{ url: 'hooks.example' }, 'url'],
    [{ url: 'https://user:pass@hooks.example/' }, 'url'],
    [{ url: 'https://hooks.example/#part' }, 'url'],
    [{ event_types: ['Campaign.Paused'] }, 'event_types[0]'],
    [{ event_types: Array(limits.webhookEventTypes + 1).fill('a.b') }, 'event_types'],
    [{ subjects: ['a', ''] }, 'subjects[1]'],
    [{ subjects: ['a\nb'] }, 'subjects[0]'],
    [{ description: 'x'.repeat(501) }, 'description'],
    [{ enabled: 'yes' }, 'enabled'],
  ])('is refused with %j', async (fields, field) => {
    const { status, body } = await create({ ...HOOK, ...fields });
    expect(status).toBe(400);
    expect(body.violations[0].field).toBe(field);
  });

  test('is refused where there are as many as there may be', async () => {
    for (let count = 0; count < limits.webhooks; count++)
      system.snapshots.put(`webhooks/w${count}`, Buffer.from(`{"webhookId":"w${count}"}`));
    const { status, body } = await create();
    expect([status, body.code]).toEqual([409, 'failed_precondition']);
    expect(body.detail).toContain('delete one first');
  });
});

describe('a webhook', () => {
  test('is shown without its secret', async () => {
    const { body } = await create();
    const secret: string = body.secrets[0];
    const masked = { ...body, secrets: [`****${secret.slice(-4)}`] };
    expect((await rest('GET /v1/webhooks/hook')).body).toEqual(masked);
    expect((await rest('GET /v1/webhooks')).body).toEqual({ webhooks: [masked] });
    expect(JSON.stringify(system.log.lines)).not.toContain(secret);
  });

  test('is shown with how its deliveries go', async () => {
    await create();
    const progress = {
      epoch: 1,
      places: { 0: [12, 0] },
      failing: { 0: { eventId: 'e2', since: NOW, attempts: 3, nextAttemptAt: NOW + 4_000 } },
      consecutiveFailures: 3,
      lastSuccess: { at: NOW - 1_000, eventId: 'e1' },
      lastFailure: { at: NOW, eventId: 'e2', status: 500, error: 'answered 500' },
    };
    system.snapshots.put('webhook-progress/hook', Buffer.from(JSON.stringify(progress)));
    expect((await rest('GET /v1/webhooks/hook')).body.status).toEqual({
      last_success_at: new Date(NOW - 1_000).toISOString(),
      last_event_id: 'e1',
      last_failure: {
        at: new Date(NOW).toISOString(),
        event_id: 'e2',
        status: 500,
        error: 'answered 500',
      },
      consecutive_failures: 3,
      retrying: [
        {
          event_id: 'e2',
          failing_since: new Date(NOW).toISOString(),
          attempts: 3,
          next_attempt_at: new Date(NOW + 4_000).toISOString(),
        },
      ],
    });
  });

  test('is changed part by part', async () => {
    await create({ ...HOOK, event_types: ['campaign.*'], description: 'Old' });
    const { status, body } = await rest('PATCH /v1/webhooks/hook', {
      event_types: null,
      description: 'New',
      enabled: false,
    });
    expect([status, body.event_types, body.description, body.enabled]).toEqual([200, [], 'New', false]);
    expect(body.url).toBe(HOOK.url);
  });

  test('that Turnpike has disabled says so until it is enabled', async () => {
    await create();
    const disabled = { ...stored(), enabled: false, disabledReason: 'too many failures' };
    system.snapshots.put('webhooks/hook', Buffer.from(JSON.stringify(disabled)));
    expect((await rest('PATCH /v1/webhooks/hook', { description: 'x' })).body.disabled_reason).toBe(
      'too many failures',
    );
    const { body } = await rest('PATCH /v1/webhooks/hook', { enabled: true });
    expect(body.enabled).toBe(true);
    expect(body).not.toHaveProperty('disabled_reason');
  });

  test.each([
    [{ url: null }, 'url'],
    [{ webhook_id: 'other' }, 'webhook_id'],
    [[], 'body'],
  ])('is not changed by %j', async (patch, field) => {
    await create();
    const { status, body } = await rest('PATCH /v1/webhooks/hook', patch);
    expect([status, body.violations?.[0].field]).toEqual([400, field]);
  });

  test('is not changed, or removed, where the etag is another', async () => {
    const { body } = await create();
    await rest('PATCH /v1/webhooks/hook', { description: 'x' });
    const old = { 'if-match': `"${body.etag}"` };
    expect((await rest('PATCH /v1/webhooks/hook', { description: 'y' }, old)).status).toBe(412);
    expect((await rest('DELETE /v1/webhooks/hook', undefined, old)).status).toBe(412);
  });

  test('is removed', async () => {
    await create();
    expect((await rest('DELETE /v1/webhooks/hook')).status).toBe(204);
    expect((await rest('GET /v1/webhooks/hook')).body).toMatchObject({
      status: 404,
      detail: 'there is no webhook hook',
    });
    expect((await rest('DELETE /v1/webhooks/hook')).status).toBe(404);
  });
});

describe("a webhook's secret", () => {
  const rotate = (headers = {}) => rest('POST /v1/webhooks/hook:rotate-secret', undefined, headers);

  test('is replaced by another, beside which it stays valid', async () => {
    const old: string = (await create()).body.secrets[0];
    const { status, body } = await rotate();
    expect(status).toBe(200);
    expect(body.secrets).toEqual([expect.stringMatching(/^whsec_/), `****${old.slice(-4)}`]);
    expect(body.secrets[0]).not.toBe(old);
    expect(stored().secrets[1]).toEqual({ secret: old, until: NOW + limits.webhookSecretMs });
  });

  test('is replaced once by requests with the same key', async () => {
    await create();
    const key = { 'idempotency-key': 'once' };
    const [first, again] = [await rotate(key), await rotate(key)];
    expect(again.body.secrets).toEqual(first.body.secrets);
  });

  test('is one of three at most', async () => {
    await create();
    for (let count = 0; count < 4; count++) await rotate();
    expect(stored().secrets).toHaveLength(3);
  });
});

describe('a test', () => {
  test('sends an event and tells what came back', async () => {
    await using receiver = await WebhookReceiver.start();
    await create({ ...HOOK, url: receiver.url, enabled: false });
    const { status, body } = await rest('POST /v1/webhooks/hook:test');
    expect(status).toBe(200);
    expect(body).toEqual({
      event_id: receiver.ids()[0],
      delivered: true,
      status: 204,
      duration_ms: expect.any(Number),
    });
    expect(receiver.received[0]?.event).toMatchObject({ type: 'turnpike.test', subject: 'hook' });
    receiver.answer = () => ({ status: 401 });
    expect((await rest('POST /v1/webhooks/hook:test')).body).toMatchObject({
      delivered: false,
      status: 401,
      error: 'answered 401',
    });
  });

  test('of a webhook that there is not is 404', async () => {
    expect((await rest('POST /v1/webhooks/nothing:test')).status).toBe(404);
  });
});
