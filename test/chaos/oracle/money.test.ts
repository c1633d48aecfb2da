import { describe, expect, test } from 'vitest';
import { planCampaigns } from '../load/campaigns.ts';
import { checkMoney } from './money.ts';
import type { Account, EntryRow, MoneyEvidence, Payout, Transfer } from './money-rows.ts';

const CENT = 10_000n;
const SALES = 'run-sales';
const PARTNER = 'partner-1';
const PAYOUT = 'po_1';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function entry(cause: string, account: string, sum: bigint, about: Partial<EntryRow> = {}): EntryRow {
  const none = { campaignId: '', payoutId: '' };
  return { ...none, partnerId: PARTNER, cause, account, rows: 1, places: 1, sum, ...about };
}

/** Two legs. */
function posting(cause: string, from: string, to: string, sum: bigint, about: Partial<EntryRow>): EntryRow[] {
  return [entry(cause, from, -sum, about), entry(cause, to, sum, about)];
}

/** One sale of 60 dollars earned 1.99998, another was refunded; 1.50 are paid. */
function evidence(): Mutable<MoneyEvidence> {
  const sales = { campaignId: SALES };
  const paid = { payoutId: PAYOUT };
  const account: Account = {
    assigned: 3_999_960n,
    reversed: 1_999_980n,
    held: 0n,
    payable: 499_980n,
    inTransit: 0n,
    paid: 150n * CENT,
    balance: 499_980n,
  };
  const payout: Payout = { partnerId: PARTNER, status: 'SUCCEEDED', amount: 150n * CENT, attempts: 2 };
  const transfer: Transfer = {
    payoutId: PAYOUT,
    partnerId: PARTNER,
    micros: Number(150n * CENT),
    status: 'succeeded',
    reversedMicros: 0,
  };
  const refund = { campaignId: SALES, decisionId: '0-1-0', transactionId: 'order-1' };
  return {
    earned: [
      {
        campaignId: SALES,
        partnerId: PARTNER,
        type: 3,
        events: 2,
        value: 120_000_000n,
        commission: 3_999_960n,
      },
    ],
    refunds: [
      {
        ...refund,
        revenue: 60_000_000n,
        commission: 1_999_980n,
        of: { value: 60_000_000n, commission: 1_999_980n },
      },
    ],
    entries: [
      ...posting('assigned', 'commissions', 'held', 3_999_960n, sales),
      ...posting('approved', 'held', 'payable', 3_999_960n, sales),
      ...posting('reversed', 'payable', 'commissions', 1_999_980n, sales),
      ...posting('reserved', 'payable', 'in_transit', 150n * CENT, paid),
      ...posting('paid', 'in_transit', 'paid', 150n * CENT, paid),
    ],
    accounts: new Map([[PARTNER, [account, account]]]),
    payouts: new Map([[PAYOUT, [payout, payout]]]),
    transfers: [transfer],
    askedPayouts: [{ partnerId: PARTNER, reference: 'invoice-0', body: '{}', payoutId: PAYOUT }],
    askedRefunds: [{ campaignId: SALES, transactionId: 'order-1', isDone: true }],
  };
}

function judge(change: (found: Mutable<MoneyEvidence>) => void = () => undefined): string {
  const found = evidence();
  change(found);
  const violations: string[] = [];
  checkMoney(found, planCampaigns('run', 1, 2), (text) => violations.push(text));
  return violations.join('\n');
}

describe('the oracle of chaos, of the money of partners', () => {
  test('finds nothing in a story without a fault', () => {
    expect(judge()).toBe('');
  });

  test.each<[string, (found: Mutable<MoneyEvidence>) => void, string]>([
    [
      'a commission that is not assigned',
      (found) => {
        found.entries = found.entries.filter(({ cause }) => cause !== 'assigned');
      },
      'what was earned and what was assigned differ by 3999960',
    ],
    [
      'a commission that is not what the rate gives',
      (found) => {
        found.earned = found.earned.map((row) => ({ ...row, commission: row.commission + 100n }));
      },
      'has earned 4000060 by 2 events',
    ],
    [
      'an entry that is there twice',
      (found) => {
        found.entries = found.entries.map((row) => (row.cause === 'paid' ? { ...row, rows: 2 } : row));
      },
      '2 entries of paid by paid lie at 1 places',
    ],
    [
      'a conversion that is refunded twice',
      (found) => {
        found.refunds = [...found.refunds, ...found.refunds];
      },
      'was refunded twice',
    ],
    [
      'a refund that was told, and not done',
      (found) => {
        found.refunds = [];
      },
      'was told to be refunded, and is not',
    ],
    [
      'money that was sent twice',
      (found) => {
        found.transfers = [...found.transfers, ...found.transfers];
      },
      'the gateway has 2 transfers',
    ],
    [
      'a payout that succeeded, and was not sent',
      (found) => {
        found.transfers = [];
      },
      'is SUCCEEDED, and its transfer was not made',
    ],
    [
      'money that was sent for a payout that failed',
      (found) => {
        found.payouts = new Map(
          [...found.payouts].map(([id, views]) => [id, views.map((view) => ({ ...view, status: 'FAILED' }))]),
        );
      },
      'is FAILED, and its transfer succeeded',
    ],
    [
      'an account that another process tells otherwise',
      (found) => {
        const [account] = found.accounts.get(PARTNER) as [Account];
        found.accounts = new Map([[PARTNER, [account, { ...account, held: 1n }]]]);
      },
      'elsewhere',
    ],
    [
      'a payout that nobody finds',
      (found) => {
        found.payouts = new Map();
      },
      'was told to be po_1',
    ],
  ])('sees %s', (_, change, violation) => {
    expect(judge(change)).toContain(violation);
  });
});
