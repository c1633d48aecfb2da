import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerAccount } from '../../model/account.ts';
import { payableUnitMicros } from '../../model/money.ts';
import { DAY, HOUR, TestAccount } from './test-account.ts';

const CURRENCIES = ['USD', 'JPY'] as const;
const CAMPAIGNS = ['c1', 'c2', 'c3'] as const;

type Step =
  | { readonly kind: 'earn'; readonly micros: number; readonly hours: number; readonly campaign: string }
  | { readonly kind: 'refund'; readonly earning: number }
  | { readonly kind: 'advance'; readonly hours: number }
  | { readonly kind: 'reserve'; readonly units: number; readonly isAdvance: boolean }
  | { readonly kind: 'settle'; readonly payout: number; readonly isPaid: boolean }
  | { readonly kind: 'return'; readonly payout: number }
  | { readonly kind: 'schedule'; readonly schedule: 'NONE' | 'DAILY' };

const step = fc.oneof(
  fc.record({
    kind: fc.constant('earn' as const),
    micros: fc.integer({ min: 1, max: 5_000_000 }),
    hours: fc.integer({ min: 0, max: 40 }),
    campaign: fc.constantFrom(...CAMPAIGNS),
  }),
  fc.record({ kind: fc.constant('refund' as const), earning: fc.nat() }),
  fc.record({ kind: fc.constant('advance' as const), hours: fc.integer({ min: 1, max: 30 }) }),
  fc.record({
    kind: fc.constant('reserve' as const),
    units: fc.integer({ min: 0, max: 500 }),
    isAdvance: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('settle' as const), payout: fc.nat(), isPaid: fc.boolean() }),
  fc.record({ kind: fc.constant('return' as const), payout: fc.nat() }),
  fc.record({
    kind: fc.constant('schedule' as const),
    schedule: fc.constantFrom('NONE' as const, 'DAILY' as const),
  }),
);

interface Payout {
  readonly payoutId: string;
  readonly micros: bigint;
  readonly lots: unknown;
  isSettled: boolean;
  isPaid: boolean;
}

/** An account under a sequence of steps, and what must come of them, worked out by itself. */
class Life {
  readonly earnings: { micros: number; releaseAt: number; campaign: string; isRefunded: boolean }[] = [];
  readonly payouts: Payout[] = [];
  assigned = 0n;
  reversed = 0n;
  paid = 0n;
  #told = 0;
  #number = 0;

  constructor(
    readonly account: TestAccount,
    readonly currency: string,
  ) {}

  run(step: Step): void {
    this.#perform(step);
    this.#takeMessages();
  }

  #perform(step: Step): void {
    const { account, currency } = this;
    switch (step.kind) {
      case 'earn': {
        const { micros, hours, campaign } = step;
        const releaseAt = Math.floor(account.time / HOUR) * HOUR + hours * HOUR;
        account.earn(micros, hours, campaign, currency);
        this.earnings.push({ micros, releaseAt, campaign, isRefunded: false });
        this.assigned += BigInt(micros);
        return;
      }
      case 'refund': {
        const earning = this.earnings[step.earning % Math.max(1, this.earnings.length)];
        if (!earning || earning.isRefunded) return;
        earning.isRefunded = true;
        account.refund(earning.micros, earning.releaseAt, earning.campaign, currency);
        this.reversed += BigInt(earning.micros);
        return;
      }
      case 'advance':
        account.advance(step.hours * HOUR);
        return;
      case 'reserve': {
        const micros = step.units * payableUnitMicros(currency);
        const payable = account.balances[0]?.payableMicros ?? 0n;
        const answer = account.reserve(
          `po_${++this.#number}`,
          micros === 0 ? undefined : micros,
          step.isAdvance && micros > 0,
          currency,
        );
        if (answer.name === 'reserved' && !step.isAdvance) {
          expect(BigInt((answer.payload as { micros: string }).micros) <= payable).toBe(true);
        }
        return;
      }
      case 'settle': {
        const open = this.payouts.filter(({ isSettled }) => !isSettled);
        const payout = open[step.payout % Math.max(1, open.length)];
        if (!payout) return;
        account.settle(payout.payoutId, step.isPaid);
        payout.isSettled = true;
        payout.isPaid = step.isPaid;
        if (step.isPaid) this.paid += payout.micros;
        return;
      }
      case 'return': {
        const paid = this.payouts.filter(({ isPaid }) => isPaid);
        const payout = paid[step.payout % Math.max(1, paid.length)];
        if (!payout) return;
        const { payoutId, micros, lots } = payout;
        account.tell('returned', { payoutId, currency, micros: String(micros), lots });
        payout.isPaid = false;
        this.paid -= payout.micros;
        return;
      }
      case 'schedule':
        account.setTerms({ schedule: step.schedule });
    }
  }

  #takeMessages(): void {
    for (const { name, actorId, payload } of this.account.messages.slice(this.#told)) {
      if (name === 'refused') continue;
      const { micros, lots } = payload as { micros: string; lots: unknown };
      this.payouts.push({
        payoutId: actorId,
        micros: BigInt(micros),
        lots,
        isSettled: false,
        isPaid: false,
      });
    }
    this.#told = this.account.messages.length;
  }

  /** What must hold after every step. */
  check(): void {
    const { account } = this;
    const balance = account.balances[0];
    if (!balance) return;
    expect(balance).toMatchObject({
      assignedMicros: this.assigned,
      reversedMicros: this.reversed,
      paidMicros: this.paid,
      balanceMicros: this.assigned - this.reversed - this.paid,
    });
    const inTransit = this.payouts.reduce(
      (sum, { micros, isSettled }) => sum + (isSettled ? 0n : micros),
      0n,
    );
    expect(balance.inTransitMicros).toBe(inTransit);
    const entered = new Map<string, bigint>();
    for (const { account: name, micros } of account.entries)
      entered.set(name, (entered.get(name) ?? 0n) + micros);
    const sumOf = (name: LedgerAccount): bigint => entered.get(name) ?? 0n;
    expect([...entered.values()].reduce((sum, micros) => sum + micros, 0n)).toBe(0n);
    expect([sumOf('held'), sumOf('payable'), sumOf('in_transit'), sumOf('paid')]).toEqual([
      balance.heldMicros,
      balance.payableMicros,
      balance.inTransitMicros,
      balance.paidMicros,
    ]);
    this.#checkLots();
  }

  /** The lots are what the sums are made of: nothing can be paid that is not there, or is there twice. */
  #checkLots(): void {
    const { account } = this;
    const { heldMicros, payableMicros, inTransitMicros } = account.balance(this.currency);
    const sums = { HELD: 0n, APPROVED: 0n, IN_TRANSIT: 0n };
    for (const { status, micros } of account.lots) {
      expect(micros > 0n).toBe(true);
      sums[status] += micros;
    }
    expect(sums.HELD).toBe(heldMicros);
    expect(sums.APPROVED).toBe(payableMicros > 0n ? payableMicros : 0n);
    expect(sums.IN_TRANSIT <= inTransitMicros).toBe(true);
  }
}

describe('an account, whatever comes in whatever order,', () => {
  it('balances, and never pays twice what was earned once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CURRENCIES),
        fc.array(step, { maxLength: 40 }),
        async (currency, steps) => {
          const life = new Life(await TestAccount.create(), currency);
          for (const each of steps) {
            life.run(each);
            life.check();
          }
          // When all is over, everything that was earned is paid or payable.
          life.account.advance(60 * HOUR);
          life.run({ kind: 'schedule', schedule: 'NONE' });
          for (let open = life.payouts.length; open > 0; open--)
            life.run({ kind: 'settle', payout: 0, isPaid: true });
          life.check();
          const balance = life.account.balances[0];
          expect(balance?.balanceMicros).toBe(balance?.payableMicros);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is the same, to the byte, when it is restored between any two steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(), async (steps, seed) => {
        const one = new Life(await TestAccount.create(), 'USD');
        const other = new Life(await TestAccount.create(), 'USD');
        for (const [index, each] of steps.entries()) {
          one.run(each);
          other.run(each);
          expect(other.account.entries).toEqual(one.account.entries);
          expect(other.account.messages).toEqual(one.account.messages);
          expect(other.account.events).toEqual(one.account.events);
          const saved = one.account.save();
          expect(Buffer.from(other.account.save()).equals(saved)).toBe(true);
          if ((seed >> (index % 30)) & 1) await other.account.reload();
        }
        expect(other.account.documents).toEqual(one.account.documents);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps its large parts in documents of their own, and none that nothing refers to', async () => {
    const account = await TestAccount.create();
    for (let hour = 0; hour < 24 * 40; hour++) account.earn(1_000_000, hour, `campaign-${hour % 7}`);
    account.save();
    for (let day = 0; day < 40; day++) {
      account.advance(DAY);
      for (let hour = 0; hour < 300; hour++) account.earn(1_000_000, hour, `campaign-${hour % 11}`);
      const state = account.save();
      const text = Buffer.from(state).toString();
      expect(state.byteLength).toBeLessThan(200_000);
      await account.reload();
      for (const name of account.documents.keys())
        if (name !== 'state') {
          const [, key, savedAt] = /^(.*)-(\d+)$/.exec(name) ?? [];
          const isNeeded = text.includes(`["${key}",${savedAt},null]`);
          // Deleted with the next block.
          expect(isNeeded || text.includes(`"${name}"`)).toBe(true);
        }
    }
    const { balances } = account.view;
    await account.reload();
    expect(account.view.balances).toEqual(balances);
  });
});
