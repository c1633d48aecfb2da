import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openMemoryDedup } from '../../../storage/dedup/memory.ts';
import { openSegmentLog } from '../../../storage/log/segment-log.ts';
import { readCurl } from '../../../test/support/curl.ts';
import { EVENT_COLLECTOR_REQUESTS, TRACKING_REQUESTS } from '../../../test/support/printed-requests.ts';
import { type Answer, TestCollector } from '../../test-collector.ts';
import { campaign } from '../../test-support.ts';

let collector: TestCollector;
beforeAll(async () => {
  collector = await TestCollector.start({
    openLog: openSegmentLog,
    dedup: openMemoryDedup(),
    eventCollectorCampaign: 'web',
  });
  collector.directory.put(campaign({ campaignId: 'cmp-456' }));
  collector.directory.put(campaign({ campaignId: 'web' }));
});
beforeEach(() => {
  collector.clock.ms = Date.parse('2024-01-15T10:36:00Z');
});
afterAll(() => collector.stop());

const sendPrinted = (printed: string): Promise<Answer> => {
  const { method, path, headers, body } = readCurl(printed);
  return collector.call(method, path, body, headers);
};
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  collector.call('POST', path, JSON.stringify(body), { 'content-type': 'application/json', ...headers });

describe('the printed requests of tracking', () => {
  test('register an impression and a conversion', async () => {
    const answers = [
      await sendPrinted(TRACKING_REQUESTS.impression),
      await sendPrinted(TRACKING_REQUESTS.conversion),
    ];
    expect(answers.map(({ status, json }) => [status, json])).toEqual(
      ['imp-123', 'conv-123'].map((id) => [
        202,
        {
          id,
          estado: 'ACEPTADO',
          codigo_motivo: 100,
          motivo: 'accepted',
          decision_id: expect.stringMatching(/^[0-9a-z]+-[0-9a-z]+-0$/),
        },
      ]),
    );
    const { rows } = await collector.logged('cmp-456');
    const shared = {
      campaign_id: 'cmp-456',
      partner_id: 'inf-789',
      user_id: 'usr-101',
      verdict: 'undecided',
    };
    expect(rows).toMatchObject([
      { ...shared, type: 1, event_id: 'imp-123', occurredAt: Date.parse('2024-01-15T10:30:00Z') },
      {
        ...shared,
        type: 3,
        event_id: 'conv-123',
        goal: 'VENTA',
        valueMicros: 150_000_000_000,
        currency: 'COP',
        occurredAt: Date.parse('2024-01-15T10:35:00Z'),
      },
    ]);
  });

  test('are duplicates when they are sent again', async () => {
    await sendPrinted(TRACKING_REQUESTS.impression);
    const { status, json } = await sendPrinted(TRACKING_REQUESTS.impression);
    expect(status).toBe(202);
    expect(json).toEqual({
      id: 'imp-123',
      estado: 'DUPLICADO',
      codigo_motivo: 200,
      motivo: 'duplicate_event',
    });
  });

  test('are too late years afterwards, and are told so', async () => {
    collector.clock.ms = Date.now();
    const { status, json } = await post('/tracking/impresiones', {
      ...JSON.parse(readCurl(TRACKING_REQUESTS.impression).body as string),
      id: 'imp-late',
    });
    expect(status).toBe(202);
    expect(json).toMatchObject({ id: 'imp-late', estado: 'RECHAZADO', codigo_motivo: 303, motivo: 'late' });
    expect(json.mensaje).toContain('30 days');
  });
});

describe('the tracking paths', () => {
  test('take a body that does not repeat what the path says', async () => {
    const { json } = await post('/tracking/impresiones', { id: 'imp-1', campaña_id: 'cmp-456' });
    expect(json).toMatchObject({ id: 'imp-1', estado: 'ACEPTADO' });
  });

  test('refuse what contradicts the path', async () => {
    const { status, json } = await post('/tracking/conversiones', {
      campaña_id: 'cmp-456',
      tipo_evento: 'IMPRESION',
    });
    expect(status).toBe(202);
    expect(json).toMatchObject({ estado: 'RECHAZADO', motivo: 'invalid_event' });
    expect(json.mensaje).toContain('tipo_evento');
  });

  test('tell an unknown and a missing campaign', async () => {
    const unknown = await post('/tracking/impresiones', { campaña_id: 'cmp-999' });
    expect(unknown.json).toMatchObject({ estado: 'RECHAZADO', motivo: 'unknown_campaign' });
    const missing = await post('/tracking/impresiones', {});
    expect(missing.json).toMatchObject({ estado: 'RECHAZADO', motivo: 'invalid_event' });
  });

  test.each([
    ['no JSON', 'id=1'],
    ['several events', '[{"campaña_id":"cmp-456"},{"campaña_id":"cmp-456"}]'],
    ['no events', '[]'],
    ['no object', '5'],
    ['nothing', ''],
  ])('refuse a body with %s', async (_what, body) => {
    const answer = await collector.call('POST', '/tracking/impresiones', body, {
      'content-type': 'application/json',
    });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  test('know POST only, and answer browsers that ask first', async () => {
    expect((await collector.call('GET', '/tracking/impresiones')).status).toBe(405);
    expect((await collector.call('OPTIONS', '/tracking/conversiones')).status).toBe(204);
  });
});

describe('the printed requests of the event collector', () => {
  test('tell that it is well', async () => {
    const { status, json } = await sendPrinted(EVENT_COLLECTOR_REQUESTS.health);
    expect(status).toBe(200);
    expect(json).toEqual({ status: 'healthy', service: 'event-collector' });
  });

  test('go to the campaign that is set aside for them', async () => {
    const click = await sendPrinted(EVENT_COLLECTOR_REQUESTS.click);
    const conversion = await sendPrinted(EVENT_COLLECTOR_REQUESTS.conversion);
    expect([click.status, conversion.status]).toEqual([202, 202]);
    expect(click.json).toMatchObject({ estado: 'ACEPTADO', click_id: expect.any(String) });
    expect(conversion.json).toMatchObject({ estado: 'ACEPTADO' });
    const { rows } = await collector.logged('web');
    expect(rows).toMatchObject([
      {
        type: 2,
        partner_id: 'AFILIADO_001',
        source_id: 'WEB_TAG',
        user_agent: 'Mozilla/5.0 (Test Browser)',
      },
      {
        type: 3,
        partner_id: 'AFILIADO_PREMIUM',
        source_id: 'MOBILE_SDK',
        valueMicros: 299_990_000,
        currency: 'USD',
      },
    ]);
  });
});

describe('an event of the event collector', () => {
  const click = { tipo_evento: 'CLICK', id_afiliado: 'maria' };
  const rowsOf = async (campaignId: string) => (await collector.logged(campaignId)).rows;

  test('goes to the campaign that it names', async () => {
    const own = collector.launch();
    await post('/event-collector/events', { ...click, campaign_id: own });
    expect(await rowsOf(own)).toHaveLength(1);
  });

  test('goes to the campaign of the click that it brings back', async () => {
    const own = collector.launch();
    const { json } = await post('/event-collector/events', { ...click, campaign_id: own });
    await post('/event-collector/events', { tipo_evento: 'CONVERSION', click_id: json.click_id });
    expect(await rowsOf(own)).toMatchObject([{ type: 2 }, { type: 3 }]);
  });

  test('goes to the campaign of its write key', async () => {
    const own = collector.launch();
    await post('/event-collector/events', click, { 'x-turnpike-key': `key-${own}` });
    expect(await rowsOf(own)).toHaveLength(1);
  });

  test('that names none is rejected where none is set aside', async () => {
    const bare = await TestCollector.start({ openLog: openSegmentLog, dedup: openMemoryDedup() });
    const { method, path, headers, body } = readCurl(EVENT_COLLECTOR_REQUESTS.click);
    const { status, json } = await bare.call(method, path, body, headers);
    await bare.stop();
    expect(status).toBe(202);
    expect(json).toMatchObject({ estado: 'RECHAZADO', motivo: 'invalid_event' });
    expect(json.mensaje).toContain('campaign_id');
  });
});
