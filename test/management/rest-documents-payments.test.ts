import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PAYMENT_STATES } from '../../management/rest/documents/payments.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { TransferOutcome } from '../../model/transfer.ts';
import { readCurl } from '../support/curl.ts';
import { PAYMENT_REQUESTS, PAYMENT_ROUTES, PAYMENT_WORDS } from '../support/printed-requests.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem } from './management-system.ts';

let system: ManagementSystem;
beforeAll(async () => {
  system = await ManagementSystem.start();
});
beforeEach(() => system.actors.reset());
afterAll(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);
/** Sends a printed request as it is. */
const printed = (command: string, id = ''): Promise<Answer> => {
  const { method, path, headers, body } = readCurl(command.replace('{id_pago}', id));
  return rest(`${method} ${path}`, body, headers);
};
const pay = (outcome: TransferOutcome = { kind: 'succeeded', transferId: 'tr_1' }) =>
  system.actors.pay({ transfer: async () => outcome });
const fieldsOf = ({ body }: Answer): string[] =>
  (body.violations ?? []).map(({ field }: { field: string }) => field);
const ANA = { id_afiliado: 'ana', monto: 20, moneda: 'USD' };

const SHOWN = {
  id_afiliado: 'afiliado-001',
  monto: 100.5,
  moneda: 'COP',
  referencia_pago: 'test-ref-001',
  estado: 'PENDIENTE',
  anticipo: true,
  intentos: 0,
  fecha_creacion: '2026-11-22T12:34:56.789Z',
  fecha_actualizacion: '2026-11-22T12:34:56.789Z',
};

describe('the printed requests for payments', () => {
  test('pay an affiliate that nobody knows, and tell what has become of it', async () => {
    const created = await printed(PAYMENT_REQUESTS.create);
    expect([created.status, created.body]).toEqual([201, { ...SHOWN, id_pago: expect.any(String) }]);
    const { id_pago } = created.body;
    expect(created.headers.location).toBe(`/pagos/${id_pago}`);
    expect((await printed(PAYMENT_REQUESTS.get, id_pago)).body).toMatchObject({ estado: 'PROCESANDO' });
    await pay();
    expect((await printed(PAYMENT_REQUESTS.get, id_pago)).body).toEqual({
      ...SHOWN,
      id_pago,
      estado: 'EXITOSO',
      intentos: 1,
      id_transferencia: 'tr_1',
    });
  });

  test('are one payment, however often they are sent', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await printed(PAYMENT_REQUESTS.create)).body.id_pago),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await pay()).toHaveLength(1);
    expect((await printed(PAYMENT_REQUESTS.create)).body).toMatchObject({ estado: 'EXITOSO' });
    expect(await pay()).toEqual([]);
  });

  test('have every route that the document lists, and its states', async () => {
    const { id_pago } = (await printed(PAYMENT_REQUESTS.create)).body;
    for (const line of PAYMENT_ROUTES) {
      const [method = '', path = ''] = line.split(/\s+/);
      const target = `${method} ${path.replace('{id_pago}', id_pago)}`;
      const answer = await rest(target, method === 'POST' ? ANA : undefined);
      expect([line, answer.status]).toEqual([line, method === 'POST' ? 201 : 200]);
    }
    expect(Object.values(PAYMENT_STATES)).toEqual(PAYMENT_WORDS);
  });
});

describe('payments in the words of the documents', () => {
  test('are taken without the slash, and with what else their fields are called', async () => {
    const { status, body } = await rest('POST /pagos', {
      afiliadoId: 'ana',
      cantidad: '12.5',
      currency: 'eur',
    });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ id_afiliado: 'ana', monto: 12.5, moneda: 'EUR' }),
    ]);
  });

  test('are one for an idempotency key', async () => {
    const key = { 'idempotency-key': 'k1' };
    const [first, second] = [await rest('POST /pagos/', ANA, key), await rest('POST /pagos/', ANA, key)];
    expect(second.body).toMatchObject({ id_pago: first.body.id_pago, referencia_pago: 'k1' });
  });

  test('tell why they failed', async () => {
    const { id_pago } = (await rest('POST /pagos/', ANA)).body;
    await pay({ kind: 'declined', code: 'account_closed', message: 'the account is closed' });
    expect((await rest(`GET /pagos/${id_pago}`)).body).toMatchObject({
      estado: 'FALLIDO',
      mensaje_error: expect.stringContaining('the account is closed'),
    });
  });

  test('name what is wrong as the documents do', async () => {
    expect(fieldsOf(await rest('POST /pagos/', { ...ANA, monto: 10.5, moneda: 'JPY' }))).toEqual(['monto']);
    expect(fieldsOf(await rest('POST /pagos/', { ...ANA, moneda: 'ZZZ' }))).toEqual(['moneda']);
    expect(fieldsOf(await rest('POST /pagos/', {})).sort()).toEqual(['id_afiliado', 'moneda', 'monto']);
    await rest('POST /pagos/', { ...ANA, referencia_pago: 'r1' });
    const other = await rest('POST /pagos/', { ...ANA, monto: 21, referencia_pago: 'r1' });
    expect([other.status, other.body.code, fieldsOf(other)]).toEqual([409, 'already_exists', ['monto']]);
    const unearned = await rest('POST /pagos/', { ...ANA, anticipo: false });
    expect([unearned.status, fieldsOf(unearned)]).toEqual([409, ['monto']]);
    expect((await rest('GET /pagos/nothing')).status).toBe(404);
  });

  test('come with statistics of what is left to be done', async () => {
    await rest('POST /pagos/', ANA);
    const { body } = await rest('GET /pagos/outbox/estadisticas');
    expect(body).toMatchObject({
      pendientes: 1,
      publicados: 0,
      fallidos: 0,
      antiguedad_segundos: 0,
      transferencias: { pendientes: 1 },
      eventos: { pendientes: 0 },
      mensajes: { pendientes: 0 },
    });
  });
});

describe("the payment gateway's webhook", () => {
  const tell = (body: string, headers = {}) =>
    rest('POST /v1/gateway/notices', body, {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': 's',
      ...headers,
    });
  /** A gateway whose signature is `s`, and which says of a payout that its money is there. */
  const listen = (payoutId: string): Buffer[] => {
    const bodies: Buffer[] = [];
    system.payments.notice = (body, signature) => {
      if (signature !== 's')
        throw new TurnpikeError({ code: 'permission_denied', message: 'wrong signature' });
      bodies.push(body);
      return { payoutId, transferId: 'tr_1', kind: 'succeeded' };
    };
    return bodies;
  };

  test('takes what is signed, byte by byte, as often as it comes', async () => {
    const { id_pago } = (await rest('POST /pagos/', ANA)).body;
    await pay({ kind: 'accepted', transferId: 'tr_1' });
    const bodies = listen(id_pago);
    for (let i = 0; i < 3; i++)
      expect(await tell('{ "id": 1 }\n')).toMatchObject({ status: 200, body: { result: 'taken' } });
    expect(bodies.map(String)).toEqual(['{ "id": 1 }\n', '{ "id": 1 }\n', '{ "id": 1 }\n']);
    expect((await rest(`GET /pagos/${id_pago}`)).body).toMatchObject({ estado: 'EXITOSO', intentos: 1 });
  });

  test('refuses another signature, and asks nothing of what is not its own', async () => {
    listen(`po_${'0'.repeat(32)}`);
    expect((await tell('{}', { 'stripe-signature': 'x' })).status).toBe(403);
    expect(await tell('{}')).toMatchObject({ status: 200, body: { result: 'ignored' } });
    system.payments.notice = () => undefined;
    expect(await tell('anything')).toMatchObject({ status: 200, body: { result: 'ignored' } });
  });

  test('is told to come again while nobody answers for the payout', async () => {
    listen('po_1');
    system.actors.failure = new TurnpikeError({ code: 'unavailable', message: 'away' });
    expect(await tell('{}')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    system.actors.failure = undefined;
  });
});
