/** What others see of an account's state. */
import { limits } from '../../limits.ts';
import type {
  AccountBalance,
  AccountLots,
  AccountView,
  OpenLot,
  PayoutTermsView,
} from '../../model/account.ts';
import { type Book, openLots } from './book.ts';
import { type Lot, Lots } from './lots.ts';
import type { AccountState } from './state.ts';

/** How the partner is paid. */
export function termsView({
  partnerId,
  terms,
  nextPayoutAt,
  isSuspended,
  version,
}: AccountState): PayoutTermsView {
  return {
    partnerId,
    terms,
    ...(nextPayoutAt !== undefined && { nextPayoutAt }),
    isSuspended,
    etag: String(version),
  };
}

/** The account as management shows it. */
export function viewOf(state: AccountState): AccountView {
  return { ...termsView(state), balances: inOrder(state).map(balanceOf) };
}

/** What of its commissions is not paid. */
export function lotsOf(state: AccountState): AccountLots {
  return { lots: inOrder(state).flatMap(openLotsOf) };
}

function inOrder({ books }: AccountState): Book[] {
  return [...books.keys()].sort().map((currency) => books.get(currency) as Book);
}

function balanceOf(book: Book): AccountBalance {
  const { currency, ledger, campaigns } = book;
  const held = ledger.micros('held');
  const payable = ledger.micros('payable');
  const inTransit = ledger.micros('in_transit');
  return {
    currency,
    assignedMicros: ledger.assignedMicros,
    reversedMicros: ledger.reversedMicros,
    heldMicros: held,
    payableMicros: payable,
    inTransitMicros: inTransit,
    paidMicros: ledger.micros('paid'),
    balanceMicros: held + payable + inTransit,
    paidUpTo: campaigns.paidUpTo(openLots(book)),
  };
}

function openLotsOf({ currency, held, approved, reservations }: Book): OpenLot[] {
  const open = (lots: Iterable<Lot>, status: OpenLot['status'], payoutId?: string): OpenLot[] =>
    [...lots].map(({ campaignId, since, releaseAt, micros }) => ({
      campaignId,
      currency,
      since,
      releaseAt,
      micros,
      status,
      ...(payoutId !== undefined && { payoutId }),
    }));
  const lots = [
    ...open(fewOf(held.lots()), 'HELD'),
    ...open(fewOf(approved), 'APPROVED'),
    ...reservations.flatMap(({ payoutId, lots: reserved }) => open(reserved, 'IN_TRANSIT', payoutId)),
  ];
  return lots.sort((one, other) => one.releaseAt - other.releaseAt);
}

/** Lots as they are shown: put together where there are very many. */
function fewOf(lots: Iterable<Lot>): Lots {
  const few = new Lots([...lots]);
  few.fit(limits.lotsPerPayout);
  return few;
}
