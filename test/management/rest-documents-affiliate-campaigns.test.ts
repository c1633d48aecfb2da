import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCurl } from '../support/curl.ts';
import { AFFILIATE_CAMPAIGN_REQUESTS, AFFILIATE_CAMPAIGN_ROUTES } from '../support/printed-requests.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);
/** Sends a printed request as it is. */
const printed = (command: string): Promise<Answer> => {
  const { method, path, headers, body } = readCurl(command);
  return rest(`${method} ${path}`, body, headers);
};

const SHOWN = {
  nombre: 'Campaña Test',
  id_afiliado: 'afiliado-test',
  tipo: 'AFILIACION',
  objetivo: 'VENTAS',
  estado: 'CREATED',
  presupuesto: { monto: 1_000, moneda: 'USD' },
  fecha_inicio: '2025-01-01T00:00:00.000Z',
  fecha_fin: '2025-12-31T23:59:59.000Z',
  fecha_creacion: '2026-11-22T12:34:56.789Z',
  fecha_actualizacion: '2026-11-22T12:34:56.789Z',
};

const create = async (): Promise<string> => (await printed(AFFILIATE_CAMPAIGN_REQUESTS.create)).body.id;

describe('the printed requests for the campaigns of affiliates', () => {
  test('create a campaign and list it', async () => {
    const { status, headers, body } = await printed(AFFILIATE_CAMPAIGN_REQUESTS.create);
    expect([status, body]).toEqual([201, { ...SHOWN, id: expect.any(String) }]);
    expect(headers.location).toBe(`/api/campaigns/${body.id}`);
    const list = await printed(AFFILIATE_CAMPAIGN_REQUESTS.list);
    expect([list.status, list.body]).toEqual([200, [body]]);
  });

  test.each(['', '/api'])(
    'work under %s/campaigns in the order in which they are printed',
    async (prefix) => {
      const { body: sent } = readCurl(AFFILIATE_CAMPAIGN_REQUESTS.create);
      const steps = [
        { body: sent, status: 201, expected: { estado: 'CREATED' } },
        { status: 200, expected: [{ estado: 'CREATED' }] },
        { status: 200, expected: { nombre: 'Campaña Test', estado: 'CREATED' } },
        { status: 200, expected: { estado: 'ACTIVE' } },
        {
          body: { presupuesto: { monto: 2500.5, moneda: 'USD' } },
          status: 200,
          expected: { estado: 'ACTIVE', presupuesto: { monto: 2500.5, moneda: 'USD' } },
        },
        { status: 200, expected: { ventas: 0, presupuesto_utilizado: { monto: 0, moneda: 'USD' } } },
      ];
      expect(AFFILIATE_CAMPAIGN_ROUTES).toHaveLength(steps.length);
      let id = '';
      for (const [at, { body, status, expected }] of steps.entries()) {
        const [method, path = ''] = AFFILIATE_CAMPAIGN_ROUTES[at]?.split(/\s+/) ?? [];
        const answer = await rest(`${method} ${prefix}${path.replace('{id}', id)}`, body);
        expect([path, answer.status, answer.body]).toMatchObject([path, status, expected]);
        id ||= answer.body.id;
      }
    },
  );

  test('may leave out the slash at the end', async () => {
    const { body } = readCurl(AFFILIATE_CAMPAIGN_REQUESTS.create);
    for (const path of ['/campaigns', '/api/campaigns']) {
      expect((await rest(`POST ${path}`, body)).status).toBe(201);
      expect((await rest(`GET ${path}?page_size=1`)).body).toHaveLength(1);
    }
  });
});

describe('a campaign of an affiliate', () => {
  test('is the same campaign under /v1', async () => {
    const id = await create();
    expect((await rest(`GET /v1/campaigns/${id}`)).body).toMatchObject({
      brand_id: 'afiliado-test',
      status: 'DRAFT',
      starts_at: '2025-01-01T00:00:00.000Z',
      budget: { total: { amount: '1000.00', currency: 'USD' } },
    });
  });

  test('is in the states of the document', async () => {
    const id = await create();
    const seen = [];
    for (const verb of ['activate', 'pause', 'complete']) {
      await rest(`POST /v1/campaigns/${id}:${verb}`);
      seen.push((await rest(`GET /campaigns/${id}`)).body.estado);
    }
    expect(seen).toEqual(['ACTIVE', 'PAUSED', 'COMPLETED']);
    expect(await rest(`PATCH /campaigns/${id}/activate`)).toMatchObject({
      status: 409,
      body: {
        state: 'COMPLETED',
        detail: 'cannot activate a campaign that is COMPLETED; it must be CREATED or SCHEDULED',
      },
    });
  });

  test('goes on after a pause', async () => {
    const id = await create();
    await rest(`PATCH /campaigns/${id}/activate`);
    await rest(`POST /v1/campaigns/${id}:pause`);
    expect((await rest(`PATCH /campaigns/${id}/activate`, { motivo: 'listo' })).body).toMatchObject({
      estado: 'ACTIVE',
      motivo: 'listo',
    });
  });

  test('needs a name, an affiliate, and a budget to be started', async () => {
    const { status, body } = await rest('POST /campaigns/', { presupuesto: 'x' });
    expect([status, body.violations]).toEqual([
      400,
      [
        { field: 'nombre', description: 'is required' },
        { field: 'id_afiliado', description: 'is required' },
      ],
    ]);
    const poor = await rest('POST /campaigns/', { nombre: 'A', id_afiliado: 'b' });
    expect(poor.status).toBe(201);
    expect(await rest(`PATCH /campaigns/${poor.body.id}/activate`)).toMatchObject({
      status: 409,
      body: { state: 'CREATED', violations: [{ field: 'presupuesto' }] },
    });
  });

  test('has its figures told', async () => {
    const id = await create();
    system.actors.count(id, { clicks: 4, conversions: 1, revenueMicros: 299_990_000n });
    expect((await rest(`GET /campaigns/${id}/metrics`)).body).toMatchObject({
      id_campana: id,
      ventas: 1,
      engagement: 5,
      ingresos: { monto: 299.99, moneda: 'USD' },
    });
  });

  test('is missed by its id', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/metrics'],
      ['PATCH', '/activate'],
    ])
      expect(await rest(`${method} /campaigns/none${path}`)).toMatchObject({
        status: 404,
        body: { detail: 'there is no campaign none' },
      });
    expect((await rest('PATCH /campaigns/none/budget', { monto: 1 })).status).toBe(404);
  });
});

describe('the budget of a campaign of an affiliate', () => {
  test.each([
    { presupuesto: { monto: 2_000, moneda: 'USD' } },
    { presupuesto: { monto: '2000' } },
    { presupuesto: 2_000 },
    { nuevo_presupuesto: 2_000 },
    { nuevoPresupuesto: { monto: 2_000 } },
    { monto: 2_000, moneda: 'usd' },
    { monto: 2_000 },
  ])('is changed by %j', async (body) => {
    const id = await create();
    await rest(`PATCH /campaigns/${id}/activate`);
    expect(await rest(`PATCH /campaigns/${id}/budget`, body)).toMatchObject({
      status: 200,
      body: { presupuesto: { monto: 2_000, moneda: 'USD' } },
    });
  });

  test('may not fall below what is spent, nor change its currency in flight', async () => {
    const id = await create();
    await rest(`PATCH /campaigns/${id}/activate`);
    system.actors.count(id, { spendMicros: 500_000_000n });
    expect(await rest(`PATCH /campaigns/${id}/budget`, { monto: 499 })).toMatchObject({
      status: 409,
      body: {
        state: 'ACTIVE',
        violations: [
          { field: 'presupuesto.monto', description: 'must be at least what is spent already, 500.00' },
        ],
      },
    });
    expect(await rest(`PATCH /campaigns/${id}/budget`, { monto: 900, moneda: 'EUR' })).toMatchObject({
      status: 409,
      body: { violations: [{ field: 'presupuesto.moneda' }] },
    });
  });

  test('is refused where it is none', async () => {
    const id = await create();
    for (const [body, field] of [
      [{}, 'presupuesto'],
      [undefined, 'body'],
      [{ presupuesto: {} }, 'presupuesto.monto'],
      [{ monto: -1 }, 'presupuesto.monto'],
      [{ monto: 0 }, 'presupuesto.monto'],
      [{ monto: 'mucho' }, 'presupuesto.monto'],
      [{ monto: true }, 'presupuesto.monto'],
      [{ monto: 1, moneda: 'QQQ' }, 'presupuesto.moneda'],
    ] as const) {
      const answer = await rest(`PATCH /campaigns/${id}/budget`, body);
      expect([answer.status, answer.body.violations?.[0]?.field]).toEqual([400, field]);
    }
  });

  test('is changed once for one key, and only as the client knows it', async () => {
    const id = await create();
    const headers = { 'idempotency-key': 'k', 'if-match': '"1"' };
    const first = await rest(`PATCH /campaigns/${id}/budget`, { monto: 5 }, headers);
    expect(first).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect((await rest(`PATCH /campaigns/${id}/budget`, { monto: 5 }, headers)).body).toEqual(first.body);
    expect((await rest(`PATCH /campaigns/${id}/budget`, { monto: 6 }, { 'if-match': '"1"' })).status).toBe(
      412,
    );
  });
});

describe('the list of the campaigns of affiliates', () => {
  test('is by state and affiliate, in pages', async () => {
    const ids = [await create(), await create(), await create()];
    await rest(`PATCH /campaigns/${ids[1]}/activate`);
    const list = async (query: string) => (await rest(`GET /campaigns/?${query}`)).body;
    expect(await list('estado=active')).toMatchObject([{ id: ids[1] }]);
    expect(await list('estado=CREATED&id_afiliado=afiliado-test')).toHaveLength(2);
    expect(await list('id_afiliado=other')).toEqual([]);
    const first = await rest('GET /api/campaigns/?estado=CREATED&page_size=1');
    const next = /^<(.+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? '';
    expect(next).toMatch(/^\/api\/campaigns\/\?estado=CREATED&page_size=1&page_token=/);
    const second = await rest(`GET ${next}`);
    expect(second.body).toHaveLength(1);
    expect(second.body[0].id).not.toBe(first.body[0].id);
    expect(second.headers.link).toBeUndefined();
    expect(await list('estado=otro')).toMatchObject({ status: 400, violations: [{ field: 'estado' }] });
  });
});
