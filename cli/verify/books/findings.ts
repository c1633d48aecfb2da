/** What a check of the partners' books finds: how much was held against what, and the first few differences. */

/**
 * What is held against what: the legs of a partner's entries against 0 (`ledger`), an account's balances against its
 * entries (`balance`), entries against what campaigns have decided (`commissions`) and refunded (`reversals`), and
 * against what payouts have come to (`payouts`); what the gateway has sent against payouts (`transfers`).
 */
export type BooksCheckName = 'ledger' | 'balance' | 'commissions' | 'reversals' | 'payouts' | 'transfers';

export interface BooksDifference {
  readonly check: BooksCheckName;
  readonly partner_id: string;
  readonly currency?: string;
  /** Of a balance: which of the ledger's accounts. */
  readonly account?: string;
  readonly campaign_id?: string;
  readonly payout_id?: string;
  /** Micros: what the entries or the account say, and what they must. */
  readonly found: string;
  readonly expected: string;
}

/** Differences that are kept as they are. */
const KEPT_DIFFERENCES = 20;

export class BooksFindings {
  /** Sums that were compared, by check. */
  readonly compared: Record<BooksCheckName, number> = {
    ledger: 0,
    balance: 0,
    commissions: 0,
    reversals: 0,
    payouts: 0,
    transfers: 0,
  };
  readonly differences: BooksDifference[] = [];
  wrong = 0;

  get isClean(): boolean {
    return this.wrong === 0;
  }

  /** Holds two amounts of micros against each other. */
  compare(
    check: BooksCheckName,
    of: Omit<BooksDifference, 'check' | 'found' | 'expected'>,
    found: bigint,
    expected: bigint,
  ): void {
    this.compared[check]++;
    if (found === expected) return;
    this.wrong++;
    if (this.differences.length < KEPT_DIFFERENCES)
      this.differences.push({ check, ...of, found: found.toString(), expected: expected.toString() });
  }
}
