import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { commissionStatus } from '../../model/account.ts';
import { NOON } from '../test-support.ts';
import { DAY, HOUR, TestAccount } from './test-account.ts';

describe('commissions', () => {
  it('without a hold are payable at once', async () => {
    const account = (await TestAccount.create()).earn(1_500_000);
    expect(account.balance()).toMatchObject({
      assignedMicros: 1_500_000n,
      heldMicros: 0n,
      payableMicros: 1_500_000n,
      balanceMicros: 1_500_000n,
    });
    expect(account.events.map(({ type }) => type)).toEqual(['commission.assigned', 'commission.approved']);
  });

  it('are held until their release, by record time', async () => {
    const account = (await TestAccount.create()).earn(1_000_000, 2);
    expect(account.balance()).toMatchObject({ heldMicros: 1_000_000n, payableMicros: 0n });
    account.advance(2 * HOUR - 1);
    expect(account.balance().heldMicros).toBe(1_000_000n);
    account.advance(1);
    expect(account.balance()).toMatchObject({ heldMicros: 0n, payableMicros: 1_000_000n });
    expect(account.eventsOf('commission.approved')).toEqual([
      {
        campaign_id: 'c1',
        amount: { amount: '1.00', currency: 'USD' },
        release_at: new Date(NOON + 2 * HOUR).toISOString(),
      },
    ]);
  });

  it('of each currency are kept apart', async () => {
    const account = (await TestAccount.create()).earn(100).earn(7_000_000, 0, 'c2', 'JPY');
    expect(account.view.balances.map(({ currency, payableMicros }) => [currency, payableMicros])).toEqual([
      ['JPY', 7_000_000n],
      ['USD', 100n],
    ]);
  });

  it('are known to come from where they came', async () => {
    const account = (await TestAccount.create()).earn(100);
    expect(account.entries[0]).toEqual({
      currency: 'USD',
      account: 'commissions',
      micros: -100n,
      cause: 'assigned',
      campaignId: 'c1',
      releaseAt: NOON,
      payoutId: '',
      decisionId: '',
      source: 10,
    });
    expect(account.entries.map(({ account: name, micros }) => [name, micros])).toEqual([
      ['commissions', -100n],
      ['held', 100n],
      ['held', -100n],
      ['payable', 100n],
    ]);
  });

  it('are never refused, however many campaigns they come from: those beyond the bound are kept together', async () => {
    const account = await TestAccount.create();
    for (let i = 0; i < limits.campaignsPerAccount + 10; i++) account.earn(10, 1, `c${i}`);
    expect(account.balance().heldMicros).toBe(BigInt(10 * limits.campaignsPerAccount + 100));
    expect(account.lots.find(({ campaignId }) => campaignId === '(others)')?.micros).toBe(100n);
    expect(account.entries.filter(({ campaignId }) => campaignId === '(others)')).toEqual([]);
  });
});

describe('a reversal', () => {
  it('takes from what is held', async () => {
    const account = (await TestAccount.create()).earn(1_000, 5).refund(400, NOON + 5 * HOUR);
    expect(account.balance()).toMatchObject({ heldMicros: 600n, payableMicros: 0n, reversedMicros: 400n });
    expect(account.lots).toMatchObject([{ micros: 600n, status: 'HELD' }]);
  });

  it('takes from what is payable once it is released', async () => {
    const account = (await TestAccount.create())
      .earn(1_000, 1)
      .advance(HOUR)
      .refund(400, NOON + HOUR);
    expect(account.balance()).toMatchObject({ heldMicros: 0n, payableMicros: 600n });
    expect(account.lots).toMatchObject([{ micros: 600n, status: 'APPROVED' }]);
  });

  it('after payment leaves a negative balance, which the next commissions make up for', async () => {
    const account = (await TestAccount.create()).earn(1_000_000);
    account.reserve('po_1');
    account.settle('po_1', true).refund(1_000_000, NOON);
    expect(account.balance()).toMatchObject({ payableMicros: -1_000_000n, balanceMicros: -1_000_000n });
    expect(account.eventsOf('commission.reversed')).toMatchObject([{ owed: { amount: '1.00' } }]);
    account.advance(HOUR).earn(1_500_000);
    expect(account.balance().payableMicros).toBe(500_000n);
    expect(account.eventsOf('commission.paid').at(-1)).toMatchObject({
      amount: { amount: '1.00' },
      set_off: true,
    });
    expect(account.reserve('po_2').payload).toMatchObject({
      micros: '500000',
      lots: [{ campaignId: 'c1', releaseAt: NOON + HOUR, micros: '500000' }],
    });
  });

  it('while a payout is under way is owed if it succeeds, and not paid twice if it fails', async () => {
    for (const isPaid of [true, false]) {
      const account = (await TestAccount.create()).earn(1_000_000);
      account.reserve('po_1');
      account.refund(300_000, NOON).settle('po_1', isPaid);
      expect(account.balance()).toMatchObject({
        payableMicros: isPaid ? -300_000n : 700_000n,
        paidMicros: isPaid ? 1_000_000n : 0n,
        inTransitMicros: 0n,
        balanceMicros: isPaid ? -300_000n : 700_000n,
      });
    }
  });
});

describe('a payout', () => {
  it('of all that is payable is a whole number of minor units; the rest stays', async () => {
    const account = (await TestAccount.create()).earn(12_345_678).earn(3_900_000, 0, 'c2', 'JPY');
    expect(account.reserve('po_1')).toMatchObject({
      name: 'reserved',
      actorId: 'po_1',
      payload: { micros: '12340000' },
    });
    expect(account.balance()).toMatchObject({ payableMicros: 5_678n, inTransitMicros: 12_340_000n });
    expect(account.reserve('po_2', undefined, false, 'JPY').payload).toMatchObject({ micros: '3000000' });
  });

  it('is paid from the earliest release on', async () => {
    const account = (await TestAccount.create())
      .earn(1_000_000, 2, 'late')
      .earn(2_000_000, 1, 'early')
      .advance(2 * HOUR);
    expect(account.reserve('po_1', 2_500_000).payload).toEqual({
      micros: '2500000',
      lots: [
        { campaignId: 'early', releaseAt: NOON + HOUR, micros: '2000000' },
        { campaignId: 'late', releaseAt: NOON + 2 * HOUR, micros: '500000' },
      ],
    });
  });

  it('that fails gives its lots back at their old place', async () => {
    const account = (await TestAccount.create())
      .earn(1_000_000, 1)
      .earn(2_000_000, 2)
      .advance(2 * HOUR);
    const before = account.lots;
    account.reserve('po_1', 1_500_000);
    account.advance(HOUR).earn(5_000_000).settle('po_1', false);
    expect(account.lots.slice(0, 2)).toEqual(before);
    expect(account.balance()).toMatchObject({ payableMicros: 8_000_000n, inTransitMicros: 0n });
    expect(account.entries.filter(({ cause }) => cause === 'returned')).toHaveLength(4);
  });

  it('is refused where there is not so much, unless it is an advance', async () => {
    const account = (await TestAccount.create()).earn(1_000_000);
    expect(account.reserve('po_1', 1_010_000)).toMatchObject({
      name: 'refused',
      payload: { code: 'insufficient_balance', message: '1.00 USD is payable' },
    });
    expect(account.reserve('po_2', 1_010_000, true)).toMatchObject({ name: 'reserved' });
    expect(account.balance()).toMatchObject({ payableMicros: -10_000n, inTransitMicros: 1_010_000n });
    expect(account.reserve('po_3')).toMatchObject({ name: 'refused' });
  });

  it('in advance is made up for by the next commissions, also while it is under way', async () => {
    for (const isPaid of [true, false]) {
      const account = await TestAccount.create();
      account.reserve('po_1', 3_000_000, true);
      account.earn(1_000_000);
      expect(account.balance().payableMicros).toBe(-2_000_000n);
      account.settle('po_1', isPaid);
      expect(account.balance().payableMicros).toBe(isPaid ? -2_000_000n : 1_000_000n);
      account.earn(2_500_000);
      expect(account.balance().payableMicros).toBe(isPaid ? 500_000n : 3_500_000n);
    }
  });

  it('is refused below the minimum, and to a partner that is suspended', async () => {
    const account = (await TestAccount.create()).earn(1_000_000);
    account.setTerms({ minimums: [{ micros: 2_000_000, currency: 'USD' }] });
    expect(account.reserve('po_1').payload).toEqual({
      code: 'below_minimum',
      message: '1.00 USD is less than 2.00 USD, the minimum',
    });
    account.earn(1_000_000).tell('standing', { isSuspended: true });
    expect(account.reserve('po_2').payload).toMatchObject({ code: 'suspended' });
    account.tell('standing', { isSuspended: false });
    expect(account.reserve('po_3')).toMatchObject({ name: 'reserved' });
  });

  it('is refused where too many are under way', async () => {
    const account = (await TestAccount.create()).earn(1_000_000_000);
    for (let i = 0; i < limits.openPayouts; i++) account.reserve(`po_${i}`, 10_000);
    expect(account.reserve('po_more', 10_000).payload).toMatchObject({ code: 'too_many_payouts' });
    account.settle('po_0', true);
    expect(account.reserve('po_more', 10_000)).toMatchObject({ name: 'reserved' });
  });

  it('that asks or settles twice changes nothing the second time', async () => {
    const account = (await TestAccount.create()).earn(5_000_000);
    const first = account.reserve('po_1', 2_000_000);
    expect(account.reserve('po_1', 2_000_000)).toEqual(first);
    account.settle('po_1', true);
    const { balances } = account.view;
    account.settle('po_1', true).settle('po_1', false);
    expect(account.view.balances).toEqual(balances);
  });

  it('that has come back is payable again', async () => {
    const account = (await TestAccount.create()).earn(2_000_000);
    account.reserve('po_1', 3_000_000, true);
    const lots = [{ campaignId: 'c1', releaseAt: NOON, micros: '2000000' }];
    account.settle('po_1', true);
    expect(account.balance()).toMatchObject({ payableMicros: -1_000_000n, paidMicros: 3_000_000n });
    account.tell('returned', { payoutId: 'po_1', currency: 'USD', micros: '3000000', lots });
    expect(account.balance()).toMatchObject({ payableMicros: 2_000_000n, paidMicros: 0n });
    expect(account.reserve('po_2').payload).toMatchObject({ lots });
    expect(() =>
      account.tell('returned', { payoutId: 'po_1', currency: 'USD', micros: '3000000', lots }),
    ).toThrow('never paid');
  });

  it('tells of which campaigns it has paid commissions', async () => {
    const account = (await TestAccount.create())
      .earn(1_000_000, 1)
      .earn(2_000_000, 2)
      .earn(4_000_000, 2, 'c2')
      .advance(2 * HOUR);
    account.reserve('po_1', 7_000_000);
    account.settle('po_1', true);
    expect(account.eventsOf('commission.paid')).toEqual([
      {
        campaign_id: 'c1',
        amount: { amount: '3.00', currency: 'USD' },
        release_at: new Date(NOON + 2 * HOUR).toISOString(),
        payout_id: 'po_1',
      },
      expect.objectContaining({ campaign_id: 'c2', amount: { amount: '4.00', currency: 'USD' } }),
    ]);
  });
});

describe('what has become of a commission', () => {
  it('is known by its release', async () => {
    const account = (await TestAccount.create()).earn(1_000_000, 1).earn(1_000_000, 2).earn(1_000_000, 3);
    account.advance(2 * HOUR);
    account.reserve('po_1', 1_000_000);
    const status = (hours: number): string =>
      commissionStatus(account.balance(), 'c1', NOON + hours * HOUR, account.time);
    expect([1, 2, 3].map(status)).toEqual(['APPROVED', 'APPROVED', 'HELD']);
    account.settle('po_1', true);
    expect([1, 2, 3].map(status)).toEqual(['PAID', 'APPROVED', 'HELD']);
  });

  it('is not paid before all of its release is', async () => {
    const account = (await TestAccount.create()).earn(1_000_000);
    account.reserve('po_1');
    account.settle('po_1', true);
    expect(account.balance().paidUpTo).toEqual({ c1: NOON });
    account.earn(500_000);
    expect(account.balance().paidUpTo).toEqual({ c1: NOON - 1 });
    account.reserve('po_2');
    account.settle('po_2', true);
    expect(account.balance().paidUpTo).toEqual({ c1: NOON });
  });
});

describe('payout terms', () => {
  it('are changed under their etag', async () => {
    const account = await TestAccount.create();
    expect(account.setTerms({ schedule: 'WEEKLY', destination: 'acct_1' })).toMatchObject({
      view: { etag: '2', terms: { schedule: 'WEEKLY', destination: 'acct_1' } },
    });
    expect(account.do('set_terms', { schedule: 'NONE', minimums: [] }, { etag: '1' })).toMatchObject({
      failure: { code: 'aborted' },
    });
    const again = account.setTerms({ schedule: 'WEEKLY', destination: 'acct_1' });
    expect(again).toMatchObject({ view: { etag: '2' } });
  });

  it('make payouts open by themselves, after what is released then', async () => {
    const account = (await TestAccount.create()).earn(1_005_000, 12).earn(2_000_000, 0, 'c2', 'EUR');
    account.setTerms({ schedule: 'DAILY', destination: 'acct_1' });
    account.advance(12 * HOUR);
    expect(account.messages).toMatchObject([
      {
        actorKind: 'payout',
        name: 'open',
        payload: { currency: 'EUR', micros: '2000000', reference: 'schedule-2026-06-02-EUR' },
      },
      {
        name: 'open',
        payload: {
          partnerId: 'p1',
          currency: 'USD',
          micros: '1000000',
          reference: 'schedule-2026-06-02-USD',
          destination: 'acct_1',
          lots: [{ campaignId: 'c1', releaseAt: NOON + 12 * HOUR, micros: '1000000' }],
        },
      },
    ]);
    account.advance(DAY);
    expect(account.messages).toHaveLength(2);
  });

  it('pay once where several payouts were due, for nothing came', async () => {
    const account = (await TestAccount.create()).earn(1_000_000);
    account.setTerms({ schedule: 'WEEKLY' });
    account.advance(20 * DAY);
    expect(account.messages.map(({ payload }) => (payload as { reference: string }).reference)).toEqual([
      'schedule-2026-06-15-USD',
    ]);
    expect(account.view.nextPayoutAt).toBe(Date.UTC(2026, 5, 22));
  });

  it('pay nothing below the minimum, nor to a partner that is suspended', async () => {
    const account = (await TestAccount.create()).earn(1_000_000);
    account.setTerms({ schedule: 'MONTHLY', minimums: [{ micros: 1_500_000, currency: 'USD' }] });
    account
      .advance(30 * DAY)
      .earn(1_000_000)
      .tell('standing', { isSuspended: true })
      .advance(31 * DAY);
    expect(account.messages).toEqual([]);
    account.tell('standing', { isSuspended: false }).advance(31 * DAY);
    expect(account.messages).toHaveLength(1);
  });
});
