import { describe, expect, test } from 'vitest';
import { MemorySnapshots } from '../../../test/support/memory-snapshots.ts';
import type { Outgoing } from '../../delivery/sender.ts';
import { WebhookStore } from '../../delivery/store.ts';
import { createWebhooks } from './webhooks.ts';

const CONTEXT = { principal: { subject: 'test' } };

function system(allowPrivate = false) {
  const sent: Outgoing[] = [];
  const time = { now: 1_000 };
  const webhooks = createWebhooks({
    store: new WebhookStore(new MemorySnapshots()),
    sender: {
      send: async (outgoing) => {
        sent.push(outgoing);
        return { result: 'delivered', status: 200 };
      },
    },
    log: { partitions: 1, lastSequence: async () => 0 },
    allowPrivate,
    now: () => time.now,
  });
  return { webhooks, sent, time };
}

describe('an address that is not public', () => {
  const urls = ['http://127.0.0.1:9/', 'http://localhost/', 'http://10.0.0.1/', 'http://[::1]/'];

  test.each(urls)('such as %s is refused', async (url) => {
    const creating = system().webhooks.create({ url }, CONTEXT);
    await expect(creating).rejects.toMatchObject({
      failure: { code: 'invalid_argument', violations: [{ field: 'url' }] },
    });
  });

  test.each(urls)('such as %s is taken where that is allowed', async (url) => {
    const view = await system(true).webhooks.create({ url }, CONTEXT);
    expect(view.webhook.url).toBe(url);
  });
});

test('a replaced secret signs for a day, beside the new one', async () => {
  const { webhooks, sent, time } = system();
  const { webhook, secrets } = await webhooks.create({ url: 'https://hooks.example/' }, CONTEXT);
  const { webhookId } = webhook;
  const [first] = secrets;
  const [second] = (await webhooks.rotateSecret(webhookId, CONTEXT)).secrets;
  await webhooks.test(webhookId);
  time.now += 86_400_000;
  await webhooks.test(webhookId);
  expect(sent.map(({ secrets: signing }) => signing)).toEqual([[second, first], [second]]);
  expect((await webhooks.get(webhookId)).secrets).toHaveLength(1);
});

test('a change that meets another one is made on top of it', async () => {
  const { webhooks } = system();
  await webhooks.create({ webhook_id: 'hook', url: 'https://hooks.example/' }, CONTEXT);
  await Promise.all([
    webhooks.update('hook', { description: 'billing' }, CONTEXT),
    webhooks.update('hook', { subjects: ['summer'] }, CONTEXT),
  ]);
  expect((await webhooks.get('hook')).webhook).toMatchObject({
    description: 'billing',
    subjects: ['summer'],
  });
});

test('two creations with one key make one webhook', async () => {
  const { webhooks } = system();
  const create = () => webhooks.create({ url: 'https://hooks.example/' }, { ...CONTEXT, requestId: 'once' });
  const [one, two] = await Promise.all([create(), create()]);
  expect(two).toEqual(one);
});
