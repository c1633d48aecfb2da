import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { decodeClickId } from '../../model/click-id.ts';
import { EventFlag } from '../../model/event.ts';
import { openMemoryDedup } from '../../storage/dedup/memory.ts';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { type Result, TestCollector } from '../test-collector.ts';

let collector: TestCollector;
beforeAll(async () => {
  collector = await TestCollector.start({ openLog: openSegmentLog, dedup: openMemoryDedup() });
});
afterAll(() => collector.stop());

describe('events', () => {
  test('are in the log when they are answered', async () => {
    const campaign_id = collector.launch();
    const answer = await collector.send([
      {
        type: 'impression',
        campaign_id,
        event_id: 'a',
        partner_id: 'maria',
        sub1: 'x',
        properties: { a: 1 },
      },
      { type: 'CONVERSION', campaign_id, event_id: 'b', valor: 150000.5, moneda: 'COP', order_id: 7 },
    ]);
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({
      accepted: 2,
      duplicates: 0,
      rejected: 0,
      results: [
        { event_id: 'a', status: 'accepted' },
        { event_id: 'b', status: 'accepted' },
      ],
    });
    const { rows } = await collector.logged(campaign_id);
    expect(rows).toMatchObject([
      {
        type: 1,
        verdict: 'undecided',
        event_id: 'a',
        partner_id: 'maria',
        sub1: 'x',
        properties: '{"a":1}',
        ip: '127.0.0.0',
      },
      {
        type: 3,
        verdict: 'undecided',
        event_id: 'b',
        valueMicros: 150_000_500_000,
        currency: 'COP',
        transaction_id: '7',
      },
    ]);
  });

  test('that are sent again are duplicates, and counted as such', async () => {
    const campaign_id = collector.launch();
    const event = { type: 'impression', campaign_id, event_id: 'a' };
    expect((await collector.send([event, event])).outcomes).toEqual(['accepted', 'duplicate_event']);
    const again = await collector.send(event);
    expect(again.json).toMatchObject({ accepted: 0, duplicates: 1 });
    const { rows, stopped } = await collector.logged(campaign_id);
    expect(rows).toHaveLength(1);
    expect(stopped).toEqual({ duplicate_event: 2 });
  });

  test('without an id get one', async () => {
    const { results } = await collector.send({ type: 'impression', campaign_id: collector.launch() });
    expect(results[0]?.event_id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test('may be sent by a beacon, as lines, or without saying what they are', async () => {
    const campaign_id = collector.launch();
    const event = (event_id: string): string => JSON.stringify({ type: 'impression', campaign_id, event_id });
    const beacon = await collector.call('POST', '/v1/events', event('a'), {
      'content-type': 'text/plain;charset=UTF-8',
    });
    const lines = await collector.call('POST', '/v1/events', `${event('b')}\n${event('c')}\n`, {
      'content-type': 'application/x-ndjson',
    });
    const silent = await collector.call('POST', '/v1/events', event('d'));
    expect([beacon, lines, silent].map(({ status }) => status)).toEqual([202, 202, 202]);
    expect((await collector.logged(campaign_id)).rows.map(({ event_id }) => event_id)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });

  test('are answered in the order sent, whatever becomes of each', async () => {
    const [running, paused] = [collector.launch(), collector.launch({ status: 'PAUSED' })];
    const event = (parts: object): object => ({ type: 'impression', campaign_id: running, ...parts });
    const answer = await collector.send([
      event({ event_id: '"quoted"\\' }),
      event({ type: 'sale' }),
      event({ campaign_id: 'nobody' }),
      event({ campaign_id: undefined }),
      event({ campaign_id: paused }),
      event({ timestamp: collector.clock.ms - limits.lateEventMs - 1 }),
      event({ type: 'conversion', value: '12,5' }),
      event({ type: 'conversion', click_id: 'made-up' }),
      'nonsense',
      event({ event_id: 'last' }),
    ]);
    expect(answer.outcomes).toEqual([
      'accepted',
      'invalid_event',
      'unknown_campaign',
      'invalid_event',
      'campaign_not_active',
      'late',
      'invalid_event',
      'click_id_invalid',
      'invalid_event',
      'accepted',
    ]);
    expect(answer.json).toMatchObject({ accepted: 2, duplicates: 0, rejected: 8 });
    expect(answer.results[0]?.event_id).toBe('"quoted"\\');
    expect(answer.results[6]?.message).toContain('value');
    expect(answer.results[8]?.event_id).toBeNull();
    const { rows } = await collector.logged(running);
    expect(rows.map(({ verdict }) => verdict)).toEqual([
      'undecided',
      'invalid_event',
      'late',
      'invalid_event',
      'click_id_invalid',
      'undecided',
    ]);
    expect((await collector.logged(paused)).rows.map(({ verdict }) => verdict)).toEqual([
      'campaign_not_active',
    ]);
  });

  test('that are refused are refused again, not duplicates', async () => {
    const campaign_id = collector.launch({ status: 'DRAFT' });
    const event = { type: 'impression', campaign_id, event_id: 'a' };
    await collector.send(event);
    expect((await collector.send(event)).outcomes).toEqual(['campaign_not_active']);
    const { rows, stopped } = await collector.logged(campaign_id);
    expect(rows).toHaveLength(2);
    expect(stopped).toEqual({});
  });

  test('of an exhausted campaign are left to the actor', async () => {
    const campaign_id = collector.launch({ exhausted: true });
    expect((await collector.send({ type: 'click', campaign_id })).outcomes).toEqual(['accepted']);
    expect((await collector.logged(campaign_id)).rows).toMatchObject([{ verdict: 'undecided' }]);
  });

  test('happen when their sender says, unless that lies ahead', async () => {
    const campaign_id = collector.launch();
    const at = (timestamp: unknown): object => ({ type: 'impression', campaign_id, timestamp });
    const [past, soon, ahead] = [
      collector.clock.ms - 3_600_000,
      collector.clock.ms + 59_000,
      collector.clock.ms + 61_000,
    ];
    await collector.send([at(past), at(new Date(soon).toISOString()), at(ahead)]);
    expect((await collector.logged(campaign_id)).rows).toMatchObject([
      { occurredAt: past, flags: 0 },
      { occurredAt: soon, flags: 0 },
      { occurredAt: collector.clock.ms, flags: EventFlag.clockAhead },
    ]);
  });

  test('of robots are flagged, not dropped', async () => {
    const campaign_id = collector.launch();
    const agents = [
      'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      'Googlebot/2.1',
    ];
    for (const agent of agents)
      await collector.send({ type: 'impression', campaign_id }, { 'user-agent': agent });
    expect((await collector.logged(campaign_id)).rows).toMatchObject([
      { flags: 0, user_agent: agents[0] },
      { flags: EventFlag.bot, user_agent: agents[1] },
    ]);
  });

  test('with an agent too long have it cut', async () => {
    const campaign_id = collector.launch();
    await collector.send(
      { type: 'impression', campaign_id },
      { 'user-agent': 'x'.repeat(limits.userAgentLength + 1) },
    );
    expect((await collector.logged(campaign_id)).rows[0]?.user_agent).toBe(
      'x'.repeat(limits.userAgentLength),
    );
  });

  test('in great number are all counted', async () => {
    const campaigns = Array.from({ length: 20 }, () => collector.launch());
    const events = Array.from({ length: limits.eventsPerRequest }, (_, i) => ({
      type: 'impression',
      campaign_id: campaigns[i % 20],
      event_id: `${i % 4_000}`,
      sub1: 'ñ'.repeat(20),
    }));
    const { json } = await collector.send(events);
    expect(json).toMatchObject({ accepted: 4_000, duplicates: 1_000, rejected: 0 });
    const counted = await Promise.all(campaigns.map((id) => collector.logged(id)));
    expect(counted.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(4_000);
    expect(counted.reduce((sum, { stopped }) => sum + (stopped.duplicate_event ?? 0), 0)).toBe(1_000);
  });
});

describe('clicks', () => {
  test('get a click id that leads conversions to their campaign and partner', async () => {
    const campaign_id = collector.launch();
    const { results } = await collector.send({
      type: 'click',
      campaign_id,
      partner_id: 'maria',
      click_id: 'ignored',
    });
    const { click_id } = results[0] as Result;
    expect(decodeClickId(String(click_id))).toMatchObject({
      campaignId: campaign_id,
      partnerId: 'maria',
      clickedAt: collector.clock.ms,
    });
    expect((await collector.send({ type: 'conversion', clickid: click_id })).outcomes).toEqual(['accepted']);
    expect((await collector.logged(campaign_id)).rows).toMatchObject([
      { type: 2, click_id },
      { type: 3, click_id, campaign_id, partner_id: 'maria' },
    ]);
  });

  test('that are sent again get the same click id', async () => {
    const click = {
      type: 'click',
      campaign_id: collector.launch(),
      event_id: 'a',
      timestamp: collector.clock.ms - 1_000,
    };
    const [first, again] = [await collector.send(click), await collector.send(click)];
    expect(again.results[0]).toMatchObject({
      status: 'duplicate',
      click_id: first.results[0]?.click_id,
    });
  });

  test('of another campaign do not convert here', async () => {
    const [here, there] = [collector.launch(), collector.launch()];
    const { results } = await collector.send({ type: 'click', campaign_id: there });
    const { click_id } = results[0] as Result;
    expect((await collector.send({ type: 'conversion', campaign_id: here, click_id })).outcomes).toEqual([
      'click_id_foreign',
    ]);
  });

  test('of a visitor count once in each window, where the campaign says so', async () => {
    const campaign_id = collector.launch({ uniqueness: { key: 'cookie', windowMs: 1_000 } });
    const click = (anonymous_id: string): object => ({ type: 'click', campaign_id, anonymous_id });
    expect((await collector.send([click('x'), click('x'), click('y')])).outcomes).toEqual([
      'accepted',
      'repeat_visitor',
      'accepted',
    ]);
    expect((await collector.send(click('x'))).outcomes).toEqual(['repeat_visitor']);
    collector.clock.ms += 1_000;
    expect((await collector.send(click('x'))).outcomes).toEqual(['accepted']);
    expect((await collector.logged(campaign_id)).stopped).toEqual({ repeat_visitor: 2 });
  });
});
