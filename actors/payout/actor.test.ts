import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { TransferOutcome } from '../../model/transfer.ts';
import { NOON } from '../test-support.ts';
import { pauseAfter } from './retry.ts';
import { PAYOUT_ID, payoutRequest, RESERVED, TestPayout } from './test-payout.ts';

const SENT: TransferOutcome = { kind: 'succeeded', transferId: 'tr_1' };
const UNKNOWN: TransferOutcome = { kind: 'unknown', message: 'no answer' };
const DECLINED: TransferOutcome = { kind: 'declined', code: 'balance_insufficient', message: 'no funds' };
const ACCEPTED: TransferOutcome = { kind: 'accepted', transferId: 'tr_1' };
const types = (payout: TestPayout) => payout.events.map(({ type }) => type);

describe('a payout', () => {
  it('asks its account for the money first', async () => {
    const payout = await TestPayout.requested();
    expect(payout.view).toMatchObject({
      payoutId: PAYOUT_ID,
      status: 'PENDING',
      amount: { micros: 12_500_000, currency: 'USD' },
      attempts: 0,
      requestedBy: 'tester',
    });
    expect(payout.messages).toEqual([
      {
        actorKind: 'account',
        actorId: 'ana',
        name: 'reserve',
        payload: { payoutId: PAYOUT_ID, currency: 'USD', micros: '12500000', isAdvance: false },
      },
    ]);
    expect(payout.orders).toEqual([]);
  });

  it('asks the gateway for it when it is set aside', async () => {
    const payout = await TestPayout.processing();
    expect(payout.view).toMatchObject({ status: 'PROCESSING', attempts: 1, destination: 'acct_ana' });
    expect(payout.view.lots.map(({ amount }) => amount.micros)).toEqual([10_000_000, 2_500_000]);
    expect(payout.orders).toEqual([
      {
        payoutId: PAYOUT_ID,
        attempt: 1,
        partnerId: 'ana',
        amount: { micros: 12_500_000, currency: 'USD' },
        destination: 'acct_ana',
        reference: 'may',
      },
    ]);
    expect(payout.actor.dueAt()).toBeUndefined();
  });

  it('is paid when the gateway says so, and tells its account', async () => {
    const payout = await TestPayout.processing();
    payout.report(SENT);
    expect(payout.view).toMatchObject({ status: 'SUCCEEDED', transferId: 'tr_1' });
    expect(payout.told).toEqual(['reserve', 'settle paid']);
    expect(types(payout)).toEqual(['payout.pending', 'payout.processing', 'payout.succeeded']);
    expect(payout.steps).toEqual(['requested', 'reserved', 'attempted', 'succeeded']);
    expect(payout.events.at(-1)?.data).toEqual({
      payout_id: PAYOUT_ID,
      partner_id: 'ana',
      reference: 'may',
      status: 'SUCCEEDED',
      currency: 'USD',
      amount: { amount: '12.50', currency: 'USD' },
      is_advance: false,
      destination: 'acct_ana',
      attempts: 1,
      transfer_id: 'tr_1',
      requested_by: 'tester',
      created_at: new Date(NOON).toISOString(),
    });
  });

  it('fails when its account refuses, with nothing to give back', async () => {
    const payout = await TestPayout.requested();
    payout.receive('refused', { code: 'insufficient_balance', message: '3.00 USD is payable' });
    expect(payout.view).toMatchObject({
      status: 'FAILED',
      failure: { code: 'insufficient_balance', message: '3.00 USD is payable' },
    });
    expect(payout.told).toEqual(['reserve']);
    expect(payout.orders).toEqual([]);
  });

  it('gives the money back when the gateway declines', async () => {
    const payout = await TestPayout.processing();
    payout.report(DECLINED);
    expect(payout.view).toMatchObject({ status: 'FAILED', failure: { code: 'balance_insufficient' } });
    expect(payout.told).toEqual(['reserve', 'settle unpaid']);
    expect(payout.steps.slice(-2)).toEqual(['declined', 'released']);
    expect(types(payout).at(-1)).toBe('payout.failed');
  });

  it('takes all that is payable where no amount was asked for', async () => {
    const { micros: _, ...all } = payoutRequest();
    const payout = await TestPayout.create();
    payout.do('request', all);
    expect(payout.messages[0]?.payload).toEqual({ payoutId: PAYOUT_ID, currency: 'USD', isAdvance: false });
    expect(payout.view.amount.micros).toBe(0);
    payout.receive('reserved', RESERVED);
    expect(payout.view.amount.micros).toBe(12_500_000);
  });

  it('goes where the request says rather than where the partner’s terms do', async () => {
    const payout = await TestPayout.processing({ destination: 'acct_other' });
    expect(payout.orders[0]?.destination).toBe('acct_other');
  });

  it('is opened by a schedule with its money set aside', async () => {
    const payout = await TestPayout.create();
    const open = { ...RESERVED, partnerId: 'ana', currency: 'USD', reference: 'may' };
    payout.receive('open', open);
    payout.receive('open', open);
    expect(payout.view).toMatchObject({ status: 'PROCESSING', attempts: 1, requestedBy: 'system' });
    expect(payout.orders).toHaveLength(1);
    expect(payout.told).toEqual([]);
    payout.report(SENT);
    expect(payout.told).toEqual(['settle paid']);
  });
});

describe('a payout that is asked for again', () => {
  it('is the same one, and answers what has become of it', async () => {
    const payout = await TestPayout.processing();
    payout.report(SENT);
    for (let i = 0; i < 1_000; i++)
      expect(payout.do('request', payoutRequest())).toMatchObject({
        ok: true,
        view: { status: 'SUCCEEDED', etag: payout.view.etag },
      });
    expect(payout.orders).toHaveLength(1);
    expect(payout.told).toEqual(['reserve', 'settle paid']);
  });

  it.each([
    [{ micros: 13_000_000 }, 'amount', 'was 12.50 USD when it was asked for, and is 13.00 USD now'],
    [{ currency: 'EUR' }, 'amount', 'was 12.50 USD when it was asked for, and is 12.50 EUR now'],
    [{ isAdvance: true }, 'is_advance', 'was false when it was asked for, and is true now'],
    [{ destination: 'x' }, 'destination', 'was not given when it was asked for, and is x now'],
  ])('is refused as another one with %j', async (other, field, description) => {
    const payout = await TestPayout.requested();
    expect(payout.do('request', payoutRequest(other))).toMatchObject({
      failure: { code: 'already_exists', payoutId: PAYOUT_ID, violations: [{ field, description }] },
    });
  });

  it.each([
    ['amount.currency', { currency: 'XYZ' }],
    ['amount', { micros: 12_505_000 }],
    ['amount', { micros: 0 }],
    ['amount', { micros: 1.5 }],
    ['amount', { micros: undefined, isAdvance: true }],
    ['reference', { reference: '' }],
    ['reference', { reference: 'schedule-2026-11-22-USD' }],
    ['destination', { destination: '' }],
    ['payout_id', { partnerId: 'bea' }],
  ])('must have a proper %s', async (field, wrong) => {
    const payout = await TestPayout.create();
    const answer = payout.do('request', payoutRequest(wrong as object));
    if (answer.ok) throw new Error('it was taken');
    expect(answer.failure.violations?.map((violation) => violation.field)).toContain(field);
    expect(payout.actor.exists).toBe(false);
    expect(payout.messages).toEqual([]);
  });

  it('is not there before it is asked for', async () => {
    const payout = await TestPayout.create();
    expect(payout.report(SENT, 1)).toMatchObject({ failure: { code: 'not_found', payoutId: PAYOUT_ID } });
    expect(payout.do('pay', {})).toMatchObject({ failure: { code: 'invalid_argument' } });
    expect(() => payout.receive('reserved', RESERVED)).toThrow('there is no payout');
  });
});

describe('a gateway that does not answer', () => {
  it('is asked again for the same, after longer and longer pauses, and in the end for ever', async () => {
    const payout = await TestPayout.processing();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 30; attempt++) {
      const { time } = payout;
      payout.report(UNKNOWN);
      expect(payout.view.nextAttemptAt).toBe(payout.actor.dueAt());
      payout.wake();
      pauses.push(payout.time - time);
    }
    expect(pauses[0]).toBeLessThanOrEqual(limits.payoutRetryMs);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(limits.payoutLongestRetryMs);
    expect(Math.min(...pauses.slice(-5))).toBeGreaterThanOrEqual(limits.payoutLongestRetryMs / 2);
    const [first, ...others] = payout.orders;
    expect(others.map(({ attempt: _, ...order }) => order)).toEqual(
      others.map(() => ({ ...first, attempt: undefined })).map(({ attempt: _, ...order }) => order),
    );
    expect(payout.view).toMatchObject({ status: 'PROCESSING', attempts: 31 });
    payout.report(SENT);
    expect(payout.view.status).toBe('SUCCEEDED');
  });

  it('is not asked by all payouts at the same time', () => {
    const pauses = Array.from({ length: 100 }, (_, index) => pauseAfter(`po_${index}`, 5));
    expect(new Set(pauses).size).toBeGreaterThan(90);
    expect(pauseAfter('po_1', 5)).toBe(pauseAfter('po_1', 5));
  });

  it('leaves the first and the latest steps to be seen', async () => {
    const payout = await TestPayout.processing();
    for (let attempt = 1; attempt <= 100; attempt++) {
      payout.report({ kind: 'unknown', message: 'x'.repeat(10_000) });
      payout.wake();
    }
    expect(payout.steps).toHaveLength(limits.payoutSteps);
    expect(payout.steps.slice(0, 4)).toEqual(['requested', 'reserved', 'attempted', 'unanswered']);
    expect(payout.view.steps.at(-1)).toMatchObject({ step: 'attempted', detail: 'attempt 101' });
    for (const { detail = '' } of payout.view.steps)
      expect(detail.length).toBeLessThanOrEqual(limits.gatewayMessageLength);
  });

  it('that said it would tell is asked when it has not told for long', async () => {
    const payout = await TestPayout.processing();
    payout.report(ACCEPTED);
    expect(payout.actor.dueAt()).toBe(NOON + limits.payoutAcceptedMs);
    payout.wake();
    expect(payout.orders.map(({ attempt }) => attempt)).toEqual([1, 2]);
    payout.report(SENT);
    expect(payout.view.status).toBe('SUCCEEDED');
  });

  it('that says no to an attempt that is not awaited any more is not heard', async () => {
    const payout = await TestPayout.processing();
    payout.report(UNKNOWN);
    payout.report(DECLINED, 1);
    payout.wake();
    payout.report(DECLINED, 1);
    expect(payout.view.status).toBe('PROCESSING');
    expect(payout.report(DECLINED, 3)).toMatchObject({ failure: { code: 'failed_precondition' } });
  });

  it('that says yes is heard, whichever attempt it speaks of', async () => {
    const payout = await TestPayout.processing();
    payout.report(UNKNOWN);
    payout.wake();
    payout.report(SENT, 1);
    expect(payout.view.status).toBe('SUCCEEDED');
    payout.report(UNKNOWN, 2);
    expect(payout.actor.dueAt()).toBeUndefined();
    expect(payout.told).toEqual(['reserve', 'settle paid']);
  });
});

describe('what a gateway tells by itself', () => {
  it('counts before its answer, and once', async () => {
    const payout = await TestPayout.processing();
    for (let i = 0; i < 3; i++) payout.notice('succeeded');
    payout.report(SENT);
    expect(payout.view.status).toBe('SUCCEEDED');
    expect(payout.told).toEqual(['reserve', 'settle paid']);
  });

  it('ends a payout that has failed', async () => {
    const payout = await TestPayout.processing();
    payout.report(ACCEPTED);
    for (let i = 0; i < 2; i++) payout.notice('failed', { message: 'account closed' });
    expect(payout.view).toMatchObject({
      status: 'FAILED',
      failure: { code: 'failed', message: 'account closed' },
    });
    expect(payout.told).toEqual(['reserve', 'settle unpaid']);
  });

  it('gives the money back, once, when all of what was sent has come back', async () => {
    const payout = await TestPayout.processing();
    payout.report(SENT);
    payout.notice('reversed', { reversedMicros: 2_500_000 });
    expect(payout.view).toMatchObject({ status: 'SUCCEEDED', reversed: { micros: 2_500_000 } });
    for (let i = 0; i < 2; i++) payout.notice('reversed', { reversedMicros: 12_500_000 });
    payout.notice('reversed', { reversedMicros: 2_500_000 });
    payout.notice('succeeded');
    expect(payout.view).toMatchObject({ status: 'FAILED', failure: { code: 'reversed' } });
    expect(payout.told).toEqual(['reserve', 'settle paid', 'returned']);
    expect(payout.messages.at(-1)).toMatchObject({
      actorKind: 'account',
      actorId: 'ana',
      payload: { currency: 'USD', ...{ micros: RESERVED.micros, lots: RESERVED.lots } },
    });
    expect(types(payout).at(-1)).toBe('payout.failed');
  });

  it('of a return tells that the money was sent, where that came later', async () => {
    const payout = await TestPayout.processing();
    payout.notice('reversed');
    payout.notice('succeeded');
    payout.report(SENT);
    expect(payout.view.status).toBe('FAILED');
    expect(payout.told).toEqual(['reserve', 'settle paid', 'returned']);
    expect(payout.steps).not.toContain('contradicted');
  });

  it('is noted for people, once, where it contradicts what it told before', async () => {
    const payout = await TestPayout.processing();
    payout.report(DECLINED);
    for (let i = 0; i < 3; i++) payout.notice('succeeded');
    expect(payout.view.status).toBe('FAILED');
    expect(payout.steps.filter((step) => step === 'contradicted')).toHaveLength(1);
    const other = await TestPayout.processing();
    other.report(SENT);
    other.notice('succeeded', { transferId: 'tr_2' });
    other.notice('failed');
    expect(other.view.status).toBe('SUCCEEDED');
    expect(other.steps.filter((step) => step === 'contradicted')).toHaveLength(2);
  });

  it('is refused of a payout that never asked', async () => {
    const payout = await TestPayout.requested();
    expect(payout.notice('succeeded')).toMatchObject({
      failure: { code: 'failed_precondition', state: 'PENDING' },
    });
  });
});
