/** The books of the partners: double entry, every posting once, and the sums that the accounts tell. */
import type { AccountView } from '../../../model/account.ts';
import type { Row } from './check.ts';
import type { Ledger } from './ledger.ts';

const NAMES = ['commissions', 'held', 'payable', 'in_transit', 'paid'] as const;
type Name = (typeof NAMES)[number];
type Sums = Record<Name, bigint>;

/** From where to where each cause may move an amount. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  assigned: ['commissions > held'],
  approved: ['held > payable'],
  reversed: ['held > commissions', 'payable > commissions'],
  reserved: ['payable > in_transit'],
  paid: ['in_transit > paid'],
  returned: ['in_transit > payable', 'paid > payable'],
};

/** A posting, by its second leg: where the amount came to. */
export interface Posting {
  readonly partnerId: string;
  readonly currency: string;
  readonly sequence: bigint;
  readonly index: number;
  readonly cause: string;
  readonly from: Name;
  readonly to: Name;
  readonly micros: bigint;
  readonly campaignId: string;
  readonly releaseAt: number;
  readonly payoutId: string;
  readonly decisionId: string;
  /** The block whose message gave rise to it; of sequence 0: none did. */
  readonly source: string;
}

/** The postings that the rows tell, in order; what is wrong with the rows is noted. */
export function readPostings(ledger: Ledger, entries: readonly Row[]): Posting[] {
  const legs = new Map<string, Row[]>();
  for (const row of entries) {
    const key = `${row.partner_id} ${row.partition}:${row.sequence}/${row.posting}`;
    const known = legs.get(key);
    if (known) known.push(row);
    else legs.set(key, [row]);
  }
  const postings: Posting[] = [];
  for (const [key, rows] of legs) {
    const [first, second] = rows.sort((one, other) => Number(one.leg) - Number(other.leg));
    if (!first || !second || rows.length !== 2 || Number(first.leg) !== 0 || Number(second.leg) !== 1) {
      ledger.fail(`the posting ${key} has ${rows.length} legs`);
      continue;
    }
    const posting = postingOf(first, second);
    if (BigInt(first.amount_micros ?? 0) !== -posting.micros || posting.micros <= 0n)
      ledger.fail(`the posting ${key} moves ${first.amount_micros} and ${posting.micros}`);
    if (!WAYS[posting.cause]?.includes(`${posting.from} > ${posting.to}`))
      ledger.fail(`the posting ${key} is ${posting.cause}, from ${posting.from} to ${posting.to}`);
    postings.push(posting);
  }
  return postings.sort((one, other) => Number(one.sequence - other.sequence) || one.index - other.index);
}

function postingOf(first: Row, second: Row): Posting {
  return {
    partnerId: String(second.partner_id),
    currency: String(second.currency),
    sequence: BigInt(second.sequence ?? 0),
    index: Number(second.posting),
    cause: String(second.cause),
    from: String(first.account) as Name,
    to: String(second.account) as Name,
    micros: BigInt(second.amount_micros ?? 0),
    campaignId: String(second.campaign_id),
    releaseAt: Number(second.release_at),
    payoutId: String(second.payout_id),
    decisionId: String(second.decision_id),
    source: `${second.source_partition}:${second.source_sequence}`,
  };
}

/**
 * Notes what is wrong with the sums.
 *
 * @param advances payouts that may take more than is payable
 */
export function checkBooks(
  ledger: Ledger,
  postings: readonly Posting[],
  accounts: ReadonlyMap<string, AccountView>,
  advances: ReadonlySet<string>,
): void {
  const books = new Map<string, Sums>();
  const reversed = new Map<string, bigint>();
  for (const { partnerId, currency, cause, from, to, micros, payoutId } of postings) {
    const key = `${partnerId} ${currency}`;
    const sums = books.get(key) ?? { commissions: 0n, held: 0n, payable: 0n, in_transit: 0n, paid: 0n };
    books.set(key, sums);
    sums[from] -= micros;
    sums[to] += micros;
    if (cause === 'reversed') reversed.set(key, (reversed.get(key) ?? 0n) + micros);
    for (const name of ['held', 'in_transit', 'paid'] as const)
      if (sums[name] < 0n) ledger.fail(`${key} had ${sums[name]} ${name}`);
    if (cause === 'reserved' && sums.payable < 0n && !advances.has(payoutId))
      ledger.fail(`${payoutId} was given more than ${key} could be paid: ${sums.payable} is left`);
  }
  for (const [partnerId, { balances }] of accounts)
    for (const balance of balances) {
      const key = `${partnerId} ${balance.currency}`;
      const sums = books.get(key) ?? { commissions: 0n, held: 0n, payable: 0n, in_transit: 0n, paid: 0n };
      books.delete(key);
      const told = {
        commissions: balance.reversedMicros - balance.assignedMicros,
        held: balance.heldMicros,
        payable: balance.payableMicros,
        in_transit: balance.inTransitMicros,
        paid: balance.paidMicros,
      };
      for (const name of NAMES)
        if (told[name] !== sums[name])
          ledger.fail(`${key}: ${name} is ${told[name]} live and ${sums[name]} by its entries`);
      if (balance.reversedMicros !== (reversed.get(key) ?? 0n))
        ledger.fail(`${key}: ${balance.reversedMicros} reversed live, ${reversed.get(key)} by its entries`);
    }
  for (const key of books.keys()) ledger.fail(`${key} has entries, and no account`);
}
