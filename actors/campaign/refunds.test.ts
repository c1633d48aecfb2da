import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RefundReceipt } from '../../model/commissions.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { HOUR } from './test-campaign.ts';
import { KeptCampaign } from './test-documents.ts';

const usd = (micros: number) => ({ micros, currency: 'USD' });
const TERMS = {
  budgetTotal: usd(60_000),
  budgetDaily: usd(30_000),
  cost: { model: 'REVENUE_SHARE', sharePpm: 300_000 },
  commission: { model: 'PERCENTAGE', sharePpm: 123_457, refundsBudget: true },
  attribution: { model: 'LINEAR', halfLifeMs: HOUR, viewWindowMs: 0, minimumMs: 0 },
} as const;

/** A visitor may have clicked for several partners, and for nobody. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ clicks: fc.nat(4), visitor: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({ buys: fc.nat(30), visitor: fc.nat(3), valueMicros: fc.nat(20_000) }),
  },
  { weight: 3, arbitrary: fc.record({ refunds: fc.nat(30) }) },
  fc.record({ hours: fc.nat(40) }),
  fc.record({ life: fc.constantFrom('close', 'restart' as const) }),
);

/** What the accounts of partners have come to. */
function balancesOf({ told }: KeptCampaign): Map<string, bigint> {
  const balances = new Map<string, bigint>();
  const add = (key: string, micros: bigint): void =>
    void balances.set(key, (balances.get(key) ?? 0n) + micros);
  for (const { partnerId, assigned, reversed } of told) {
    for (const { releaseAt, micros } of assigned) add(`${partnerId} ${releaseAt}`, BigInt(micros));
    for (const { releaseAt, micros } of reversed) add(`${partnerId} ${releaseAt}`, -BigInt(micros));
  }
  return balances;
}

it('figures are the sums over what is left, accounts never lose what was not earned, and refunds happen once', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const kept = await KeptCampaign.start(TERMS);
      kept.close();
      /** Of the conversions that count: what they were worth. */
      const worth = new Map<string, number>();
      const refunded = new Set<string>();
      const receipts: RefundReceipt[] = [];
      let event = 0;
      for (const one of steps) {
        if ('clicks' in one)
          kept.decide({
            eventId: `event ${event++}`,
            occurredAt: kept.time,
            userId: `user ${one.visitor}`,
            ...(one.clicks > 0 && { partnerId: `p${one.clicks}` }),
          });
        else if ('buys' in one) {
          const [reason] = kept.decide({
            eventId: `event ${event++}`,
            type: EventType.conversion,
            occurredAt: kept.time,
            transactionId: String(one.buys),
            userId: `user ${one.visitor}`,
            valueMicros: one.valueMicros,
            currency: 'USD',
          });
          if (reason === REASONS.accepted) worth.set(String(one.buys), one.valueMicros);
        } else if ('refunds' in one) {
          const transactionId = String(one.refunds);
          const isLeft = worth.has(transactionId) && !refunded.has(transactionId);
          const answer = await kept.refund({ transactionId });
          expect(answer.ok).toBe(isLeft);
          if (!answer.ok) continue;
          refunded.add(transactionId);
          receipts.push(answer.view as RefundReceipt);
        } else if ('hours' in one) kept.time += one.hours * HOUR;
        else {
          kept.close();
          if (one.life === 'restart') await kept.restart();
        }
      }
      kept.close();
      const left = [...worth].flatMap(([id, micros]) => (refunded.has(id) ? [] : micros));
      const spend = left.map((micros) => Math.floor((micros * 300_000) / 1_000_000));
      const sum = (micros: readonly number[]): bigint => BigInt(micros.reduce((a, b) => a + b, 0));
      const balances = balancesOf(kept);
      const metrics = kept.actor.query('metrics', kept.time);
      expect(metrics).toMatchObject({
        conversions: worth.size,
        revenueMicros: sum(left),
        spendMicros: sum(spend),
        commissionMicros: [...balances.values()].reduce((a, b) => a + b, 0n),
      });
      for (const balance of balances.values()) expect(balance >= 0n).toBe(true);
      const reversed = kept.told.flatMap((told) => told.reversed);
      expect(sum(reversed.map(({ micros }) => Number(micros)))).toBe(
        sum(receipts.map(({ commissionMicros }) => commissionMicros)),
      );
      const budget = kept.actor.query('budget', kept.time);
      expect(budget?.days.reduce((all, [, micros]) => all + micros, 0)).toBe(Number(metrics?.spendMicros));
      if (refunded.size === worth.size) expect(metrics).toMatchObject({ commissionMicros: 0n });
    }),
    { numRuns: 300 },
  ));

it('a campaign that is restored between any two steps, with pages of blocks that were never completed, refunds as one that was never away', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          buys: fc.nat(300),
          refunds: fc.option(fc.nat(400), { nil: undefined }),
          life: fc.constantFrom('go on', 'close', 'restart', 'fail'),
        }),
        { maxLength: 40 },
      ),
      async (steps) => {
        const straight = await KeptCampaign.start(TERMS);
        const away = await KeptCampaign.start(TERMS);
        away.close();
        let next = 0;
        for (const { buys, refunds, life } of steps) {
          const sales = Array.from({ length: buys }, () => ({
            eventId: `event ${next}`,
            type: EventType.conversion,
            transactionId: String(next++),
            partnerId: `p${next % 3}`,
            valueMicros: 17,
            currency: 'USD',
          }));
          const act = async (kept: KeptCampaign) => {
            kept.decide(...sales);
            return refunds === undefined ? undefined : kept.refund({ transactionId: String(refunds) });
          };
          if (life === 'fail') {
            // What is not completed happens again, from the same place on.
            away.close();
            const { sequence } = away;
            const toldBefore = away.told.length;
            await act(away);
            await away.fail();
            away.sequence = sequence;
            away.told.length = toldBefore;
          }
          expect(await act(away)).toEqual(await act(straight));
          if (life !== 'go on') away.close();
          if (life === 'restart') await away.restart();
        }
        away.close();
        straight.close();
        expect(away.actor.query('metrics', away.time)).toEqual(straight.actor.query('metrics', away.time));
        expect(balancesOf(away)).toEqual(balancesOf(straight));
      },
    ),
    { numRuns: 60 },
  ));
