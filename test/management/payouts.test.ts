import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TransferOrder } from '../../model/transfer.ts';
import { type Answer, send } from './http-client.ts';
import { ManagementSystem, NOW, SUMMER } from './management-system.ts';

const HOUR = 3_600_000;
const money = (amount: string, currency = 'USD') => ({ amount, currency });

let system: ManagementSystem;
beforeAll(async () => {
  system = await ManagementSystem.start();
});
beforeEach(() => system.actors.reset());
afterAll(() => system?.[Symbol.asyncDispose]());

const call = (target: string, body?: unknown, headers = {}): Promise<Answer> =>
  send(system.http, target, body, headers);
const ask = (more: object = {}, headers = {}) =>
  call('POST /v1/payouts', { partner_id: 'ana', amount: money('10.00'), ...more }, headers);
const fieldsOf = ({ body }: Answer): [string, string][] =>
  (body.violations ?? []).map(({ field, description }: { field: string; description: string }) => [
    field,
    description,
  ]);
const account = async (partner = 'ana') => (await call(`GET /v1/partners/${partner}/account`)).body;

/** What `ana` has earned, which is approved at once. */
const earn = (micros: number, { partner = 'ana', currency = 'USD', hold = 0 } = {}): Promise<void> =>
  system.actors.tell({
    actorKind: 'account',
    actorId: partner,
    name: 'commissions',
    payload: {
      campaignId: 'summer',
      currency,
      assigned: [
        {
          releaseAt: Math.floor((NOW + hold) / HOUR) * HOUR,
          micros: String(micros),
          conversions: 1,
          clicks: 0,
          impressions: 0,
        },
      ],
      reversed: [],
    },
  });

/** A payment gateway that sends everything, and remembers what it was asked. */
function sender() {
  const asked: TransferOrder[] = [];
  const transfer = async (order: TransferOrder) => {
    asked.push(order);
    return { kind: 'succeeded', transferId: `tr_${order.payoutId}` } as const;
  };
  return { asked, transfer };
}

describe('a payout', () => {
  test('is asked for, set aside, sent and booked', async () => {
    await earn(12_345_678);
    const asked = await ask({ reference: 'november' });
    expect(asked).toMatchObject({
      status: 201,
      body: { partner_id: 'ana', amount: money('10.00'), reference: 'november', status: 'PENDING' },
    });
    expect(asked.headers.location).toBe(`/v1/payouts/${asked.body.id}`);
    expect(await account()).toMatchObject({
      balances: [{ payable: money('2.345678'), in_transit: money('10.00'), balance: money('12.345678') }],
    });
    const gateway = sender();
    await system.actors.pay(gateway);
    expect(gateway.asked).toMatchObject([{ payoutId: asked.body.id, partnerId: 'ana', attempt: 1 }]);
    const paid = await call(`GET ${asked.headers.location}`);
    expect(paid.body).toMatchObject({
      status: 'SUCCEEDED',
      attempts: 1,
      transfer_id: `tr_${asked.body.id}`,
      lots: [{ campaign_id: 'summer', release_at: '2026-11-22T12:00:00.000Z', amount: money('10.00') }],
    });
    expect(paid.body.steps.map(({ step }: { step: string }) => step)).toEqual([
      'requested',
      'reserved',
      'attempted',
      'succeeded',
    ]);
    expect(await account()).toMatchObject({
      balances: [{ paid: money('10.00'), in_transit: money('0.00'), balance: money('2.345678') }],
    });
  });

  test('of all that is payable is rounded down to what the currency can pay', async () => {
    await earn(12_345_678);
    await earn(99_900_000, { currency: 'JPY' });
    const payout = await ask({ amount: undefined, currency: 'usd' });
    const yen = await ask({ amount: undefined, currency: 'JPY' });
    const [dollars, whole] = [payout, yen].map(({ headers }) => call(`GET ${headers.location}`));
    expect((await dollars)?.body.amount).toEqual(money('12.34'));
    expect((await whole)?.body.amount).toEqual(money('99', 'JPY'));
    expect((await account()).balances).toMatchObject([
      { currency: 'JPY', payable: money('0.9', 'JPY') },
      { currency: 'USD', payable: money('0.005678') },
    ]);
  });

  test('is one for a reference, and for an idempotency key, whatever happens to it', async () => {
    await earn(15_000_000);
    const first = await ask({ reference: 'r1' });
    expect((await ask({ reference: 'r1' })).body.id).toBe(first.body.id);
    const gateway = sender();
    await system.actors.pay(gateway);
    expect((await ask({ reference: 'r1' })).body).toMatchObject({ id: first.body.id, status: 'SUCCEEDED' });
    await earn(50_000_000);
    const keyed = await Promise.all([1, 2, 3].map(() => ask({}, { 'idempotency-key': 'k1' })));
    expect(new Set(keyed.map(({ body }) => body.id)).size).toBe(1);
    await system.actors.pay(gateway);
    expect(gateway.asked).toHaveLength(2);
    expect(await account()).toMatchObject({ balances: [{ paid: money('20.00') }] });
  });

  test('cannot be another one under its reference', async () => {
    await earn(50_000_000);
    await ask({ reference: 'r1' });
    for (const [more, field] of [
      [{ amount: money('11.00') }, 'amount'],
      [{ advance: true }, 'advance'],
      [{ destination: 'acct_2' }, 'destination'],
    ] as const) {
      const other = await ask({ reference: 'r1', ...more });
      expect([other.status, other.body.code, fieldsOf(other)[0]?.[0]]).toEqual([
        409,
        'already_exists',
        field,
      ]);
    }
  });

  test('is refused above what is payable, in words that say how much that is', async () => {
    expect(fieldsOf(await ask())[0]?.[1]).toContain('nothing is payable in USD');
    await earn(9_999_999);
    await earn(90_000_000, { hold: 2 * HOUR });
    const refused = await ask();
    expect(refused).toMatchObject({ status: 409, body: { code: 'failed_precondition' } });
    expect(refused.body.detail).toBe('9.99 USD is payable to ana, and 10.00 USD was asked for');
    expect(fieldsOf(refused)).toEqual([
      ['amount', 'must be at most 9.99 USD, what is payable now, or be asked for as an advance'],
    ]);
    expect(system.actors.orders).toEqual([]);
  });

  test('may exceed what is payable as an advance, and the next commissions make up for it', async () => {
    await earn(4_000_000);
    await ask({ advance: true });
    await system.actors.pay(sender());
    expect(await account()).toMatchObject({ balances: [{ payable: money('-6.00'), paid: money('10.00') }] });
    await earn(7_000_000);
    expect(await account()).toMatchObject({ balances: [{ payable: money('1.00') }] });
  });

  test('is refused below the minimum, and to a partner that is suspended', async () => {
    await earn(50_000_000);
    await call('PATCH /v1/partners/ana/account/terms', { minimums: [money('25')] });
    expect(fieldsOf(await ask())).toEqual([
      ['amount', "must be at least 25.00 USD, the minimum of the partner's payout terms"],
    ]);
    expect((await ask({ amount: money('25') })).status).toBe(201);
    const standing = { actorKind: 'account', actorId: 'ana', name: 'standing' } as const;
    await system.actors.tell({ ...standing, payload: { isSuspended: true } });
    expect(await ask({ amount: money('25') })).toMatchObject({ status: 409, body: { state: 'SUSPENDED' } });
  });

  test.each([
    [{ amount: money('10.5', 'JPY') }, 'amount.amount', 'no decimals'],
    [{ amount: money('10.505') }, 'amount.amount', 'at most 2 decimals'],
    [{ amount: money('1.005', 'KWD') }, 'amount.amount', 'at most 2 decimals'],
    [{ amount: money('0') }, 'amount.amount', 'more than zero'],
    [{ amount: money('1', 'XXX1') }, 'amount.currency', 'ISO 4217'],
    [{ amount: undefined }, 'amount', 'is required'],
    [{ amount: undefined, currency: 'USD', advance: true }, 'amount', 'is required for an advance'],
    [{ currency: 'EUR' }, 'currency', 'that of the amount, USD'],
    [{ reference: 'schedule-2026-11-22-USD' }, 'reference', 'must not begin with'],
    [{ reference: '\u0007' }, 'reference', 'control characters'],
    [{ partner_id: '' }, 'partner_id', 'must not be empty'],
    [{ destination: 'x'.repeat(129) }, 'destination', 'at most 128'],
  ])('with %j is refused for %s', async (more, field, text) => {
    await earn(50_000_000);
    const refused = await ask(more);
    expect(refused.status).toBe(400);
    const [[name, description] = []] = fieldsOf(refused);
    expect([name, description]).toEqual([field, expect.stringContaining(text)]);
  });

  test('that there is not is told', async () => {
    const missing = await call(`GET /v1/payouts/po_${'0'.repeat(32)}`);
    expect([missing.status, missing.body.code]).toEqual([404, 'not_found']);
    expect((await call('GET /v1/payouts/nothing')).status).toBe(400);
  });

  test('is listed, the newest first, as it is now', async () => {
    await earn(50_000_000);
    const { body } = await ask({ reference: 'r1' });
    const second = (await ask({ reference: 'r2' })).body;
    await system.actors.pay(sender());
    system.warehouse.payouts = [
      { payout_id: second.id, created_ms: String(NOW) },
      { payout_id: body.id, created_ms: String(NOW) },
    ];
    const page = await call('GET /v1/payouts?partner_id=ana&status=succeeded&page_size=1');
    expect(page.body.payouts).toMatchObject([{ id: second.id, status: 'SUCCEEDED' }]);
    expect(system.warehouse.asked).toMatchObject({ partner: 'ana', type: 'payout.succeeded', count: 2 });
    await call(
      `GET /v1/payouts?partner_id=ana&status=succeeded&page_size=1&page_token=${page.body.next_page_token}`,
    );
    expect(system.warehouse.asked).toMatchObject({ created: NOW, payout: second.id });
    expect((await call('GET /v1/payouts?status=LOST')).status).toBe(400);
  });
});

describe('an account', () => {
  test('is there for who has earned something, and for who is registered', async () => {
    expect((await call('GET /v1/partners/nobody/account')).status).toBe(404);
    await earn(1_000_000, { partner: 'Señor X/1' });
    const odd = await account(encodeURIComponent('Señor X/1'));
    expect(odd).toMatchObject({ partner_id: 'Señor X/1', balances: [{ assigned: money('1.00') }] });
    await call('POST /v1/partners', { partner_id: 'bea', name: 'Bea', kind: 'AFFILIATE' });
    expect(await account('bea')).toEqual({
      partner_id: 'bea',
      balances: [],
      terms: { schedule: 'NONE', minimums: [], suspended: false, etag: '1' },
    });
  });

  test('shows what is not paid, by campaign and release', async () => {
    await earn(1_000_000);
    await earn(2_000_000, { hold: 24 * HOUR });
    await ask({ amount: money('0.40'), reference: 'r1' });
    const { lots } = (await call('GET /v1/partners/ana/account/lots')).body;
    expect(lots).toMatchObject([
      { amount: money('0.60'), status: 'APPROVED' },
      { amount: money('0.40'), status: 'IN_TRANSIT', payout_id: expect.stringMatching(/^po_/) },
      { amount: money('2.00'), status: 'HELD', release_at: '2026-11-23T12:00:00.000Z' },
    ]);
  });

  test('has terms that are changed in parts, guarded by their etag', async () => {
    await earn(1_000_000);
    const terms = (patch: object, headers = {}) =>
      call('PATCH /v1/partners/ana/account/terms', patch, headers);
    const set = await terms({
      schedule: 'monthly',
      minimums: [money('50'), money('9', 'EUR')],
      destination: 'a1',
    });
    expect(set.body).toMatchObject({
      schedule: 'MONTHLY',
      minimums: [money('9.00', 'EUR'), money('50.00')],
      destination: 'a1',
      next_payout_at: '2026-12-01T00:00:00.000Z',
    });
    const changed = await terms({ destination: null }, { 'if-match': set.headers.etag });
    expect(changed.body.destination).toBeUndefined();
    expect(changed.body.minimums).toHaveLength(2);
    expect((await terms({ schedule: 'NONE' }, { 'if-match': set.headers.etag })).status).toBe(412);
    expect(await account()).toMatchObject({ terms: changed.body });
    const wrong = await terms({ schedule: 'HOURLY', minimums: [money('1'), money('2')] });
    expect(fieldsOf(wrong).map(([field]) => field)).toEqual(['schedule', 'minimums[1].currency']);
    expect((await call('PATCH /v1/partners/nobody/account/terms', {})).status).toBe(404);
  });

  test('shows what was posted, both sides of it', async () => {
    await earn(1_000_000);
    system.warehouse.postings = [
      {
        partition: 3,
        sequence: '77',
        posting: 1,
        recorded_ms: String(NOW),
        currency: 'USD',
        cause: 'reserved',
        from_account: 'payable',
        to_account: 'in_transit',
        amount_micros: '400000',
        campaign_id: 'summer',
        release_ms: String(NOW),
        payout_id: 'po_1',
        decision_id: '',
        source_partition: 5,
        source_sequence: '12',
      },
    ];
    const page = await call('GET /v1/partners/ana/ledger?cause=RESERVED&from=2026-11-01T00:00:00Z');
    expect(page.body.entries).toEqual([
      {
        id: '3-25-1',
        at: '2026-11-22T12:34:56.789Z',
        cause: 'reserved',
        from_account: 'payable',
        to_account: 'in_transit',
        amount: money('0.40'),
        campaign_id: 'summer',
        release_at: '2026-11-22T12:34:56.789Z',
        payout_id: 'po_1',
        source: { partition: 5, sequence: '12' },
      },
    ]);
    expect(system.warehouse.asked).toMatchObject({ partner: 'ana', cause: 'reserved', count: 51 });
    const wrong = await call('GET /v1/partners/ana/ledger?cause=LUCK&currency=AAA&from=yesterday');
    expect(fieldsOf(wrong).map(([field]) => field)).toEqual(['from', 'currency', 'cause']);
    expect((await call('GET /v1/partners/nobody/ledger')).status).toBe(404);
  });

  test('of a partner stands beside its other paths', async () => {
    await call('POST /v1/partners', { partner_id: 'ana', name: 'Ana', kind: 'AFFILIATE' });
    await call('POST /v1/campaigns', SUMMER);
    expect((await call('POST /v1/partners/ana:associate', { campaign_id: 'summer' })).status).toBe(200);
    expect((await call('GET /v1/partners/ana/campaigns')).status).toBe(200);
    expect((await call('GET /v1/partners/ana/account')).status).toBe(200);
  });
});
