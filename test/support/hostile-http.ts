/** Requests that no honest client sends, as the bytes that go over the wire. */
import { hostileBody, oddValue } from './hostile-json.ts';
import type { Random } from './random.ts';

export interface HostileRequest {
  readonly bytes: Buffer;
  /** What the client does after sending: waits for the answer, or goes away. */
  readonly ending: 'wait' | 'leave';
  /** Whether it is one whole HTTP/1.1 request, whatever it says. */
  readonly isHttp: boolean;
  readonly to: 'ingest' | 'http';
}

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'FOO',
  'get',
  'P\u00d6ST',
];

/** Where bodies are read, and where queries are. */
const POST_ROUTES = ['/v1/events', '/v1/events', '/v1/events', '/v1/postback', '/v1/campaigns'];
const GET_ROUTES = [
  '/p.gif',
  '/p.gif',
  '/c/target',
  '/v1/postback',
  '/v1/campaigns',
  '/v1/campaigns/target/metrics',
];

const ODD_ROUTES = [
  '/v1/events/',
  '/c/%00',
  '/c/',
  '/healthz',
  '/metrics',
  '/v1/track',
  '/v1/batch',
  '/nowhere',
  '/v1/campaigns/target:activate',
  '/v1/campaigns/%zz:pause',
  '/v1/campaigns/__proto__/metrics',
  '/../../etc/passwd',
  '//',
  '/%',
  '*',
];

const CONTENT_TYPES = [
  'application/json',
  'application/json',
  'application/json',
  'application/json',
  'application/x-ndjson',
  'text/plain;charset=UTF-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/xml',
  '',
];

const SIGNATURES = [
  't=1,v1=00',
  't=,v1=',
  `t=${'9'.repeat(400)},v1=${'a'.repeat(64)}`,
  'v1=zz',
  't=1700000000',
  `t=1700000000,${'v1=00,'.repeat(500)}`,
  '\u00ff\u00fe',
];

const VALUES = [
  '%',
  '%zz',
  '%00',
  '%ff%fe',
  '%c0%80',
  'a'.repeat(3_000),
  '[object Object]',
  '1e999',
  '',
  '+',
];

/** A query string with odd names, odd escapes and, sometimes, very many of them. */
function hostileQuery(random: Random): string {
  const count = random.chance(0.02) ? 900 : random.integer(0, 6);
  const names = ['t', 'e', 'campaign_id', 'c', 'p', 'url', 'value', 'event_id', '__proto__', '%5B%5D', ''];
  const values = [
    ...VALUES,
    '//evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    '\\\\evil',
    'target',
  ];
  return Array.from({ length: count }, () => `${random.pick(names)}=${random.pick(values)}`).join('&');
}

function hostileHeaders(random: Random): string[] {
  const headers: string[] = [];
  const add: (() => void)[] = [
    () => headers.push(`x-turnpike-signature: ${random.pick(SIGNATURES)}`),
    () =>
      headers.push(`authorization: ${random.pick(['Basic ', 'Basic %%%', 'Basic Ojo6', 'Bearer x', 'x'])}`),
    () => headers.push(`content-encoding: ${random.pick(['gzip', 'br', 'zip-bomb', 'identity'])}`),
    () =>
      headers.push(`origin: ${random.pick(['null', 'https://evil.example', 'x'.repeat(3_000), 'http://['])}`),
    () => headers.push(`cookie: ${'a=b; '.repeat(random.integer(1, 400))}`),
    () =>
      headers.push(
        `user-agent: ${random
          .bytes(40)
          .toString('latin1')
          .replace(/[\r\n]/g, ' ')}`,
      ),
    () =>
      headers.push(
        `x-forwarded-for: ${random.pick(['', '::::', '1.2.3.4.5', '999.1.1.1', 'a,'.repeat(900)])}`,
      ),
    () => headers.push(`x-big: ${'y'.repeat(random.pick([5_000, 9_000, 70_000]))}`),
    () => headers.push(...Array.from({ length: 200 }, (_, i) => `x-${i}: ${i}`)),
    () => headers.push(`idempotency-key: ${random.pick(['', '\u0001', 'k'.repeat(5_000)])}`),
    () => headers.push('expect: 100-continue'),
    () => headers.push('upgrade: websocket', 'connection: upgrade', 'sec-websocket-key: x'),
    () => headers.push('range: bytes=0-,-1', 'if-none-match: *'),
  ];
  for (let i = random.chance(0.6) ? 0 : random.integer(1, 2); i > 0; i--) random.pick(add)();
  return headers;
}

/** How the length of the body is told, rightly and wrongly. */
function framing(random: Random, body: Buffer): { headers: string[]; body: Buffer; isRight?: boolean } {
  if (random.chance(0.85)) return { headers: [`content-length: ${body.length}`], body, isRight: true };
  const chunk = (size: string): Buffer =>
    Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
  const chunked = 'transfer-encoding: chunked';
  return random.pick([
    () => ({ headers: [], body }),
    () => ({ headers: [`content-length: ${body.length + 1_000}`], body }),
    () => ({ headers: [`content-length: ${'9'.repeat(30)}`], body }),
    () => ({ headers: ['content-length: -5'], body }),
    () => ({ headers: ['content-length: five'], body }),
    () => ({ headers: [`content-length: ${body.length}`, 'content-length: 3'], body }),
    () => ({ headers: [`content-length: ${body.length}`, chunked], body: chunk(body.length.toString(16)) }),
    () => ({ headers: [chunked], body: chunk(body.length.toString(16)) }),
    () => ({ headers: [chunked], body: chunk(random.pick(['zz', '-1', 'f'.repeat(20), ''])) }),
  ])();
}

function pathOf(random: Random, post: boolean): string {
  if (random.chance(0.8)) return random.pick(post ? POST_ROUTES : GET_ROUTES);
  return random.chance(0.05) ? `/${'p'.repeat(20_000)}` : random.pick(ODD_ROUTES);
}

/** A request in the form of HTTP, hostile in some of its parts. */
function request(random: Random): HostileRequest {
  const post = random.chance(0.7);
  const method = random.chance(0.1) ? random.pick(METHODS) : post ? 'POST' : 'GET';
  const query = random.chance(post ? 0.1 : 0.9) ? `?${hostileQuery(random)}` : '';
  const path = pathOf(random, post);
  const campaignId = random.pick(['target', 'target', 'signed', 'nobody']);
  const content = post
    ? framing(
        random,
        random.chance(0.9) ? hostileBody(random, campaignId) : Buffer.from(hostileQuery(random)),
      )
    : { headers: [], body: Buffer.alloc(0), isRight: true };
  const head = [
    `${method} ${path}${query} HTTP/1.1`,
    'host: 127.0.0.1',
    ...(post ? [`content-type: ${random.pick(CONTENT_TYPES)}`] : []),
    ...content.headers,
    ...hostileHeaders(random),
    '',
    '',
  ].join('\r\n');
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), content.body]);
  const isHttp = content.isRight === true && /^[A-Z]+ \/\S* HTTP\/1\.1\r/.test(head);
  // Mostly to whom it concerns.
  const to = path.startsWith('/v1/campaigns') !== random.chance(0.1) ? 'http' : 'ingest';
  if (random.chance(0.9)) return { bytes, ending: 'wait', isHttp, to };
  // An upload that breaks off, anywhere.
  return { bytes: bytes.subarray(0, random.integer(1, bytes.length)), ending: 'leave', isHttp: false, to };
}

/** Bytes that are not HTTP at all. */
function garbage(random: Random): HostileRequest {
  const bytes = random.pick([
    () => random.bytes(random.integer(1, 500)),
    () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]),
    () => Buffer.from('GET / HTTP/9.9\r\n\r\n'),
    () => Buffer.from('GET /p.gif HTTP/1.1\n\n'),
    () => Buffer.from('POST /v1/events HTTP/1.1\r\ncontent-length : 5\r\n\r\nhello'),
    () => Buffer.from(`GET /p.gif HTTP/1.1\r\n${oddValue(random)}\r\n\r\n`),
    () => Buffer.from('\r\n'.repeat(50)),
    () => Buffer.from('GET /p.gif HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(30)),
  ])();
  return {
    bytes,
    ending: random.chance(0.8) ? 'wait' : 'leave',
    isHttp: false,
    to: random.chance(0.8) ? 'ingest' : 'http',
  };
}

/** The next hostile request. */
export function hostileRequest(random: Random): HostileRequest {
  return random.chance(0.08) ? garbage(random) : request(random);
}
