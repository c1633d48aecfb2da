import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BRAND_CAMPAIGN_ROUTES, BRAND_CAMPAIGN_WORDS } from '../support/printed-requests.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  send(system.http, target, body, headers);

const ROOT = '/campaign-management';
const BODY = {
  id: 'cmp-456',
  nombre: 'Campaña de verano',
  id_marca: 'marca-1',
  tipo: 'AFILIACION',
  objetivo: 'VENTAS',
  presupuesto: { monto: 1000.5, moneda: 'COP' },
  fecha_inicio: '2026-12-01T00:00:00',
  fecha_fin: '2026-12-31T23:59:59',
};
const SHOWN = {
  ...BODY,
  estado: 'BORRADOR',
  fecha_inicio: '2026-12-01T00:00:00.000Z',
  fecha_fin: '2026-12-31T23:59:59.000Z',
  fecha_creacion: '2026-11-22T12:34:56.789Z',
  fecha_actualizacion: '2026-11-22T12:34:56.789Z',
};

const create = (changes: object = {}): Promise<Answer> =>
  rest(`POST ${ROOT}/campaign`, { ...BODY, ...changes });
const put = (verb: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  rest(`PUT ${ROOT}/campaign/cmp-456/${verb}`, body, headers);
const state = async (): Promise<string> => (await rest(`GET ${ROOT}/campaign/cmp-456`)).body.estado;

describe('the printed routes of campaign management', () => {
  /** The states that each of them needs, and what it answers. */
  const STEPS: Readonly<Record<string, { readonly status: number; readonly expected: unknown }>> = {
    programar: { status: 200, expected: { estado: 'PROGRAMADA' } },
    activar: { status: 200, expected: { estado: 'ACTIVA' } },
    pausar: { status: 200, expected: { estado: 'PAUSADA' } },
    finalizar: { status: 200, expected: { estado: 'FINALIZADA' } },
    // In the order in which they are printed this one comes too late, and says so.
    cancelar: { status: 409, expected: { state: 'FINALIZADA' } },
    'actualizar-metricas': { status: 200, expected: { metricas: { ventas: 0 } } },
    'cmp-456': { status: 200, expected: { id: 'cmp-456', metricas: { engagement: 0 } } },
    'marca-1': { status: 200, expected: [{ id: 'cmp-456' }] },
    AFILIACION: { status: 200, expected: [{ id: 'cmp-456' }] },
    FINALIZADA: { status: 200, expected: [{ id: 'cmp-456' }] },
    activas: { status: 200, expected: [] },
  };

  test('work one after the other, without any body but the first', async () => {
    const [creation, ...others] = BRAND_CAMPAIGN_ROUTES;
    expect(await rest(creation, BODY)).toMatchObject({ status: 201, body: SHOWN });
    const asked: string[] = [];
    for (const route of others) {
      const target = route
        .replace('{id}', 'cmp-456')
        .replace('{id_marca}', 'marca-1')
        .replace('{tipo}', 'AFILIACION')
        .replace('{estado}', 'FINALIZADA');
      const last = target.slice(target.lastIndexOf('/') + 1);
      const { status, body } = await rest(target);
      expect([target, status, body]).toMatchObject([target, STEPS[last]?.status, STEPS[last]?.expected]);
      asked.push(last);
    }
    expect(asked).toEqual(Object.keys(STEPS));
  });

  test('cancel what has not ended', async () => {
    await create();
    expect(await put('cancelar', { motivo: 'sin existencias' })).toMatchObject({
      status: 200,
      body: { ...SHOWN, estado: 'CANCELADA', motivo: 'sin existencias' },
    });
  });

  test('take a body without content', async () => {
    await create();
    expect((await put('activar', '')).status).toBe(200);
    expect((await put('pausar', {})).status).toBe(200);
  });
});

describe('the creation of a campaign', () => {
  test('answers with the campaign, and where it is', async () => {
    const { status, headers, body } = await create({ costo: { modelo: 'cpa', tarifa: 2.5 } });
    expect([status, body]).toEqual([
      201,
      { ...SHOWN, costo: { modelo: 'CPA', tarifa: { monto: 2.5, moneda: 'COP' } } },
    ]);
    expect(headers).toMatchObject({ location: `${ROOT}/campaign/cmp-456`, etag: '"1"' });
    expect((await rest('GET /v1/campaigns/cmp-456')).body).toMatchObject({
      name: 'Campaña de verano',
      brand_id: 'marca-1',
      type: 'AFFILIATE',
      objective: 'SALES',
      budget: { total: { amount: '1000.50', currency: 'COP' } },
      cost: { model: 'CPA', rate: { amount: '2.50', currency: 'COP' } },
    });
  });

  test.each(BRAND_CAMPAIGN_WORDS.types.map((word, at) => [word, at] as const))(
    'takes the type %s, with and without accents',
    async (word, at) => {
      const plain = word.normalize('NFD').replace(/\p{Mn}/gu, '');
      const shown = ['AFILIACION', 'INFLUENCER', 'LEALTAD', 'B2B', 'MIXTA'][at];
      for (const tipo of [word, plain, plain.toUpperCase(), word.toLowerCase().normalize('NFD')]) {
        expect(await create({ id: undefined, tipo })).toMatchObject({ status: 201, body: { tipo: shown } });
      }
      expect((await rest(`GET ${ROOT}/campaigns/tipo/${encodeURIComponent(word)}`)).body).toHaveLength(4);
    },
  );

  test.each(BRAND_CAMPAIGN_WORDS.objectives.map((word, at) => [word, at] as const))(
    'takes the objective %s',
    async (objetivo, at) => {
      const shown = ['VENTAS', 'BRAND_AWARENESS', 'ENGAGEMENT', 'LEAD_GENERATION', 'CONVERSION'][at];
      expect(await create({ objetivo })).toMatchObject({ status: 201, body: { objetivo: shown } });
    },
  );

  test('takes fields by other names', async () => {
    const { status, body } = await rest(`POST ${ROOT}/campaign`, {
      idCampaña: 'cmp-456',
      nombreCampaña: BODY.nombre,
      marca: BODY.id_marca,
      tipo_campaña: 'afiliación',
      objetivos: ['ventas'],
      presupuestoTotal: '1000.5',
      moneda: 'cop',
      start_date: '2026-12-01',
      end_date: '2026-12-31',
      url_destino: null,
    });
    expect([status, body]).toEqual([201, SHOWN]);
  });

  test('has a type, an objective and a currency unless said', async () => {
    const body = { nombre: 'A', id_marca: 'm', presupuesto: 10 };
    expect(await rest(`POST ${ROOT}/campaign`, body)).toMatchObject({
      status: 201,
      body: { tipo: 'AFILIACION', objetivo: 'VENTAS', presupuesto: { monto: 10, moneda: 'USD' } },
    });
  });

  test('names what is wrong by the names of the document', async () => {
    const fieldsAt = async (body: object): Promise<unknown[]> => {
      const answer = await rest(`POST ${ROOT}/campaign`, body);
      expect(answer.status).toBe(400);
      return answer.body.violations.map(({ field }: { field: string }) => field);
    };
    expect(await fieldsAt({})).toEqual(['nombre', 'id_marca']);
    expect(await fieldsAt({ nombre: 1, id_marca: [] })).toEqual(['nombre', 'id_marca']);
    expect(await fieldsAt({ ...BODY, tipo: 'otra', objetivo: 'otro' })).toEqual(['tipo', 'objetivo']);
    expect(await fieldsAt({ ...BODY, id: 'a b', nombre: '', id_marca: '' })).toEqual([
      'id',
      'id_marca',
      'nombre',
    ]);
    expect(
      await fieldsAt({
        ...BODY,
        nombre: ' ',
        presupuesto: { monto: -1, moneda: 'QQQ' },
        costo: { modelo: 'x', tarifa: { monto: 0, moneda: 'YYY' } },
        fecha_inicio: 'mañana',
        url_destino: 'ftp://a',
      }),
    ).toEqual([
      'presupuesto.moneda',
      'presupuesto.monto',
      'costo.modelo',
      'costo.tarifa.moneda',
      'costo.tarifa.monto',
      'url_destino',
      'nombre',
      'fecha_inicio',
    ]);
  });

  test('says in the words of the document what would be right', async () => {
    const { body } = await create({ tipo: 'otra', fecha_fin: '2026-11-30' });
    expect(body.violations).toEqual([
      { field: 'tipo', description: 'must be one of AFILIACION, INFLUENCER, LEALTAD, B2B, MIXTA' },
    ]);
    const dates = await create({ fecha_fin: '2026-11-30' });
    expect(dates.body).toMatchObject({
      code: 'invalid_argument',
      detail: 'fecha_fin must be later than fecha_inicio',
    });
    await create();
    expect(await create()).toMatchObject({
      status: 409,
      body: { detail: 'id cmp-456 is taken; choose another or leave it out' },
    });
    expect(await rest(`POST ${ROOT}/campaign`, '{"nombre"')).toMatchObject({
      status: 400,
      headers: { 'content-type': expect.stringMatching(/^application\/problem\+json/) },
    });
    expect((await rest(`POST ${ROOT}/campaign`, [])).body.violations).toMatchObject([{ field: 'body' }]);
  });

  test('is made once for one key', async () => {
    const key = { 'idempotency-key': 'k1' };
    const { id: _, ...body } = BODY;
    const first = await rest(`POST ${ROOT}/campaign`, body, key);
    expect((await rest(`POST ${ROOT}/campaign`, body, key)).body).toEqual(first.body);
  });
});

describe('the life of a campaign', () => {
  test('says in the words of the document what is missing and what state forbids it', async () => {
    await create({ presupuesto: undefined, fecha_inicio: undefined });
    expect(await put('programar')).toMatchObject({
      status: 409,
      body: {
        state: 'BORRADOR',
        detail: 'cannot schedule: still missing presupuesto, fecha_inicio',
        violations: [{ field: 'presupuesto' }, { field: 'fecha_inicio' }],
      },
    });
    expect(await put('pausar')).toMatchObject({
      status: 409,
      body: { state: 'BORRADOR', detail: 'cannot pause a campaign that is BORRADOR; it must be ACTIVA' },
    });
  });

  test('is scheduled at the dates of the body', async () => {
    await create({ fecha_inicio: undefined, fecha_fin: undefined });
    const dates = { fecha_inicio: '2027-01-01', fecha_fin: '2027-01-31T12:00', razon: 'rebajas' };
    const key = { 'idempotency-key': 'k1', 'if-match': '"1"' };
    const first = await put('programar', dates, key);
    expect(first).toMatchObject({
      status: 200,
      body: {
        estado: 'PROGRAMADA',
        motivo: 'rebajas',
        fecha_inicio: '2027-01-01T00:00:00.000Z',
        fecha_fin: '2027-01-31T12:00:00.000Z',
      },
    });
    expect((await put('programar', dates, key)).body).toEqual(first.body);
  });

  test('goes on after a pause, once for one key', async () => {
    await create();
    await put('activar', undefined, { 'idempotency-key': 'k1' });
    await put('pausar', undefined, { 'idempotency-key': 'k2' });
    const key = { 'idempotency-key': 'k3' };
    const first = await put('activar', { motivo: 'otra vez' }, key);
    expect(first.body).toMatchObject({ estado: 'ACTIVA', motivo: 'otra vez' });
    expect((await put('activar', { motivo: 'otra vez' }, key)).body).toEqual(first.body);
    expect(await put('activar', undefined, { 'idempotency-key': 'k4' })).toMatchObject({
      status: 409,
      body: { state: 'ACTIVA', detail: expect.stringMatching(/^cannot activate a campaign that is ACTIVA/) },
    });
  });

  test('is changed only if it is as the client knows it', async () => {
    await create();
    expect((await put('activar', undefined, { 'if-match': '"7"' })).status).toBe(412);
    expect(await state()).toBe('BORRADOR');
  });

  test('is asked after a campaign that there is not', async () => {
    expect(await put('activar')).toMatchObject({
      status: 404,
      body: { detail: 'there is no campaign cmp-456' },
    });
    expect((await rest(`GET ${ROOT}/campaign/cmp-9`)).status).toBe(404);
    expect((await rest(`PATCH ${ROOT}/campaign/cmp-9`)).headers.allow).toBe('GET, HEAD');
  });
});

describe('the figures of a campaign', () => {
  const FIGURES = {
    id_campana: 'cmp-456',
    fecha_corte: '2026-11-22T12:34:56.789Z',
    ventas: 3,
    engagement: 13,
    presupuesto_utilizado: { monto: 2.5, moneda: 'COP' },
    ingresos: { monto: 45_000.75, moneda: 'COP' },
    comision: { monto: 0, moneda: 'COP' },
    impresiones: 100,
    clicks: 10,
    clicks_unicos: 8,
    conversiones: 3,
    recibidos: 120,
    aceptados: 113,
    duplicados: 4,
    rechazados: 2,
    pendientes: 1,
    ctr: 0.1,
    cvr: 0.3,
    cpc: 0.25,
    cpm: 25,
    roas: 18_000.3,
  };
  const count = () =>
    system.actors.count('cmp-456', {
      received: 120,
      accepted: 113,
      duplicates: 4,
      rejected: 2,
      pending: 1,
      impressions: 100,
      clicks: 10,
      uniqueClicks: 8,
      conversions: 3,
      spendMicros: 2_500_000n,
      revenueMicros: 45_000_750_000n,
    });

  test('are told with the campaign', async () => {
    await create();
    count();
    expect((await rest(`GET ${ROOT}/campaign/cmp-456`)).body).toMatchObject({ ...SHOWN, metricas: FIGURES });
  });

  test('cannot be set: what is sent is named, and changes nothing', async () => {
    await create();
    await put('activar');
    count();
    const commands = system.actors.commands.length;
    const reported = { ventas: 900, engagement: 900, presupuesto_utilizado: { monto: 900, moneda: 'COP' } };
    for (const body of [reported, { metricas: reported }]) {
      expect(await put('actualizar-metricas', body)).toMatchObject({
        status: 200,
        body: {
          estado: 'ACTIVA',
          metricas: FIGURES,
          cifras_no_tomadas: ['ventas', 'engagement', 'presupuesto_utilizado'],
          mensaje: expect.stringContaining('counted from events alone'),
        },
      });
    }
    expect(system.actors.commands).toHaveLength(commands);
    expect((await put('actualizar-metricas')).body).not.toHaveProperty('mensaje');
  });
});

describe('the lists of campaigns', () => {
  test.each(BRAND_CAMPAIGN_WORDS.states)('are by the state %s', async (word) => {
    await create();
    const verbs: Readonly<Record<string, readonly string[]>> = {
      Programada: ['programar'],
      Activa: ['activar'],
      Pausada: ['activar', 'pausar'],
      Finalizada: ['activar', 'finalizar'],
      Cancelada: ['cancelar'],
    };
    for (const verb of verbs[word] ?? []) await put(verb);
    for (const estado of BRAND_CAMPAIGN_WORDS.states) {
      const { body } = await rest(`GET ${ROOT}/campaigns/estado/${estado}`);
      const expected = estado === word ? [{ id: 'cmp-456', estado: word.toUpperCase() }] : [];
      expect(body).toMatchObject(expected);
      expect(body).toHaveLength(expected.length);
    }
    expect((await rest(`GET ${ROOT}/campaigns/activas`)).body).toHaveLength(word === 'Activa' ? 1 : 0);
  });

  test('are by brand, in pages', async () => {
    for (const id of ['a', 'b', 'c']) await create({ id, id_marca: 'Café & Co' });
    await create();
    let path = `${ROOT}/campaigns/marca/${encodeURIComponent('Café & Co')}?page_size=2`;
    const seen: string[] = [];
    while (path !== '') {
      const { body, headers } = await rest(`GET ${path}`);
      seen.push(...body.map(({ id }: { id: string }) => id));
      path = /^<(.+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1] ?? '';
    }
    expect(seen.sort()).toEqual(['a', 'b', 'c']);
  });

  test('refuse words that mean nothing', async () => {
    expect(await rest(`GET ${ROOT}/campaigns/tipo/otra`)).toMatchObject({
      status: 400,
      body: { violations: [{ field: 'tipo' }] },
    });
    expect((await rest(`GET ${ROOT}/campaigns/estado/otro`)).body.violations).toEqual([
      {
        field: 'estado',
        description: 'must be one of BORRADOR, PROGRAMADA, ACTIVA, PAUSADA, FINALIZADA, CANCELADA',
      },
    ]);
  });
});
