/**
 * The verdict on the partners' money at rest: what was earned, told, posted, paid and sent must be one and the
 * same, to the micro.
 */
import type { AccountView } from '../../../model/account.ts';
import type { PayoutView } from '../../../model/payout.ts';
import type { AskedPayout, AskedRefund } from '../hosts/treasurer.ts';
import type { GatewayServer } from '../ports/gateway.ts';
import type { LogServer } from '../ports/log.ts';
import type { CampaignPlan } from '../scenario.ts';
import { checkBooks, type Posting, readPostings } from './books.ts';
import type { Row } from './check.ts';
import { earnedOf } from './earnings.ts';
import type { Ledger } from './ledger.ts';
import { checkAccount } from './money-live.ts';
import { checkPayouts } from './payouts.ts';
import { checkRefunds, microsOf } from './refunds.ts';
import { add, checkTold, compare, readTold } from './told-commissions.ts';

export interface MoneyEvidence {
  readonly ledger: Ledger;
  readonly log: Pick<LogServer, 'partitions'>;
  readonly gateway: GatewayServer;
  readonly entries: readonly Row[];
  readonly decided: readonly Row[];
  readonly credits: readonly Row[];
  readonly domainEvents: readonly Row[];
  readonly plans: readonly CampaignPlan[];
  readonly accounts: ReadonlyMap<string, AccountView>;
  readonly payouts: ReadonlyMap<string, PayoutView>;
  readonly askedPayouts: readonly AskedPayout[];
  readonly askedRefunds: readonly AskedRefund[];
  /** Time at rest. */
  readonly now: number;
}

/** Notes everything that is wrong in the ledger. */
export function checkMoney(evidence: MoneyEvidence): void {
  const { ledger, log, gateway, entries, decided, credits, domainEvents, plans } = evidence;
  const { accounts, payouts, askedPayouts, askedRefunds, now } = evidence;
  const { transfers } = gateway;
  const postings = readPostings(ledger, entries);
  const told = readTold(ledger, log);
  const advances = new Set(
    [...payouts.values()].filter(({ isAdvance }) => isAdvance).map(({ payoutId }) => payoutId),
  );
  checkBooks(ledger, postings, accounts, advances);
  checkTold(ledger, told, postings, earnedOf(ledger, decided, credits, plans));
  checkHolds(ledger, postings, now);
  checkRefunds({ ledger, decided, credits, domainEvents, postings, asked: askedRefunds, plans });
  checkPayouts({
    ledger,
    views: payouts,
    transfers,
    postings,
    accounts,
    asked: askedPayouts,
    told,
    domainEvents,
  });
  for (const account of accounts.values()) checkAccount(ledger, account, transfers.values());
  checkEvents(evidence, postings);
}

/** A commission is approved when its hold has ended, not before and not much later. */
function checkHolds(ledger: Ledger, postings: readonly Posting[], now: number): void {
  const held = new Map<number, bigint>();
  for (const { from, to, micros, releaseAt } of postings) {
    if (to === 'held') held.set(releaseAt, (held.get(releaseAt) ?? 0n) + micros);
    if (from === 'held') held.set(releaseAt, (held.get(releaseAt) ?? 0n) - micros);
  }
  for (const [releaseAt, micros] of held)
    if (micros !== 0n && releaseAt <= now)
      ledger.fail(
        `${micros} are held at rest, of which the hold ended at ${new Date(releaseAt).toISOString()}`,
      );
}

/** What is told of commissions is what was posted. */
function checkEvents({ ledger, domainEvents }: MoneyEvidence, postings: readonly Posting[]): void {
  const announced = new Map<string, bigint>();
  for (const { type, partner_id, data } of domainEvents) {
    const [subject, cause] = String(type).split('.');
    if (subject !== 'commission' || cause === 'paid') continue;
    add(announced, `${cause} to ${partner_id}`, microsOf(JSON.parse(String(data)).amount.amount));
  }
  const posted = new Map<string, bigint>();
  for (const { cause, partnerId, micros } of postings)
    if (cause === 'assigned' || cause === 'approved' || cause === 'reversed')
      add(posted, `${cause} to ${partnerId}`, micros);
  compare(ledger, posted, announced, 'posted', 'announced');
}
