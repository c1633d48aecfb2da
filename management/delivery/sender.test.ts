import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSigned, parseSignature } from '../../model/signature.ts';
import { type Received, WebhookReceiver } from '../../test/management/webhook-receiver.ts';
import { publicLookup } from './addresses.ts';
import { createSender, type Sender, type SenderOptions } from './sender.ts';

const NOW = 1_795_000_000_000;
const BODY = '{"id":"e1"}';

let receiver: WebhookReceiver;
const senders: Sender[] = [];
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
});
afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.close()));
  await receiver[Symbol.asyncDispose]();
});

function send(url: string, options: Partial<SenderOptions> = {}) {
  const sender = createSender({ allowPrivate: true, version: '1.2.3', now: () => NOW, ...options });
  senders.push(sender);
  return sender.send({ url, secrets: ['whsec_new', 'whsec_old'], eventId: 'e1', body: BODY });
}

describe('an event', () => {
  test('is posted as it is, signed by each secret', async () => {
    expect(await send(`${receiver.url}/hook?a=b`)).toEqual({ result: 'delivered', status: 204 });
    const { path, headers, body } = receiver.received[0] as Received;
    expect([path, body]).toEqual(['/hook?a=b', BODY]);
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'user-agent': 'turnpike/1.2.3',
      'x-turnpike-event-id': 'e1',
    });
    const signature = parseSignature(String(headers['x-turnpike-signature']));
    if (signature === undefined) throw new Error('not signed');
    for (const secret of ['whsec_new', 'whsec_old'])
      expect(isSigned(signature, [secret], Buffer.from(body), NOW)).toBe(true);
  });

  test('is delivered whatever a good answer says, however much that is', async () => {
    receiver.answer = () => ({ status: 200, body: 'x'.repeat(1_000_000) });
    expect(await send(receiver.url)).toEqual({ result: 'delivered', status: 200 });
  });

  test.each([400, 404, 410, 429, 500, 503])('is refused with %i', async (status) => {
    receiver.answer = () => ({ status });
    expect(await send(receiver.url)).toEqual({ result: 'refused', status, error: `answered ${status}` });
  });

  test('is refused by a redirect, which is not followed', async () => {
    receiver.answer = () => ({ status: 307, headers: { location: '/elsewhere' } });
    expect(await send(receiver.url)).toMatchObject({ result: 'refused', status: 307 });
    expect(receiver.received).toHaveLength(1);
  });

  test('is refused for as long as the receiver asks', async () => {
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '7' } });
    expect(await send(receiver.url)).toMatchObject({ retryAfterMs: 7_000 });
  });

  test('is given up where nobody answers in time', async () => {
    receiver.answer = () => undefined;
    expect(await send(receiver.url, { timeoutMs: 50 })).toEqual({
      result: 'failed',
      error: 'not answered within 50 ms',
    });
  });

  test('fails where nobody listens', async () => {
    await using gone = await WebhookReceiver.start();
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    const attempt = await send(url);
    expect(attempt).toMatchObject({ result: 'failed', error: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('without leave to call private addresses', () => {
  test('a literal one is not called', async () => {
    expect(await send(receiver.url, { allowPrivate: false })).toEqual({
      result: 'failed',
      error: '127.0.0.1 is not a public address',
    });
    expect(receiver.received).toEqual([]);
  });

  test('a name that leads to one is not called', async () => {
    const lookup = publicLookup((_hostname, _options, done) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]),
    );
    const { port } = new URL(receiver.url);
    expect(await send(`http://hooks.example:${port}/`, { allowPrivate: false, lookup })).toEqual({
      result: 'failed',
      error: 'hooks.example has no public address',
    });
    expect(receiver.received).toEqual([]);
  });
});
