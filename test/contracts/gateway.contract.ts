/** What every payment gateway must do: the sentences of `storage/gateway/port.ts`, as tests. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayNotice, TransferOrder } from '../../model/transfer.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import { waitFor } from '../support/wait.ts';

export interface GatewayEngine {
  /** An adapter; all that are opened stand before the same gateway. */
  open(): Gateway;
  /** What the gateway does to the next transfer that is asked for. */
  next(fault: 'decline' | 'no answer before' | 'no answer after'): void;
  /** Takes a transfer back, or a part of it. @param micros in all */
  reverse(payoutId: string, micros?: number): Promise<void>;
  /** What the gateway has told by itself, as the adapter reads it. */
  notices(): Promise<readonly GatewayNotice[]>;
  dispose(): Promise<void>;
}

export function order(overrides: Partial<TransferOrder> = {}): TransferOrder {
  return {
    payoutId: 'po_1',
    attempt: 1,
    partnerId: 'ana',
    amount: { micros: 12_500_000, currency: 'USD' },
    destination: 'acct_ana',
    reference: 'may',
    ...overrides,
  };
}

export function describeGatewayContract(name: string, makeEngine: () => Promise<GatewayEngine>): void {
  describe(`the payment gateway ${name}`, () => {
    let engine: GatewayEngine;
    let gateway: Gateway;

    beforeEach(async () => {
      engine = await makeEngine();
      gateway = engine.open();
    });
    afterEach(async () => {
      await gateway.close();
      await engine.dispose();
    });

    const transfers = (payoutId = 'po_1') => gateway.transfersOf(payoutId);

    test('sends what a payout asks for', async () => {
      const outcome = await gateway.transfer(order());
      expect(outcome).toEqual({ kind: 'succeeded', transferId: expect.any(String) });
      expect(await transfers()).toEqual([
        {
          payoutId: 'po_1',
          transferId: outcome.kind === 'succeeded' && outcome.transferId,
          partnerId: 'ana',
          amountMicros: 12_500_000,
          reversedMicros: 0,
          currency: 'USD',
          status: 'succeeded',
        },
      ]);
    });

    test('sends it once, however often and by whomever it is asked', async () => {
      const first = await gateway.transfer(order());
      const other = engine.open();
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect(await gateway.transfer(order({ attempt }))).toEqual(first);
        expect(await other.transfer(order({ attempt }))).toEqual(first);
      }
      await other.close();
      expect(await transfers()).toHaveLength(1);
    });

    test('sends it once to many that ask at the same time', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, index) => gateway.transfer(order({ attempt: index + 1 }))),
      );
      const [made] = await transfers();
      expect(await transfers()).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.kind !== 'unknown')
          expect(outcome).toEqual({ kind: 'succeeded', transferId: made?.transferId });
    });

    test('keeps payouts apart, of the same partner and amount too', async () => {
      await gateway.transfer(order());
      await gateway.transfer(order({ payoutId: 'po_2' }));
      expect(await transfers()).toHaveLength(1);
      expect(await transfers('po_2')).toHaveLength(1);
      expect(await transfers('po_3')).toEqual([]);
    });

    test('tells all that it has sent, however much that is', async () => {
      const payouts = Array.from({ length: 250 }, (_, index) => `po_${index}`);
      await Promise.all(payouts.map((payoutId) => gateway.transfer(order({ payoutId }))));
      const sent: string[] = [];
      for await (const { payoutId } of gateway.transfers()) sent.push(payoutId);
      expect(sent.sort()).toEqual(payouts.sort());
    });

    test('knows no outcome without an answer, and may be asked again when it has done nothing', async () => {
      engine.next('no answer before');
      expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
      expect(await transfers()).toEqual([]);
      expect(await gateway.transfer(order({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
      expect(await transfers()).toHaveLength(1);
    });

    test('knows no outcome without an answer, and may be asked again when it has done all', async () => {
      engine.next('no answer after');
      expect(await gateway.transfer(order())).toMatchObject({ kind: 'unknown' });
      const [made] = await transfers();
      expect(made).toBeDefined();
      expect(await gateway.transfer(order({ attempt: 2 }))).toEqual({
        kind: 'succeeded',
        transferId: made?.transferId,
      });
      expect(await transfers()).toHaveLength(1);
    });

    test('declines with a code, and again when asked again', async () => {
      engine.next('decline');
      const declined = await gateway.transfer(order());
      expect(declined).toMatchObject({ kind: 'declined', code: expect.stringMatching(/./) });
      expect(await gateway.transfer(order({ attempt: 2 }))).toEqual(declined);
      expect((await transfers()).filter(({ status }) => status !== 'failed')).toEqual([]);
    });

    test('does not take another amount under the same payout', async () => {
      await gateway.transfer(order());
      const other = order({ attempt: 2, amount: { micros: 99_000_000, currency: 'USD' } });
      expect(await gateway.transfer(other)).toMatchObject({ kind: 'unknown' });
      expect(await transfers()).toMatchObject([{ amountMicros: 12_500_000 }]);
    });

    test('tells by itself that it has sent something, and what of it has come back', async () => {
      const outcome = await gateway.transfer(order());
      if (outcome.kind !== 'succeeded') throw new Error(outcome.kind);
      const about = { payoutId: 'po_1', transferId: outcome.transferId };
      await waitFor('a notice', async () => (await engine.notices()).length === 1);
      expect(await engine.notices()).toEqual([{ ...about, kind: 'succeeded' }]);
      await engine.reverse('po_1', 2_500_000);
      await engine.reverse('po_1');
      expect((await engine.notices()).slice(1)).toMatchObject([
        { ...about, kind: 'reversed', reversedMicros: 2_500_000 },
        { ...about, kind: 'reversed', reversedMicros: 12_500_000 },
      ]);
      expect(await transfers()).toMatchObject([{ status: 'reversed', reversedMicros: 12_500_000 }]);
    });

    test('takes no notice that it has not signed', () => {
      const body = Buffer.from('{"type":"transfer.created"}');
      for (const signature of [undefined, '', 't=1,v1=00'])
        expect(() => gateway.notice(body, signature)).toThrow(
          expect.objectContaining({ failure: expect.objectContaining({ code: 'permission_denied' }) }),
        );
    });
  });
}
