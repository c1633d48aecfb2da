import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { type ErrorCode, TurnpikeError } from '../../model/errors.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeAll(async () => {
  system = await ManagementSystem.start();
  await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'ready' });
  await rest('POST /v1/campaigns', {
    campaign_id: 'bare',
    brand_id: 'acme',
    name: 'Bare',
    type: 'MIXED',
    objective: 'SALES',
  });
});
afterAll(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.body).toMatchObject({
    type: `urn:turnpike:problem:${code}`,
    title: expect.any(String),
    status,
    code,
    detail: expect.any(String),
  });
  expect(answer.status).toBe(status);
}

describe('a wrong definition', () => {
  const fieldsOf = async (changes: object) => {
    const commands = system.actors.commands.length;
    const answer = await rest('POST /v1/campaigns', { ...SUMMER, ...changes });
    expectProblem(answer, 400, 'invalid_argument');
    expect(system.actors.commands).toHaveLength(commands);
    return answer.body.violations.map(({ field }: { field: string }) => field);
  };
  const usd = (amount: unknown) => ({ amount, currency: 'USD' });

  test.each<[string, object, string]>([
    ['an id with other characters', { campaign_id: 'a b' }, 'campaign_id'],
    ['an id that is too long', { campaign_id: 'x'.repeat(65) }, 'campaign_id'],
    ['no brand', { brand_id: undefined }, 'brand_id'],
    ['a blank name', { name: '  ' }, 'name'],
    ['half a character', { name: '\ud800' }, 'name'],
    ['a control character', { name: 'a\u0000b' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(201) }, 'name'],
    ['a name that is a number', { name: 5 }, 'name'],
    ['null', { name: null }, 'name'],
    ['an unknown type', { type: 'PYRAMID' }, 'type'],
    ['an unknown objective', { objective: 'FAME' }, 'objective'],
    ['a landing page without a scheme', { landing_page_url: 'shop.example' }, 'landing_page_url'],
    ['a script as a landing page', { landing_page_url: 'javascript:alert(1)' }, 'landing_page_url'],
    ['a macro as a host', { landing_page_url: 'https://{sub1}/' }, 'landing_page_url'],
    ['a line break in an address', { fallback_url: 'https://a.example/\r\nx: y' }, 'fallback_url'],
    [
      'an address that is too long',
      { fallback_url: `https://a.example/${'x'.repeat(2048)}` },
      'fallback_url',
    ],
    ['a wildcard host', { allowed_hosts: ['ok.example', '*.example'] }, 'allowed_hosts[1]'],
    ['a host with a path', { allowed_hosts: ['a.example/x'] }, 'allowed_hosts[0]'],
    ['too many hosts', { allowed_hosts: Array(101).fill('a.example') }, 'allowed_hosts'],
    ['an origin with a path', { allowed_origins: ['https://a.example/x'] }, 'allowed_origins[0]'],
    ['a budget without an amount', { budget: { total: { currency: 'USD' } } }, 'budget.total.amount'],
    ['a negative budget', { budget: { total: usd('-1') } }, 'budget.total.amount'],
    ['a budget of nothing', { budget: { total: usd('0.00') } }, 'budget.total.amount'],
    ['a budget beyond all bounds', { budget: { total: usd('9000000000.01') } }, 'budget.total.amount'],
    ['an amount with too many decimals', { budget: { total: usd('0.0000001') } }, 'budget.total.amount'],
    ['an exponent', { budget: { total: usd('1e3') } }, 'budget.total.amount'],
    ['an amount that is a truth value', { budget: { total: usd(true) } }, 'budget.total.amount'],
    ['an unknown currency', { budget: { total: { amount: '1', currency: 'XXZ' } } }, 'budget.total.currency'],
    [
      'a rate in another currency',
      { cost: { model: 'CPC', rate: { amount: '1', currency: 'EUR' } } },
      'cost.rate.currency',
    ],
    ['an unknown cost model', { cost: { model: 'CPX', rate: usd('1') } }, 'cost.model'],
    [
      'a CPM rate that has no exact thousandth',
      { cost: { model: 'CPM', rate: usd('0.0001') } },
      'cost.rate.amount',
    ],
    ['a day that does not exist', { starts_at: '2026-02-30T00:00:00Z' }, 'starts_at'],
    ['a time without a zone', { starts_at: '2026-02-03T00:00:00' }, 'starts_at'],
    [
      'an end before the beginning',
      { starts_at: '2026-02-03T00:00:00Z', ends_at: '2026-02-03T00:00:00Z' },
      'ends_at',
    ],
    ['an unknown uniqueness rule', { uniqueness: { key: 'face' } }, 'uniqueness.key'],
    [
      'a uniqueness window of over a day',
      { uniqueness: { key: 'cookie', window_seconds: 86_401 } },
      'uniqueness.window_seconds',
    ],
    ['a click window of nothing', { click_window_seconds: 0 }, 'click_window_seconds'],
    ['half a second', { click_window_seconds: 1.5 }, 'click_window_seconds'],
    ['an unknown key policy', { key_policy: 'none' }, 'key_policy'],
    ['a negative rate limit', { rate_limit: -1 }, 'rate_limit'],
  ])('with %s is refused and reaches no actor', async (_what, changes, field) => {
    expect(await fieldsOf(changes)).toEqual([field]);
  });

  test('is told everything that is wrong at once, and what would be right', async () => {
    const { body } = await rest('POST /v1/campaigns', { ...SUMMER, type: 'x', ends_at: 'soon' });
    expect(body.violations).toEqual([
      { field: 'type', description: 'must be one of AFFILIATE, INFLUENCER, LOYALTY, B2B, MIXED' },
      { field: 'ends_at', description: 'must be RFC 3339, such as 2026-12-01T00:00:00Z, from 1970 on' },
    ]);
    expect(body.detail).toContain('type must be one of');
    expect(body.detail).toContain('1 more');
  });
});

describe('a body', () => {
  test.each([
    ['{"name": }', 'position 9'],
    ['{"name": x}', 'position 9'],
    ['{"name"', 'position 7'],
    ['[1,2', 'position 4'],
  ])('that is malformed (%s) is told where', async (text, where) => {
    const answer = await rest('POST /v1/campaigns', text);
    expectProblem(answer, 400, 'invalid_argument');
    expect(answer.body.detail).toContain(where);
  });

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"hello"'],
  ])('that is %s instead of an object is refused', async (_what, text) => {
    const answer = await rest('POST /v1/campaigns', text);
    expectProblem(answer, 400, 'invalid_argument');
    expect(answer.body.violations).toEqual([{ field: 'body', description: 'must be a JSON object' }]);
  });

  test('that is not UTF-8 is refused', async () => {
    const answer = await fetch(`${system.http}/v1/campaigns`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0xff, 0x7d]),
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: 'the body is not valid UTF-8' });
  });

  test('that is nested without end is refused or ignored, and costs no stack', async () => {
    const text = `{"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expectProblem(await rest('POST /v1/campaigns', text), 400, 'invalid_argument');
  });

  test('that is too large is refused', async () => {
    const text = JSON.stringify({ ...SUMMER, padding: 'x'.repeat(limits.managementBodyBytes) });
    expectProblem(await rest('POST /v1/campaigns', text), 413, 'too_large');
  });

  test('of another kind than JSON is refused', async () => {
    const answer = await rest('POST /v1/campaigns', 'a=b', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expectProblem(answer, 415, 'unsupported_media_type');
  });
});

describe('headers', () => {
  test.each([
    ['Idempotency-Key', 'x'.repeat(129)],
    ['Idempotency-Key', 'ñ'],
    ['If-Match', '3'],
    ['If-Match', '"1", "2"'],
    ['If-Match', 'W/"1"'],
  ])('with a wrong %s (%s) are refused', async (name, value) => {
    const answer = await rest('POST /v1/campaigns/ready:activate', {}, { [name]: value });
    expectProblem(answer, 400, 'invalid_argument');
    expect(answer.body.violations).toMatchObject([{ field: name }]);
  });

  test('that name a page of another site are refused for commands, not for reading', async () => {
    const foreign = { origin: 'https://evil.example' };
    expectProblem(
      await rest('POST /v1/campaigns/ready:cancel', undefined, foreign),
      403,
      'permission_denied',
    );
    expectProblem(
      await rest('POST /v1/campaigns/ready:cancel', undefined, { origin: 'null' }),
      403,
      'permission_denied',
    );
    expect((await rest('GET /v1/campaigns/ready', undefined, foreign)).body.status).toBe('DRAFT');
  });

  test('that are too large are refused', async () => {
    const answer = await rest('GET /healthz', undefined, { 'x-padding': 'x'.repeat(limits.headerBytes) });
    expectProblem(answer, 431, 'too_large');
  });
});

describe('a query', () => {
  test.each([
    ['/v1/campaigns?page_size=-1', 'page_size'],
    ['/v1/campaigns?page_size=many', 'page_size'],
    ['/v1/campaigns?page_token=bm90IGEgdG9rZW4', 'page_token'],
    ['/v1/campaigns?status=HAPPY', 'status'],
    ['/v1/campaigns?status=DRAFT&status=ACTIVE', 'status'],
    ['/v1/campaigns?type=PYRAMID', 'type'],
    ['/v1/campaigns/ready/metrics?at=yesterday', 'at'],
    ['/v1/campaigns/ready/metrics?at=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z', 'at'],
    ['/v1/campaigns/ready/metrics?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['/v1/campaigns/ready/metrics?to=2026-01-01T00:00:00Z', 'to'],
    ['/v1/campaigns/ready/metrics?granularity=week', 'granularity'],
    ['/v1/campaigns/ready/metrics?from=2020-01-01T00:00:00Z&granularity=minute', 'granularity'],
  ])('%s is told that %s is wrong', async (path, field) => {
    const answer = await rest(`GET ${path}`);
    expectProblem(answer, 400, 'invalid_argument');
    expect(answer.body.violations).toMatchObject([{ field }]);
  });

  test('with the token of a list with other filters is refused', async () => {
    const { body } = await rest('GET /v1/campaigns?page_size=1');
    const answer = await rest(
      `GET /v1/campaigns?page_size=1&brand_id=acme&page_token=${body.next_page_token}`,
    );
    expectProblem(answer, 400, 'invalid_argument');
    expect(answer.body.violations[0].description).toContain('other filters');
  });
});

describe('an answer of an actor', () => {
  test('that there is no such campaign is 404', async () => {
    expectProblem(await rest('GET /v1/campaigns/nobody'), 404, 'not_found');
    expectProblem(await rest('POST /v1/campaigns/nobody:pause'), 404, 'not_found');
    expectProblem(await rest('GET /v1/campaigns/nobody/metrics'), 404, 'not_found');
    expectProblem(await rest('GET /v1/campaigns/nobody/metrics?granularity=day'), 404, 'not_found');
    expectProblem(await rest('GET /v1/campaigns/nobody/metrics?at=2026-01-01T00:00:00Z'), 404, 'not_found');
  });

  test('that the id is taken is 409', async () => {
    expectProblem(
      await rest('POST /v1/campaigns', { ...SUMMER, campaign_id: 'ready' }),
      409,
      'already_exists',
    );
  });

  test('that the state forbids it is 409 and names the state', async () => {
    const answer = await rest('POST /v1/campaigns/bare:resume');
    expectProblem(answer, 409, 'failed_precondition');
    expect(answer.body).toMatchObject({ state: 'DRAFT', detail: expect.stringContaining('DRAFT') });
  });

  test('that something is missing is 409 and lists what', async () => {
    const answer = await rest('POST /v1/campaigns/bare:activate');
    expectProblem(answer, 409, 'failed_precondition');
    expect(answer.body.violations.map(({ field }: { field: string }) => field)).toEqual([
      'landing_page_url',
      'budget.total',
      'cost',
    ]);
  });
});

describe('trouble behind the gateway', () => {
  const whileFailing = async (failure: Error, target: string): Promise<Answer> => {
    system.actors.failure = failure;
    try {
      return await rest(target);
    } finally {
      system.actors.failure = undefined;
    }
  };
  const failure = (code: ErrorCode) => new TurnpikeError({ code, message: 'not now' });

  test.each<ErrorCode>(['unavailable', 'resource_exhausted', 'deadline_exceeded'])(
    'that may pass (%s) is 503 with Retry-After',
    async (code) => {
      const answer = await whileFailing(failure(code), 'POST /v1/campaigns/ready:pause');
      expectProblem(answer, 503, code);
      expect(answer.headers['retry-after']).toBe('1');
    },
  );

  test('that leaves the outcome of a command unknown is said, with what to do', async () => {
    const command = await whileFailing(failure('deadline_exceeded'), 'POST /v1/campaigns/ready:pause');
    expect(command.body.detail).toMatch(/outcome is unknown: repeat .* same Idempotency-Key/);
    const query = await whileFailing(failure('deadline_exceeded'), 'GET /v1/campaigns/ready');
    expect(query.body.detail).toBe('not now');
  });

  test.each<[ErrorCode, number]>([
    ['aborted', 409],
    ['unauthenticated', 401],
    ['permission_denied', 403],
  ])('that is %s is %i', async (code, status) => {
    expectProblem(await whileFailing(failure(code), 'POST /v1/campaigns/ready:pause'), status, code);
  });

  test('that is a bug is 500, logged, and not told', async () => {
    const answer = await whileFailing(new Error('the secret of the bug'), 'GET /v1/campaigns/ready');
    expectProblem(answer, 500, 'internal');
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(JSON.stringify(system.log.lines)).toContain('the secret of the bug');
  });
});

describe('a route', () => {
  test.each([
    'GET /',
    'GET /v1/nothing',
    'POST /v1/campaigns/ready:explode',
    'GET /v1/campaigns/a%20b',
    `GET /v1/campaigns/${'x'.repeat(65)}/nothing`,
  ])('that does not exist is 404: %s', async (target) => {
    expectProblem(await rest(target), 404, 'not_found');
  });

  test.each([
    ['DELETE /v1/campaigns/ready', 'GET, HEAD, PATCH'],
    ['PUT /v1/campaigns', 'GET, HEAD, POST'],
    ['GET /v1/campaigns/ready:pause?x=1', 'POST'],
    ['POST /healthz', 'GET, HEAD'],
  ])('that does not take the method is 405 and says which it takes: %s', async (target, allow) => {
    const answer = await rest(target);
    expectProblem(answer, 405, 'method_not_allowed');
    expect(answer.headers.allow).toBe(allow);
  });

  test('with a broken escape is 400', async () => {
    expectProblem(await rest('GET /v1/campaigns/%zz'), 400, 'invalid_argument');
  });
});

describe('a connection', () => {
  test('that does not speak HTTP is told so and closed', async () => {
    const socket = connect(Number(new URL(system.http).port), '127.0.0.1');
    let received = '';
    socket.on('data', (part) => {
      received += part;
    });
    socket.write('HELLO?\r\n\r\n');
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(received).toContain('application/problem+json');
  });
});
