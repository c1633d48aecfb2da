import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { isSigned, parseSignature } from '../../model/signature.ts';
import { waitFor } from '../support/wait.ts';
import { DeliverySystem } from './delivery-system.ts';
import { type Received, WebhookReceiver } from './webhook-receiver.ts';

let receiver: WebhookReceiver;
let system: DeliverySystem;
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  system = new DeliverySystem();
});
afterEach(async () => {
  await system[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const arrived = (count: number, path?: string) =>
  waitFor(`${count} deliveries`, () => receiver.ids(path).length >= count);
const shown = async (webhookId: string) => system.webhooks.get(webhookId);
/** Lets time pass until something is so: pauses before attempts are over in an instant. */
const inTime = (what: string, probe: () => boolean | Promise<boolean>) =>
  waitFor(what, async () => {
    if (await probe()) return true;
    system.clock.advance(1_000);
    return false;
  });

describe('a webhook', () => {
  test('is told of what happens after its creation, and of nothing before', async () => {
    system.happen(0);
    await system.create({ url: receiver.url });
    const after = system.happen(0);
    system.deliverer('a');
    await arrived(1);
    expect(receiver.ids()).toEqual([after]);
  });

  test('is told as soon as something happens, signed', async () => {
    const { secrets } = await system.create({ url: receiver.url });
    system.deliverer('a');
    await waitFor('a reading', () => system.queries > 0);
    const id = system.happen(1);
    await arrived(1);
    const { headers, body, event } = receiver.received[0] as Received;
    expect(event).toMatchObject({ id, type: 'campaign.paused', subject: 'c1', data: { sequence: 1 } });
    const signature = parseSignature(String(headers['x-turnpike-signature']));
    expect(signature && isSigned(signature, secrets, Buffer.from(body), system.clock.now())).toBe(true);
  });

  test('is told only of what it wants', async () => {
    await system.create({ url: receiver.url, event_types: ['budget.*'], subjects: ['c1'] });
    system.deliverer('a');
    system.happen(1, 'campaign.paused');
    system.happen(2, 'budget.exhausted');
    const id = system.happen(1, 'budget.exhausted');
    await arrived(1);
    expect(receiver.ids()).toEqual([id]);
  });

  test('is told everything of a partition in order, over failures', async () => {
    let failures = 3;
    receiver.answer = () => ({ status: failures-- > 0 ? 500 : 200 });
    await system.create({ webhook_id: 'hook', url: receiver.url });
    system.deliverer('a');
    const ids = Array.from({ length: 5 }, () => system.happen(0));
    await inTime('all deliveries', () => receiver.ids().length >= 8);
    const [first = '', ...others] = ids;
    expect(receiver.ids()).toEqual([first, first, first, first, ...others]);
    const { progress } = await waitFor('a saved success', async () => {
      const view = await shown('hook');
      return view.progress?.lastSuccess?.eventId === ids.at(-1) && view;
    });
    expect(progress).toMatchObject({
      consecutiveFailures: 0,
      failing: {},
      lastFailure: { eventId: first, status: 500, error: 'answered 500' },
    });
  });

  test('that fails tells what it is at, and holds up no other', async () => {
    receiver.answer = ({ path }) => ({ status: path === '/bad' ? 503 : 200 });
    await system.create({ webhook_id: 'bad', url: `${receiver.url}/bad` });
    await system.create({ webhook_id: 'good', url: `${receiver.url}/good` });
    system.deliverer('a');
    const ids = Array.from({ length: 10 }, () => system.happen(0));
    await arrived(10, '/good');
    expect(receiver.ids('/good')).toEqual(ids);
    const { progress } = await waitFor('a saved failure', async () => {
      const view = await shown('bad');
      return view.progress?.lastFailure && view;
    });
    expect(Object.values(progress?.failing ?? {})).toMatchObject([{ eventId: ids[0] }]);
  });

  test('that fails with one partition is told of the others', async () => {
    receiver.answer = ({ event }) => ({ status: event.subject === 'c0' ? 500 : 200 });
    await system.create({ url: receiver.url });
    system.deliverer('a');
    system.happen(0);
    const ids = [system.happen(1), system.happen(1)];
    await waitFor('the other partition', () => ids.every((id) => receiver.ids().includes(id)));
  });

  test('that asked for more time is not asked earlier', async () => {
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '600' } });
    await system.create({ webhook_id: 'hook', url: receiver.url });
    system.deliverer('a');
    system.happen(0);
    const view = await waitFor('a saved failure', async () => {
      const found = await shown('hook');
      return found.progress?.lastFailure && found;
    });
    const [failing] = Object.values(view.progress?.failing ?? {});
    expect(failing && failing.nextAttemptAt - failing.since).toBe(600_000);
  });

  test('that is changed is asked again at once, and again', async () => {
    let failures = 2;
    receiver.answer = () =>
      failures-- > 0 ? { status: 429, headers: { 'retry-after': '600' } } : { status: 200 };
    await system.create({ webhook_id: 'hook', url: receiver.url });
    system.deliverer('a');
    const id = system.happen(0);
    for (const attempts of [1, 2]) {
      await waitFor('a saved failure', async () => {
        const { progress } = await shown('hook');
        return progress?.consecutiveFailures === attempts;
      });
      await system.webhooks.update(
        'hook',
        { description: `${attempts}` },
        { principal: { subject: 'test' } },
      );
    }
    await arrived(3);
    expect(receiver.ids()).toEqual([id, id, id]);
  });

  test('that fails for three days is disabled, with the reason', async () => {
    receiver.answer = () => ({ status: 500 });
    await system.create({ webhook_id: 'hook', url: receiver.url });
    system.deliverer('a');
    const id = system.happen(0);
    // Noted, and not only on its way: the three days begin with the failure.
    await waitFor('a failure', async () => {
      const progress = (await system.store.progress('hook'))?.value;
      return progress?.consecutiveFailures === 1;
    });
    system.clock.advance(limits.webhookFailingMs);
    const { webhook } = await waitFor('the end of it', async () => {
      const view = await shown('hook');
      return !view.webhook.enabled && view;
    });
    expect(webhook.disabledReason).toContain(`event ${id} could not be delivered for 3 days`);
    expect(await system.registry.getSingleMetricAsString('turnpike_webhook_disabled_total')).toMatch(/ 1$/m);
  });

  test('that is enabled again is told of what happened meanwhile', async () => {
    await system.create({ webhook_id: 'hook', url: receiver.url, enabled: false });
    system.deliverer('a');
    const ids = [system.happen(0), system.happen(0)];
    await waitFor('a listing', async () => (await system.store.progress('hook')) !== undefined);
    expect(receiver.received).toEqual([]);
    await system.webhooks.update('hook', { enabled: true }, { principal: { subject: 'test' } });
    await arrived(2);
    expect(receiver.ids()).toEqual(ids);
  });

  test('that was removed is told of nothing more', async () => {
    await system.create({ webhook_id: 'hook', url: `${receiver.url}/gone` });
    await system.create({ webhook_id: 'other', url: `${receiver.url}/other` });
    system.deliverer('a');
    system.happen(0);
    await arrived(1, '/gone');
    await system.webhooks.delete('hook', { principal: { subject: 'test' } });
    const known = receiver.ids('/gone').length;
    // The listing that finds it gone comes before the reading of what happens after it.
    const queries = system.queries;
    await waitFor('further readings', () => system.queries > queries + 3);
    const last = system.happen(0);
    await waitFor('the other', () => receiver.ids('/other').includes(last));
    expect(receiver.ids('/gone')).toHaveLength(known);
    expect(await system.store.progress('hook')).toBeUndefined();
  });

  test('is told of far more than fits into memory', async () => {
    await system.create({ url: receiver.url });
    const ids = Array.from({ length: limits.webhookEventsPerPartition * 2 }, () => system.happen(0));
    system.deliverer('a');
    await arrived(ids.length);
    expect(receiver.ids()).toEqual(ids);
  });
});

describe('of several processes', () => {
  test('one delivers, and each event arrives once', async () => {
    await system.create({ url: receiver.url });
    for (const owner of ['a', 'b', 'c']) system.deliverer(owner);
    const ids = Array.from({ length: 20 }, (_, index) => system.happen(index % 4));
    await arrived(20);
    expect([...receiver.ids()].sort()).toEqual([...ids].sort());
  });

  test('another goes on where one has stopped', async () => {
    await system.create({ url: receiver.url });
    const first = system.deliverer('a');
    const before = system.happen(0);
    await arrived(1);
    await first.stop(1_000);
    system.deliverer('b');
    const after = system.happen(0);
    await arrived(2);
    expect(receiver.ids()).toEqual([before, after]);
  });

  test('what was delivered and not saved is delivered again, under the same id', async () => {
    await system.create({ webhook_id: 'hook', url: receiver.url });
    const dying = system.deliverer('a');
    await waitFor('a listing', async () => (await system.store.progress('hook')) !== undefined);
    // From here on nothing that it does lasts: it dies between the delivery and the next save.
    const commit = system.snapshots.commit.bind(system.snapshots);
    system.snapshots.commit = () => new Promise(() => undefined);
    const id = system.happen(0);
    await arrived(1);
    void dying.stop(0);
    system.snapshots.commit = commit;
    system.snapshots.expire('webhooks');
    system.deliverer('b');
    await arrived(2);
    expect(receiver.ids()).toEqual([id, id]);
  });

  test('one that slept through the loss of its lease cannot move a webhook back', async () => {
    await system.create({ webhook_id: 'hook', url: receiver.url });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    receiver.answer = async ({ event }) => {
      if (event.subject === 'c0' && receiver.ids().length === 1) await held;
      return { status: 200 };
    };
    system.deliverer('a');
    system.happen(0);
    await arrived(1);
    system.snapshots.expire('webhooks');
    system.deliverer('b');
    await arrived(2);
    const last = system.happen(0);
    await arrived(3);
    const place = async () => (await system.store.progress('hook'))?.value.places['0']?.[0];
    await waitFor('the second save', async () => (await place()) === 2);
    release();
    await waitFor('the first to learn of it', () => system.queries > 0);
    system.happen(0);
    await waitFor('the next save', async () => (await place()) === 3);
    expect(receiver.ids()).toContain(last);
  });
});

describe('a stop', () => {
  test('waits for what is under way, and saves it', async () => {
    await system.create({ webhook_id: 'hook', url: receiver.url });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    receiver.answer = async () => {
      await held;
      return { status: 200 };
    };
    const deliverer = system.deliverer('a');
    const id = system.happen(0);
    await arrived(1);
    const stopped = deliverer.stop(60_000);
    release();
    await stopped;
    expect((await system.store.progress('hook'))?.value.lastSuccess?.eventId).toBe(id);
  });

  test('gives up what takes too long, which is then no failure', async () => {
    await system.create({ webhook_id: 'hook', url: receiver.url });
    receiver.answer = () => undefined;
    const deliverer = system.deliverer('a');
    system.happen(0);
    await arrived(1);
    await deliverer.stop(10);
    expect((await system.store.progress('hook'))?.value).toMatchObject({ consecutiveFailures: 0 });
  });
});

test('while snapshots are away deliveries are saved later', async () => {
  await system.create({ webhook_id: 'hook', url: receiver.url });
  receiver.answer = () => {
    system.snapshots.failure = new TurnpikeError({ code: 'unavailable', message: 'away' });
    return { status: 200 };
  };
  system.deliverer('a');
  system.happen(0);
  await arrived(1);
  await waitFor('the success', async () =>
    (await system.registry.metrics()).includes('deliveries_total{result="delivered"} 1'),
  );
  system.snapshots.failure = undefined;
  await inTime('the save', async () => (await system.store.progress('hook'))?.value.places['0']?.[0] === 1);
});

test('metrics tell of attempts and of what waits', async () => {
  receiver.answer = () => ({ status: 500 });
  await system.create({ url: receiver.url });
  system.deliverer('a');
  system.happen(0);
  await arrived(1);
  system.clock.advance(400);
  const metrics = await waitFor('a counted attempt', async () => {
    const text = await system.registry.metrics();
    return text.includes('turnpike_webhook_deliveries_total{result="refused"}') && text;
  });
  const age = Number(/^turnpike_webhook_oldest_undelivered_seconds (\S+)$/m.exec(metrics)?.[1]);
  expect(age).toBeGreaterThanOrEqual(0.4);
});
