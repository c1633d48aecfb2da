import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCurl } from '../support/curl.ts';
import { launchCampaign, rest } from '../support/management.ts';
import {
  AFFILIATE_CAMPAIGN_REQUESTS,
  EVENT_COLLECTOR_REQUESTS,
  TRACKING_PATHS,
  TRACKING_REQUESTS,
} from '../support/printed-requests.ts';
import { Server } from '../support/server.ts';

type Json = Record<string, unknown>;

let server: Server;
beforeAll(async () => {
  server = await Server.start({ settings: { TURNPIKE_EVENT_COLLECTOR_CAMPAIGN: 'web' } });
  await launchCampaign(server, 'cmp-456', {
    budget: { total: { amount: '1000000.00', currency: 'COP' } },
    cost: { model: 'CPA', rate: { amount: '100.00', currency: 'COP' } },
  });
  await launchCampaign(server, 'web');
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** Sends a printed request to the collector; `changes` are made to its body. */
async function send(printed: string, changes?: Json): Promise<{ status: number; body: Json }> {
  const { method, path, headers, body } = readCurl(printed);
  const sent = changes && body ? JSON.stringify({ ...JSON.parse(body), ...changes }) : body;
  const answer = await request(`${server.addresses.ingest}${path}`, {
    method: method as 'GET' | 'POST',
    headers,
    body: sent ?? null,
  });
  return { status: answer.statusCode, body: (await answer.body.json()) as Json };
}

const get = <Body = Json>(path: string) => rest<Body>(server, 'GET', path);

describe('the printed requests of tracking', () => {
  test('are taken, and told by id with what was decided on them', async () => {
    const sent = [await send(TRACKING_REQUESTS.impression), await send(TRACKING_REQUESTS.conversion)];
    // They are of 2024: too long ago to count.
    const late = { estado: 'RECHAZADO', codigo_motivo: 303, motivo: 'late' };
    expect(sent).toMatchObject([
      { status: 202, body: { id: 'imp-123', ...late } },
      { status: 202, body: { id: 'conv-123', ...late } },
    ]);
    const common = {
      campaña_id: 'cmp-456',
      influencer_id: 'inf-789',
      usuario_id: 'usr-101',
      ip_address: '127.0.0.0',
      ...late,
    };
    expect(await get(TRACKING_PATHS.impression)).toMatchObject({
      status: 200,
      body: {
        ...common,
        id: 'imp-123',
        tipo_evento: 'IMPRESION',
        timestamp: '2024-01-15T10:30:00.000Z',
        decision_id: sent[0]?.body.decision_id,
      },
    });
    expect(await get(TRACKING_PATHS.conversion)).toMatchObject({
      status: 200,
      body: { ...common, id: 'conv-123', tipo_conversion: 'VENTA', valor: 150_000, moneda: 'COP' },
    });
  });

  test('count when they are of today', async () => {
    const timestamp = new Date().toISOString();
    const accepted = { status: 202, body: { estado: 'ACEPTADO' } };
    expect(await send(TRACKING_REQUESTS.impression, { id: 'imp-124', timestamp })).toMatchObject(accepted);
    expect(await send(TRACKING_REQUESTS.conversion, { id: 'conv-124', timestamp })).toMatchObject(accepted);
    const impressions = await get<Json[]>(encodeURI(TRACKING_PATHS.impressions));
    expect(impressions.body[0]).toMatchObject({ id: 'imp-124', estado: 'ACEPTADO', motivo: 'accepted' });
    const conversions = await get<Json[]>('/tracking/campanas/cmp-456/conversiones');
    expect(conversions.body[0]).toMatchObject({ id: 'conv-124', estado: 'ACEPTADO', valor: 150_000 });
  });
});

describe('the printed requests of the event collector', () => {
  test('are taken for the campaign that is set aside for them', async () => {
    expect(await send(EVENT_COLLECTOR_REQUESTS.health)).toMatchObject({
      status: 200,
      body: { status: 'healthy' },
    });
    const click = await send(EVENT_COLLECTOR_REQUESTS.click);
    const conversion = await send(EVENT_COLLECTOR_REQUESTS.conversion);
    expect([click, conversion]).toMatchObject([
      { status: 202, body: { estado: 'ACEPTADO', click_id: expect.any(String) } },
      { status: 202, body: { estado: 'ACEPTADO' } },
    ]);
    const { body } = await get<{ events: Json[] }>('/v1/campaigns/web/events');
    expect(body.events).toMatchObject([
      {
        event_id: conversion.body.id,
        type: 'conversion',
        partner_id: 'AFILIADO_PREMIUM',
        value: { amount: '299.99', currency: 'USD' },
        parameters: { source_id: 'MOBILE_SDK' },
      },
      {
        event_id: click.body.id,
        type: 'click',
        partner_id: 'AFILIADO_001',
        click_id: click.body.click_id,
        spend: { amount: '0.25', currency: 'USD' },
        evidence: { user_agent: 'Mozilla/5.0 (Test Browser)' },
      },
    ]);
  });
});

describe('the printed requests for campaigns', () => {
  test('run a campaign of an affiliate, and its printed events count', async () => {
    const { method, path, body: sent } = readCurl(AFFILIATE_CAMPAIGN_REQUESTS.create);
    const created = await rest<Json>(server, method as 'POST', path, JSON.parse(sent ?? ''));
    expect(created).toMatchObject({ status: 201, body: { estado: 'CREATED' } });
    const at = `/campaigns/${created.body.id}`;
    expect((await get<Json[]>(readCurl(AFFILIATE_CAMPAIGN_REQUESTS.list).path)).body).toContainEqual(
      created.body,
    );
    expect(await rest(server, 'PATCH', `${at}/activate`)).toMatchObject({
      status: 200,
      body: { estado: 'ACTIVE' },
    });
    for (const printed of [EVENT_COLLECTOR_REQUESTS.click, EVENT_COLLECTOR_REQUESTS.conversion]) {
      const taken = await send(printed, { campaña_id: created.body.id });
      expect(taken).toMatchObject({ status: 202, body: { estado: 'ACEPTADO' } });
    }
    expect(await rest(server, 'PATCH', `${at}/budget`, { monto: 2_000 })).toMatchObject({
      status: 200,
      body: { estado: 'ACTIVE', presupuesto: { monto: 2_000, moneda: 'USD' } },
    });
    expect((await get(`${at}/metrics`)).body).toMatchObject({
      clicks: 1,
      ventas: 1,
      ingresos: { monto: 299.99, moneda: 'USD' },
      presupuesto_utilizado: { monto: 0, moneda: 'USD' },
    });
  });

  test('lead a campaign of a brand through its life', async () => {
    const begin = new Date(Date.now() + 3_600_000).toISOString();
    const body = {
      nombre: 'Campaña',
      id_marca: 'marca',
      tipo: 'Afiliación',
      objetivo: 'Conversión',
      presupuesto: 100,
      fecha_inicio: begin,
    };
    const root = '/campaign-management/campaign';
    const { body: created } = await rest<Json>(server, 'POST', root, body);
    const states: unknown[] = [created.estado];
    for (const verb of ['programar', 'activar', 'pausar', 'activar', 'finalizar']) {
      const answer = await rest<Json>(server, 'PUT', `${root}/${created.id}/${verb}`);
      states.push(answer.body.estado);
    }
    expect(states).toEqual(['BORRADOR', 'PROGRAMADA', 'ACTIVA', 'PAUSADA', 'ACTIVA', 'FINALIZADA']);
    const list = await get<Json[]>('/campaign-management/campaigns/marca/marca');
    expect(list.body).toMatchObject([{ id: created.id, estado: 'FINALIZADA', fecha_inicio: begin }]);
  });
});

describe('what was answered', () => {
  test('is found at once, in pages too', async () => {
    const ids = Array.from({ length: 25 }, (_, at) => `page-${at}`);
    for (const id of ids)
      await send(TRACKING_REQUESTS.impression, { id, campaña_id: 'web', timestamp: null });
    const seen: unknown[] = [];
    let token = '';
    do {
      const path = `/v1/campaigns/web/events?type=impression&page_size=7&page_token=${token}`;
      const { body } = await get<{ events: Json[]; next_page_token: string }>(path);
      seen.push(...body.events.map(({ event_id }) => event_id));
      token = body.next_page_token;
    } while (token !== '');
    expect(seen).toEqual(ids.reverse());
  });

  test('is found by its id', async () => {
    await send(TRACKING_REQUESTS.impression, { id: 'a/b', campaña_id: 'web', timestamp: null });
    const { status, body } = await get<Json>('/v1/campaigns/web/events/a%2Fb');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      event: { event_id: 'a/b', decision: { status: 'accepted', reason_code: 100 } },
      repeats: [],
    });
  });

  test('of a campaign is in its history, the newest first', async () => {
    await rest(server, 'POST', '/v1/campaigns/web:pause', { reason: 'lunch' });
    const { body } = await get<{ events: { type: string; data: Json }[] }>('/v1/campaigns/web/history');
    expect(body.events.map(({ type }) => type)).toEqual([
      'campaign.paused',
      'campaign.activated',
      'budget.created',
      'campaign.created',
    ]);
    expect(body.events[0]?.data).toMatchObject({ status: 'PAUSED', reason: 'lunch', by: 'operator' });
  });
});
