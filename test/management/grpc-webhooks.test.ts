import { status as Code, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Webhook, WebhookServiceClient } from '../../proto/generated/turnpike/v1/webhook_service.ts';
import { detailsOf, failureOf } from './grpc-client.ts';
import { ManagementSystem } from './management-system.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

let system: ManagementSystem;
let client: WebhookServiceClient;
beforeAll(async () => {
  system = await ManagementSystem.start();
  client = new WebhookServiceClient(system.grpc, credentials.createInsecure());
});
afterEach(() => system.snapshots.documents.clear());
afterAll(async () => {
  client?.close();
  await system?.[Symbol.asyncDispose]();
});

function promise<A>(run: (done: (error: ServiceError | null, answer: A) => void) => unknown): Promise<A> {
  return new Promise((resolve, reject) => {
    run((error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const create = (fields: Parameters<typeof Webhook.fromPartial>[0], requestId = ''): Promise<Webhook> =>
  promise((done) =>
    client.createWebhook({ webhookId: 'hook', webhook: Webhook.fromPartial(fields), requestId }, done),
  );
const get = (): Promise<Webhook> => promise((done) => client.getWebhook({ webhookId: 'hook' }, done));
const update = (
  fields: Parameters<typeof Webhook.fromPartial>[0],
  updateMask: string[] = [],
  etag = '',
): Promise<Webhook> =>
  promise((done) =>
    client.updateWebhook(
      { webhook: Webhook.fromPartial({ webhookId: 'hook', ...fields }), updateMask, etag },
      done,
    ),
  );
const URL = 'https://hooks.example/turnpike';

describe('a webhook', () => {
  test('is created, shown without its secret, listed and removed', async () => {
    const created = await create({ url: URL, eventTypes: ['campaign.*'], subjects: ['summer'] });
    expect(created).toMatchObject({ webhookId: 'hook', url: URL, enabled: true });
    expect(created.secrets).toEqual([expect.stringMatching(/^whsec_/)]);
    const shown = await get();
    expect(shown).toEqual({ ...created, secrets: [expect.stringMatching(/^\*{4}.{4}$/)] });
    expect(await promise((done) => client.listWebhooks({}, done))).toEqual({ webhooks: [shown] });
    await promise((done) => client.deleteWebhook({ webhookId: 'hook', etag: shown.etag }, done));
    const gone = await failureOf(get());
    expect(gone.code).toBe(Code.NOT_FOUND);
    expect(detailsOf(gone)).toMatchObject({
      ResourceInfo: { resourceType: 'turnpike.v1.Webhook', resourceName: 'hook' },
    });
  });

  test('is changed by what is set, or what a mask names', async () => {
    await create({ url: URL, eventTypes: ['campaign.*'], description: 'Old' });
    expect(await update({ description: 'New' })).toMatchObject({
      description: 'New',
      eventTypes: ['campaign.*'],
    });
    expect(await update({ enabled: false }, ['event_types', 'enabled'])).toMatchObject({
      eventTypes: [],
      enabled: false,
      description: 'New',
    });
  });

  test('is refused with its fields as messages have them', async () => {
    const wrong = await failureOf(create({ url: 'ftp://x', eventTypes: ['*.*'] }));
    expect(wrong.code).toBe(Code.INVALID_ARGUMENT);
    expect(detailsOf(wrong)).toMatchObject({
      BadRequest: { fieldViolations: [{ field: 'webhook.event_types[0]' }] },
    });
    expect((await failureOf(update({}, ['secrets']))).details).toContain('cannot name secrets');
    const taken = await failureOf(create({ url: URL }).then(() => create({ url: URL })));
    expect(taken.code).toBe(Code.ALREADY_EXISTS);
    expect((await failureOf(update({ description: 'x' }, [], '999'))).code).toBe(Code.ABORTED);
  });
});

test('a secret is replaced, once per request id', async () => {
  await create({ url: URL });
  const rotate = (): Promise<Webhook> =>
    promise((done) => client.rotateWebhookSecret({ webhookId: 'hook', requestId: 'once', etag: '' }, done));
  const [first, again] = [await rotate(), await rotate()];
  expect(first.secrets).toHaveLength(2);
  expect(again.secrets).toEqual(first.secrets);
});

test('a test event is sent, and what came back is told', async () => {
  await using receiver = await WebhookReceiver.start();
  receiver.answer = () => ({ status: 500 });
  await create({ url: receiver.url });
  expect(await promise((done) => client.testWebhook({ webhookId: 'hook' }, done))).toMatchObject({
    eventId: receiver.ids()[0],
    delivered: false,
    status: 500,
    error: 'answered 500',
  });
});
