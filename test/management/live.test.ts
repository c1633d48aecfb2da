import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { LiveClient } from '../support/live-client.ts';
import { waitFor } from '../support/wait.ts';
import { send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
const clients: LiveClient[] = [];
beforeAll(async () => {
  system = await ManagementSystem.start();
  await send(system.http, 'POST /v1/campaigns', SUMMER);
});
afterEach(() => {
  for (const client of clients.splice(0)) client[Symbol.dispose]();
});
afterAll(() => system?.[Symbol.asyncDispose]());

function client(path: string, headers?: Record<string, string>): LiveClient {
  const made = new LiveClient(system.http, path, headers);
  clients.push(made);
  return made;
}

const count = (received: number): void => system.actors.count('summer', { received, accepted: received });
const metric = async (name: string): Promise<number> => {
  const { body } = await send(system.http, 'GET /metrics');
  return Number(new RegExp(`^turnpike_management_live_${name} (.*)$`, 'm').exec(body)?.[1]);
};

describe('the live feed of a campaign', () => {
  test('begins with its figures, as the metrics have them, and goes on with what has changed', async () => {
    const live = await client('/v1/campaigns/summer/live').opened();
    const first = await live.heard('the first', () => true);
    const { body } = await send(system.http, 'GET /v1/campaigns/summer/metrics');
    expect(first).toEqual({
      type: 'metrics_update',
      topic: 'campaign:summer',
      campaign_id: 'summer',
      sequence: expect.any(Number),
      snapshot: true,
      data: body,
    });
    count(7);
    const next = await live.heard('the change', ({ data }) => data.received === 7);
    expect(next).toMatchObject({ type: 'metrics_update', snapshot: false, data: { accepted: 7 } });
    expect(next.sequence).toBeGreaterThan(first.sequence as number);
    expect(live.messages).toHaveLength(2);
  });

  test('tells changes that no event has brought', async () => {
    await send(system.http, 'POST /v1/campaigns/summer:activate', {});
    const live = await client('/v1/campaigns/summer/live').opened();
    await live.heard('the first', () => true);
    const spend = { amount: { amount: '12.50', currency: 'USD' }, reference: 'invoice-1' };
    const { status } = await send(system.http, 'POST /v1/campaigns/summer/budget:record-spend', spend);
    expect(status).toBe(200);
    await live.heard('the spend', ({ data }) => data.spend.amount === '12.50');
  });

  test('tells the newest of many changes, four times a second at most', async () => {
    const live = await client('/v1/campaigns/summer/live').opened();
    await live.heard('the first', () => true);
    const began = performance.now();
    for (let received = 1; received <= 200; received++) {
      count(received);
      await new Promise(setImmediate);
    }
    await live.heard('the last', ({ data }) => data.received === 200);
    const seconds = (performance.now() - began) / 1_000;
    expect(live.messages.length).toBeLessThanOrEqual(2 + Math.ceil(seconds * 4));
  });

  test('goes on where the actor was out of reach for a moment', async () => {
    const live = await client('/v1/campaigns/summer/live').opened();
    await live.heard('the first', () => true);
    system.actors.failure = new TurnpikeError({ code: 'unavailable', message: 'away' });
    count(3);
    await new Promise(setImmediate);
    system.actors.failure = undefined;
    await live.heard('the change', ({ data }) => data.received === 3);
  });
});

test('the live feed of a partner tells what it is and what it has earned', async () => {
  await send(system.http, 'POST /v1/partners', { partner_id: 'ana', name: 'Ana', kind: 'INFLUENCER' });
  const live = await client('/v1/partners/ana/live').opened();
  const first = await live.heard('the first', () => true);
  const { body: partner } = await send(system.http, 'GET /v1/partners/ana');
  const { body: account } = await send(system.http, 'GET /v1/partners/ana/account');
  expect(first).toMatchObject({
    type: 'partner_update',
    topic: 'partner:ana',
    partner_id: 'ana',
    snapshot: true,
  });
  expect(first.data).toEqual({ partner, account });
  await send(system.http, 'PATCH /v1/partners/ana', { status: 'SUSPENDED' });
  await live.heard('the change', ({ data }) => data.partner.status === 'SUSPENDED');
  await send(system.http, 'PATCH /v1/partners/ana/account/terms', { schedule: 'MONTHLY' });
  await live.heard('the terms', ({ data }) => data.account.terms.schedule === 'MONTHLY');
});

describe('one connection', () => {
  test('follows several topics, and leaves them', async () => {
    await send(system.http, 'POST /v1/campaigns', { ...SUMMER, campaign_id: 'winter' });
    const live = await client('/v1/live').opened();
    live.say({ type: 'subscribe', topics: ['campaign:summer', 'campaign:winter'] });
    await live.heard('summer', ({ topic }) => topic === 'campaign:summer');
    await live.heard('winter', ({ topic }) => topic === 'campaign:winter');
    live.say({ type: 'unsubscribe', topics: ['campaign:summer'] });
    // An answer to what was said behind it: it has been left by then.
    live.say('?');
    await live.heard('the complaint', ({ type }) => type === 'error');
    const before = live.messages.length;
    count(5);
    system.actors.count('winter', { received: 6, accepted: 6 });
    await live.heard('winter’s change', ({ data }) => data?.received === 6);
    expect(live.messages.slice(before).map(({ topic }) => topic)).toEqual(['campaign:winter']);
  });

  test('is told why a topic is not followed, and goes on with the others', async () => {
    const live = await client('/v1/live').opened();
    live.say({ type: 'subscribe', topics: ['campaign:nobody', 'partner:nobody', 'campaign:summer'] });
    for (const topic of ['campaign:nobody', 'partner:nobody']) {
      const refused = await live.heard(topic, (message) => message.topic === topic);
      expect(refused).toMatchObject({ type: 'error', problem: { status: 404, code: 'not_found' } });
    }
    await live.heard('summer', ({ topic }) => topic === 'campaign:summer');
  });

  test.each([
    ['nonsense', '{', 'message'],
    ['a list', '[]', 'message'],
    ['an unknown wish', '{"type":"publish","topics":["campaign:summer"]}', 'type'],
    ['no topics', '{"type":"subscribe","topics":[]}', 'topics'],
    ['a topic of no kind', '{"type":"subscribe","topics":["summer"]}', 'topics[0]'],
    ['no name', '{"type":"subscribe","topics":["campaign:",7]}', 'topics[0]'],
  ])('is told what is wrong with %s, and stays open', async (_what, text, field) => {
    const live = await client('/v1/live').opened();
    live.say(text);
    const { problem } = await live.heard('the complaint', () => true);
    expect(problem).toMatchObject({ status: 400, code: 'invalid_argument' });
    expect(problem.violations[0].field).toBe(field);
    live.say({ type: 'subscribe', topics: ['campaign:summer'] });
    await live.heard('summer', ({ topic }) => topic === 'campaign:summer');
  });

  test('follows a bounded number of topics', async () => {
    const live = await client('/v1/campaigns/summer/live').opened();
    const others = Array.from({ length: limits.liveTopics }, (_, index) => `campaign:c${index}`);
    live.say({ type: 'subscribe', topics: others });
    const last = others.at(-1);
    const { problem } = await live.heard('the refusal', ({ topic }) => topic === last);
    expect(problem).toMatchObject({ code: 'resource_exhausted' });
  });

  test('ends with a message that is too large', async () => {
    const live = await client('/v1/live').opened();
    live.say(' '.repeat(limits.liveMessageBytes + 1));
    expect(await live.ended()).toBe(1009);
  });

  test('has its pings answered', async () => {
    const live = await client('/v1/live').opened();
    live.socket.ping('hello');
    const [data] = await once(live.socket, 'pong');
    expect(String(data)).toBe('hello');
  });
});

describe('the live feed refuses', () => {
  test('what is not there, before it is a WebSocket', async () => {
    expect(await client('/v1/campaigns/nobody/live').refused()).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: 'there is no campaign nobody' },
    });
    expect(await client('/v1/partners/nobody/live').refused()).toMatchObject({ status: 404 });
    expect(await client('/v1/nothing').refused()).toMatchObject({ status: 404 });
  });

  test('pages of other sites, which a browser lets read it', async () => {
    const foreign = client('/v1/campaigns/summer/live', { origin: 'https://evil.example' });
    expect(await foreign.refused()).toMatchObject({ status: 403, body: { code: 'permission_denied' } });
    await client('/v1/campaigns/summer/live', { origin: system.http }).opened();
  });

  test('ordinary requests, and says how it is done', async () => {
    for (const path of ['/v1/live', '/v1/campaigns/summer/live', '/v1/partners/ana/live']) {
      const { status, headers, body } = await send(system.http, `GET ${path}`);
      expect({ status, upgrade: headers.upgrade }).toEqual({ status: 426, upgrade: 'websocket' });
      expect(body).toMatchObject({
        status: 426,
        code: 'upgrade_required',
        detail: expect.stringContaining('WebSocket'),
      });
    }
  });
});

describe('a request that would rather speak another protocol', () => {
  test.each(['upgrade, http2-settings', 'keep-alive, Upgrade, HTTP2-Settings'])(
    'is answered by HTTP with its body, as is the next one on its connection (%s)',
    async (connection) => {
      const socket = connect(Number(new URL(system.http).port), '127.0.0.1');
      let received = '';
      socket.on('data', (part) => {
        received += part;
      });
      const id = `java-${connection.length}`;
      const body = JSON.stringify({ ...SUMMER, campaign_id: id });
      const [start, end] = [body.slice(0, 10), body.slice(10)];
      socket.write(
        `POST /v1/campaigns HTTP/1.1\r\nhost: a\r\nconnection: ${connection}\r\nupgrade: h2c\r\n` +
          `http2-settings: AAEAAEAA\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${start}`,
      );
      await new Promise(setImmediate);
      socket.write(end);
      await waitFor('the answer', () => received.includes(`"id":"${id}"`));
      expect(received).toMatch(/^HTTP\/1\.1 201 /);
      socket.write('GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
      await once(socket, 'close');
      expect(received).toContain('{"status":"ok"}');
    },
  );
});

describe('requests that are sent together', () => {
  test.each([
    ['websocket', 'GET /v1/live', 'HTTP/1.1 101 Switching Protocols'],
    ['h2c', 'GET /healthz', '{"status":"ok"}'],
  ])('are answered in their order where the last asks for %s', async (protocol, target, last) => {
    const socket = connect(Number(new URL(system.http).port), '127.0.0.1');
    let received = '';
    socket.on('data', (part) => {
      received += part;
    });
    const asking =
      `${target} HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n` +
      'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    const ordinary = 'GET /v1/campaigns/summer HTTP/1.1\r\nhost: a\r\n\r\n';
    socket.write(`${ordinary}${ordinary}${asking}`);
    await waitFor('all answers', () => received.includes(last));
    expect(received.match(/"id":"summer"/g)).toHaveLength(2);
    expect(received.lastIndexOf('"id":"summer"')).toBeLessThan(received.indexOf(last));
    socket.destroy();
  });
});

test('connections are counted, and what they were sent', async () => {
  await waitFor('the others to be gone', async () => (await metric('connections')) === 0);
  const [messages, ended] = [await metric('messages_total'), await metric('closed_total{reason="client"}')];
  const live = await client('/v1/campaigns/summer/live').opened();
  await live.heard('the first', () => true);
  expect([await metric('connections'), await metric('messages_total')]).toEqual([1, messages + 1]);
  live.socket.close();
  await waitFor('the end', async () => (await metric('connections')) === 0);
  expect(await metric('closed_total{reason="client"}')).toBe(ended + 1);
});

test('a shutdown tells clients to come back', async () => {
  const other = await ManagementSystem.start();
  using live = await new LiveClient(other.http, '/v1/live').opened();
  const ended = live.ended();
  await other[Symbol.asyncDispose]();
  expect(await ended).toBe(1001);
});
