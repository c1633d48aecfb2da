import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { creditRow, eventRow } from './event-rows.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, SUMMER } from './management-system.ts';

let system: ManagementSystem;
beforeEach(async () => {
  system = await ManagementSystem.start();
  await rest('POST /v1/campaigns', SUMMER);
});
afterEach(() => system?.[Symbol.asyncDispose]());

const rest = (target: string, body?: unknown): Promise<Answer> => send(system.http, target, body);
const EVENTS = 'GET /v1/campaigns/summer/events';

describe('GET /v1/campaigns/{id}/events', () => {
  test('tells of each event what was decided, why, and on what evidence', async () => {
    system.warehouse.events = [
      eventRow({
        type: 3,
        reason: 400,
        flags: 255 - 2 - 8,
        partner_id: 'maria',
        content_id: 'post-1',
        click_id: 'k1',
        transaction_id: 't1',
        goal: 'sale',
        user_id: 'u1',
        anonymous_id: 'a1',
        session_id: 's1',
        value_micros: '12500000',
        currency: 'EUR',
        spend_micros: '250000',
        commission_micros: '1',
        user_agent: 'curl/8',
        referrer: 'https://blog.example/',
        url: 'https://shop.example/',
        ip: '203.0.113.0',
        sub1: 'x',
        utm_source: 'mail',
        properties: '{"size":4,"__proto__":"x"}',
      }),
    ];
    const { status, body } = await rest(EVENTS);
    expect(status).toBe(200);
    expect(body).toEqual({
      events: [
        {
          event_id: 'e1',
          type: 'conversion',
          campaign_id: 'summer',
          partner_id: 'maria',
          content_id: 'post-1',
          click_id: 'k1',
          transaction_id: 't1',
          goal: 'sale',
          user_id: 'u1',
          anonymous_id: 'a1',
          session_id: 's1',
          decision: { id: 'a-10-1', status: 'pending', reason_code: 400, reason: 'budget_exhausted' },
          unique: false,
          value: { amount: '12.50', currency: 'EUR' },
          spend: { amount: '0.25', currency: 'USD' },
          commission: { amount: '0.000001', currency: 'USD' },
          occurred_at: '2026-11-22T12:00:00.000Z',
          recorded_at: '2026-11-22T12:00:00.250Z',
          evidence: {
            user_agent: 'curl/8',
            referrer: 'https://blog.example/',
            url: 'https://shop.example/',
            address: '203.0.113.0',
            flags: ['bot', 'clock_ahead', 'data_centre', 'too_fast', 'self_referral', 'flood'],
          },
          parameters: { sub1: 'x', utm_source: 'mail' },
          properties: JSON.parse('{"size":4,"__proto__":"x"}'),
        },
      ],
      next_page_token: '',
    });
  });

  test('leaves out what was not sent', async () => {
    system.warehouse.events = [eventRow({ type: 2, is_unique: 1 })];
    const [event] = (await rest(EVENTS)).body.events;
    expect(event).toEqual({
      event_id: 'e1',
      type: 'click',
      campaign_id: 'summer',
      decision: { id: 'a-10-1', status: 'accepted', reason_code: 100, reason: 'accepted' },
      unique: true,
      spend: { amount: '0.00', currency: 'USD' },
      commission: { amount: '0.00', currency: 'USD' },
      occurred_at: '2026-11-22T12:00:00.000Z',
      recorded_at: '2026-11-22T12:00:00.250Z',
      evidence: { flags: [] },
      parameters: {},
      properties: {},
    });
  });

  test('takes a value without a currency to be in the campaign’s', async () => {
    system.warehouse.events = [eventRow({ type: 3, value_micros: '1000000' })];
    expect((await rest(EVENTS)).body.events[0].value).toEqual({ amount: '1.00', currency: 'USD' });
  });

  test('tells a reason that it does not know by its number', async () => {
    system.warehouse.events = [eventRow({ reason: 299 })];
    expect((await rest(EVENTS)).body.events[0].decision).toMatchObject({
      status: 'duplicate',
      reason: 'unknown_reason_299',
    });
  });

  test('asks for the restrictions that were written', async () => {
    await rest(
      `${EVENTS}?type=CLICK&status=Rejected&reason=campaign_not_active&partner_id=maria&flag=FLOOD` +
        '&from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z&page_size=7',
    );
    expect(system.warehouse.asked).toEqual({
      campaign: 'summer',
      type: 2,
      hundreds: 3,
      reason: 302,
      partner: 'maria',
      flag: 128,
      from: Date.parse('2026-11-22T00:00:00Z'),
      to: Date.parse('2026-11-23T00:00:00Z'),
      count: 8,
    });
    await rest(`${EVENTS}?reason=302&type=&status=`);
    expect(system.warehouse.asked).toEqual({ campaign: 'summer', reason: 302, count: 51 });
  });

  test('goes on after the last event of a page, without waiting again', async () => {
    system.warehouse.events = [eventRow({ event_id: 'e3', row: 3 }), eventRow({ event_id: 'e2', row: 2 })];
    const first = await rest(`${EVENTS}?type=impression&page_size=1`);
    expect(first.body.events.map(({ event_id }: { event_id: string }) => event_id)).toEqual(['e3']);
    expect(system.actors.settlements).toEqual(['summer']);
    system.warehouse.events = [];
    const second = await rest(
      `${EVENTS}?type=impression&page_size=1&page_token=${first.body.next_page_token}`,
    );
    expect(second.body).toEqual({ events: [], next_page_token: '' });
    expect(system.warehouse.asked).toMatchObject({
      after: Date.parse('2026-11-22T12:00:00.250Z'),
      partition: 10,
      sequence: 36,
      row: 3,
    });
    expect(system.actors.settlements).toEqual(['summer']);
  });

  test('ends a page where it becomes too large', async () => {
    const properties = JSON.stringify({ text: 'ñ'.repeat(limits.pageBytes / 5) });
    system.warehouse.events = [1, 2, 3].map((row) => eventRow({ row, properties }));
    const { body } = await rest(EVENTS);
    expect(body.events).toHaveLength(2);
    expect(body.next_page_token).not.toBe('');
  });

  test('says which fields are wrong, and what would be right', async () => {
    const { status, body } = await rest(
      `${EVENTS}?type=view&status=good&reason=nothing&partner_id=${'x'.repeat(129)}&flag=red&from=noon&to=2026-13-01`,
    );
    expect(status).toBe(400);
    expect(body.violations.map(({ field }: { field: string }) => field).sort()).toEqual(
      ['flag', 'from', 'partner_id', 'reason', 'status', 'to', 'type'].sort(),
    );
  });

  test.each([
    ['from=2026-11-22T00:00:00Z&to=2026-11-22T00:00:00Z', 'from'],
    ['page_size=-1', 'page_size'],
    ['page_size=many', 'page_size'],
    ['page_token=made-up', 'page_token'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await rest(`${EVENTS}?${query}`);
    expect(status).toBe(400);
    expect(body.violations).toMatchObject([{ field }]);
  });

  test('refuses the token of another list', async () => {
    system.warehouse.events = [eventRow({ row: 2 }), eventRow()];
    const { next_page_token: token } = (await rest(`${EVENTS}?page_size=1`)).body;
    const { status, body } = await rest(`${EVENTS}?type=click&page_token=${token}`);
    expect(status).toBe(400);
    expect(body.detail).toContain('other filters');
  });

  test('of a campaign that there is not is 404', async () => {
    expect(await rest('GET /v1/campaigns/winter/events')).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: 'there is no campaign winter' },
    });
  });
});

describe('GET /v1/campaigns/{id}/events/{event_id}', () => {
  test('gives what was decided on the event and on its repeats', async () => {
    system.warehouse.events = [eventRow(), eventRow({ row: 2, reason: 200 })];
    const { status, body } = await rest('GET /v1/campaigns/summer/events/e1');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      event: { event_id: 'e1', decision: { status: 'accepted' } },
      repeats: [{ event_id: 'e1', decision: { status: 'duplicate', reason: 'duplicate_event' } }],
    });
    expect(system.actors.settlements).toEqual(['summer']);
  });

  test('takes any event id, percent-encoded', async () => {
    await rest(`GET /v1/campaigns/summer/events/${encodeURIComponent('a/b ñ%?')}`);
    expect(system.warehouse.asked).toMatchObject({ campaign: 'summer', event: 'a/b ñ%?' });
  });

  test('says whether it is the campaign or the event that there is not', async () => {
    expect(await rest('GET /v1/campaigns/winter/events/e1')).toMatchObject({
      status: 404,
      body: { detail: 'there is no campaign winter' },
    });
    expect(await rest('GET /v1/campaigns/summer/events/e9')).toMatchObject({
      status: 404,
      body: { detail: 'campaign summer has no event e9' },
    });
  });
});

describe('the attribution of a conversion', () => {
  test('is told with it, touch by touch', async () => {
    system.warehouse.events = [
      eventRow({ type: 3, value_micros: '12500000', commission_micros: '1' }),
      eventRow({ row: 2, event_id: 'e2' }),
    ];
    system.warehouse.credits = [
      creditRow({ content_id: 'post-1' }),
      creditRow({ partner_id: '', kind: 'view', commission_micros: '0' }),
    ];
    const [conversion, impression] = (await rest(EVENTS)).body.events;
    const touch = {
      touched_at: '2026-11-21T12:00:00.000Z',
      share: 0.5,
      revenue: { amount: '6.25', currency: 'USD' },
    };
    expect(conversion.attribution).toEqual({
      model: 'LINEAR',
      touches: [
        {
          ...touch,
          kind: 'click',
          partner_id: 'maria',
          content_id: 'post-1',
          commission: { amount: '0.000001', currency: 'USD' },
        },
        { ...touch, kind: 'view', commission: { amount: '0.00', currency: 'USD' } },
      ],
    });
    expect(impression).not.toHaveProperty('attribution');
    expect(system.warehouse.asked).toMatchObject({ campaign: 'summer', conversions: ['36/1'] });
    const { body } = await rest('GET /v1/campaigns/summer/events/e1');
    expect(body.event.attribution).toEqual(conversion.attribution);
  });
});

describe('GET /v1/campaigns/{id}/attribution', () => {
  const PATH = 'GET /v1/campaigns/summer/attribution';
  const partner = (partner_id: string) => ({
    partner_id,
    share_ppm: '2500000',
    clicks: '3',
    views: '1',
    direct: '0',
    revenue_micros: '18750000',
    commission_micros: '2000000',
  });

  test('tells what each partner is credited with, page by page', async () => {
    system.warehouse.partners = [partner(''), partner('maria')];
    const { status, body } = await rest(`${PATH}?page_size=1&from=2026-11-01T00:00:00Z`);
    expect(status).toBe(200);
    const credited = {
      conversions: 2.5,
      clicks: 3,
      views: 1,
      direct: 0,
      revenue: { amount: '18.75', currency: 'USD' },
      commission: { amount: '2.00', currency: 'USD' },
    };
    const { next_page_token: token, ...page } = body;
    expect(page).toEqual({ campaign_id: 'summer', partners: [credited] });
    expect(system.actors.settlements).toEqual(['summer']);
    system.warehouse.partners = [partner('maria')];
    const second = await rest(`${PATH}?page_size=1&from=2026-11-01T00:00:00Z&page_token=${token}`);
    expect(second.body).toMatchObject({ partners: [{ partner_id: 'maria' }], next_page_token: '' });
    expect(system.warehouse.asked).toMatchObject({ after: '', from: Date.parse('2026-11-01T00:00:00Z') });
  });

  test.each([
    ['from=yesterday', 'from'],
    ['from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 'from'],
    ['page_size=0.5', 'page_size'],
    ['page_token=x', 'page_token'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await rest(`${PATH}?${query}`);
    expect(status).toBe(400);
    expect(body.violations).toMatchObject([{ field }]);
  });

  test('of a campaign that there is not is 404', async () => {
    expect(await rest('GET /v1/campaigns/winter/attribution')).toMatchObject({ status: 404 });
  });
});
