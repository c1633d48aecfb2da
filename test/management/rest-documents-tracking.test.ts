import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TRACKING_PATHS } from '../support/printed-requests.ts';
import { eventRow } from './event-rows.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
  const budget = { total: { amount: '1000.00', currency: 'COP' } };
  const cost = { model: 'CPC', rate: { amount: '0.25', currency: 'COP' } };
  await send(system.http, 'POST /v1/campaigns', { ...SUMMER, campaign_id: 'cmp-456', budget, cost });
  system.warehouse.events = [];
});
afterEach(() => system?.[Symbol.asyncDispose]());

const get = (path: string): Promise<Answer> => send(system.http, `GET ${path}`);

const SENT = {
  campaign_id: 'cmp-456',
  partner_id: 'inf-789',
  user_id: 'usr-101',
  user_agent: 'Mozilla/5.0...',
  ip: '192.168.1.0',
  referrer: 'https://instagram.com',
};
const IMPRESSION = eventRow({ ...SENT, event_id: 'imp-123' });
const CONVERSION = eventRow({
  ...SENT,
  event_id: 'conv-123',
  type: 3,
  reason: 201,
  goal: 'VENTA',
  value_micros: '150000500000',
  currency: 'COP',
});
const SHOWN = {
  campaña_id: 'cmp-456',
  influencer_id: 'inf-789',
  usuario_id: 'usr-101',
  user_agent: 'Mozilla/5.0...',
  ip_address: '192.168.1.0',
  referrer: 'https://instagram.com',
  timestamp: '2026-11-22T12:00:00.000Z',
  decision_id: 'a-10-1',
  fecha_registro: '2026-11-22T12:00:00.250Z',
};
const SHOWN_IMPRESSION = {
  ...SHOWN,
  id: 'imp-123',
  tipo_evento: 'IMPRESION',
  estado: 'ACEPTADO',
  codigo_motivo: 100,
  motivo: 'accepted',
};
const SHOWN_CONVERSION = {
  ...SHOWN,
  id: 'conv-123',
  tipo_evento: 'CONVERSION',
  tipo_conversion: 'VENTA',
  valor: 150_000.5,
  moneda: 'COP',
  estado: 'DUPLICADO',
  codigo_motivo: 201,
  motivo: 'duplicate_transaction',
};

/** Sends a request line byte by byte as it is; gives all that comes back. */
async function converse(requestLine: string): Promise<string> {
  const { hostname, port } = new URL(system.http);
  const socket = connect(Number(port), hostname);
  socket.end(`${requestLine} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  let received = '';
  socket.on('data', (part) => {
    received += part;
  });
  await once(socket, 'close');
  return received;
}

describe('the paths of the tracking document', () => {
  test('give an impression by its id', async () => {
    system.warehouse.events = [IMPRESSION];
    const { status, body } = await get(TRACKING_PATHS.impression);
    expect([status, body]).toEqual([200, SHOWN_IMPRESSION]);
    expect(system.warehouse.asked).toEqual({ event: 'imp-123', type: 1 });
    expect(system.actors.settlements).toEqual([]);
  });

  test('give a conversion by its id', async () => {
    system.warehouse.events = [CONVERSION];
    const { status, body } = await get(TRACKING_PATHS.conversion);
    expect([status, body]).toEqual([200, SHOWN_CONVERSION]);
    expect(system.warehouse.asked).toEqual({ event: 'conv-123', type: 3 });
  });

  test('wait for an event that is on its way, in whatever partition', async () => {
    system.warehouse.meanwhile = () => {
      if (system.actors.settlements.includes('*')) system.warehouse.events = [IMPRESSION];
    };
    expect((await get(TRACKING_PATHS.impression)).body).toEqual(SHOWN_IMPRESSION);
  });

  test('say that there is no such event or campaign', async () => {
    expect(await get('/tracking/impresiones/imp-9')).toMatchObject({
      status: 404,
      body: { detail: 'there is no impression imp-9' },
    });
    expect(await get('/tracking/campañas/cmp-9/impresiones')).toMatchObject({
      status: 404,
      body: { detail: 'there is no campaign cmp-9' },
    });
  });

  test.each([
    [TRACKING_PATHS.impressions, 1],
    [encodeURI(TRACKING_PATHS.impressions), 1],
    [encodeURI(TRACKING_PATHS.impressions).toLowerCase(), 1],
    ['/tracking/campanas/cmp-456/impresiones', 1],
    [TRACKING_PATHS.conversions, 3],
    ['/tracking/campa%C3%B1as/cmp-456/conversiones', 3],
    ['/tracking/campanas/cmp-456/conversiones', 3],
  ])('list the events of a campaign at %s', async (path, type) => {
    system.warehouse.events = type === 1 ? [IMPRESSION] : [CONVERSION];
    const { status, headers, body } = await get(path);
    expect([status, body]).toEqual([200, [type === 1 ? SHOWN_IMPRESSION : SHOWN_CONVERSION]]);
    expect(headers.link).toBeUndefined();
    expect(system.warehouse.asked).toEqual({ campaign: 'cmp-456', type, count: 51 });
  });

  test('may hold an ñ as it is', async () => {
    system.warehouse.events = [IMPRESSION];
    const answer = await converse(`GET ${TRACKING_PATHS.impressions}?page_size=1`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(JSON.parse(body)).toEqual([SHOWN_IMPRESSION]);
    expect(head).toContain('\r\nconnection: close');
    expect(system.warehouse.asked).toMatchObject({ count: 2 });
  });

  test.each([
    [`HEAD ${TRACKING_PATHS.impressions}`, /^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)+\r\n$/],
    ['GET /tracking/campañas/cmp-9/impresiones', /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*no campaign cmp-9/],
    ['GET /señales', /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*no such route/],
    [`POST ${TRACKING_PATHS.impressions}`, /^HTTP\/1\.1 400 Bad Request\r\n/],
    ['GET señales', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ])('answer a raw %s as they should', async (requestLine, expected) => {
    expect(await converse(requestLine)).toMatch(expected);
  });

  test('say where the next page is', async () => {
    system.warehouse.events = [IMPRESSION, IMPRESSION];
    const first = await get(`${TRACKING_PATHS.impressions}?page_size=1`);
    expect(first.body).toHaveLength(1);
    const next = /^<(.+)>; rel="next"$/.exec(String(first.headers.link))?.[1] as string;
    expect((await get(next)).status).toBe(200);
    expect(system.warehouse.asked).toMatchObject({ type: 1, sequence: 36, row: 1, count: 2 });
  });

  test('refuse what is no page', async () => {
    expect((await get(`${TRACKING_PATHS.impressions}?page_size=-1`)).status).toBe(400);
    expect((await get(`${TRACKING_PATHS.impressions}?page_token=x`)).status).toBe(400);
  });

  test('know GET only, and say so', async () => {
    const { status, headers } = await send(system.http, `POST ${encodeURI(TRACKING_PATHS.impressions)}`, {});
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET, HEAD');
  });

  test('are no paths where their encoding is broken', async () => {
    for (const path of ['/tracking/campa%F1as/cmp-456/impresiones', '/tracking/impresiones/%FF']) {
      expect(await converse(`GET ${path}`)).toMatch(/^HTTP\/1\.1 40[04] /);
    }
  });
});
