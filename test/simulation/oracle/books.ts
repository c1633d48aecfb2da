/**
 * Partners' books: what the campaigns have decided that a partner earns is on its account, once; every posting has
 * two legs that sum to nothing; and the entries come to what the account says.
 */
import type { AccountView } from '../../../model/account.ts';
import type { Row } from './check.ts';
import { type Ledger, placeOf } from './ledger.ts';

export interface BooksEvidence {
  readonly ledger: Ledger;
  readonly decided: readonly Row[];
  readonly credits: readonly Row[];
  readonly entries: readonly Row[];
  /** Of each partner, the account as it is at rest. */
  readonly accounts: ReadonlyMap<string, AccountView | undefined>;
}

/** Notes everything that is wrong in the ledger. */
export function checkBooks({ ledger, decided, credits, entries, accounts }: BooksEvidence): void {
  const earned = earnedBy(decided, credits);
  for (const [partnerId, account] of accounts) {
    const balance = account?.balances[0];
    const assigned = balance?.assignedMicros ?? 0n;
    const due = earned.get(partnerId) ?? 0n;
    if (assigned !== due) ledger.fail(`${partnerId} has earned ${due}, and ${assigned} is on its account`);
    const its = entries.filter(({ partner_id }) => partner_id === partnerId);
    for (const [name, micros] of [
      ['held', balance?.heldMicros],
      ['payable', balance?.payableMicros],
    ] as const) {
      const sum = its.filter(({ account: where }) => where === name).reduce(addAmount, 0n);
      if (sum !== (micros ?? 0n)) ledger.fail(`${partnerId} has ${micros} ${name}, and entries of ${sum}`);
    }
  }
  const postings = new Map<string, bigint>();
  for (const entry of entries) {
    const posting = `${entry.partition}:${entry.sequence} ${entry.partner_id} ${entry.posting}`;
    postings.set(posting, addAmount(postings.get(posting) ?? 0n, entry));
  }
  for (const [posting, sum] of postings) if (sum !== 0n) ledger.fail(`the posting ${posting} sums to ${sum}`);
}

/** What each partner has earned, by the rows: a shared conversion by its credits, all else by the event. */
function earnedBy(decided: readonly Row[], credits: readonly Row[]): Map<string, bigint> {
  const earned = new Map<string, bigint>();
  const add = (partnerId: unknown, row: Row): void => {
    const micros = BigInt(row.commission_micros ?? 0);
    earned.set(String(partnerId), (earned.get(String(partnerId)) ?? 0n) + micros);
  };
  const shared = new Set(credits.map(placeOf));
  const named = new Map(decided.map((row) => [placeOf(row), row.partner_id]));
  for (const row of decided) if (!shared.has(placeOf(row))) add(row.partner_id, row);
  for (const credit of credits) add(credit.partner_id || named.get(placeOf(credit)), credit);
  return earned;
}

function addAmount(sum: bigint, entry: Row): bigint {
  return sum + BigInt(entry.amount_micros ?? 0);
}
