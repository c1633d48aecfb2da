/** Accounts of partners as messages. */
import type { AccountBalance, AccountView, OpenLot, PayoutTermsView } from '../../../model/account.ts';
import {
  type Account,
  type AccountLot,
  LedgerAccount,
  LedgerCause,
  type LedgerEntry,
  LotStatus,
  PayoutSchedule,
  type PayoutTerms,
  type AccountBalance as ProtoBalance,
} from '../../../proto/generated/turnpike/v1/account.ts';
import type { LedgerEntry as Posted } from '../../application/accounts/ledger.ts';
import { protoMoney } from '../money.ts';
import { protoTimestamp } from '../timestamp.ts';

/** Enum values are the application's words in capitals. */
type Upper<W extends string> = Uppercase<W>;
const upper = <W extends string>(word: W): Upper<W> => word.toUpperCase() as Upper<W>;

export function protoAccount(view: AccountView): Account {
  return {
    partnerId: view.partnerId,
    balances: view.balances.map(protoBalance),
    terms: protoPayoutTerms(view),
  };
}

export function protoPayoutTerms({ terms, nextPayoutAt, isSuspended, etag }: PayoutTermsView): PayoutTerms {
  return {
    schedule: PayoutSchedule[terms.schedule],
    minimums: terms.minimums.map(({ micros, currency }) => protoMoney(micros, currency)),
    destination: terms.destination ?? '',
    nextPayoutAt: nextPayoutAt === undefined ? undefined : protoTimestamp(nextPayoutAt),
    suspended: isSuspended,
    etag,
  };
}

function protoBalance(balance: AccountBalance): ProtoBalance {
  const { currency } = balance;
  return {
    currency,
    assigned: protoMoney(balance.assignedMicros, currency),
    reversed: protoMoney(balance.reversedMicros, currency),
    held: protoMoney(balance.heldMicros, currency),
    payable: protoMoney(balance.payableMicros, currency),
    inTransit: protoMoney(balance.inTransitMicros, currency),
    paid: protoMoney(balance.paidMicros, currency),
    balance: protoMoney(balance.balanceMicros, currency),
  };
}

export function protoLot({ campaignId, releaseAt, micros, currency, status, payoutId }: OpenLot): AccountLot {
  return {
    campaignId,
    releaseAt: protoTimestamp(releaseAt),
    amount: protoMoney(micros, currency),
    status: LotStatus[status],
    payoutId: payoutId ?? '',
  };
}

export function protoEntry(entry: Posted): LedgerEntry {
  return {
    id: entry.id,
    at: protoTimestamp(entry.at),
    cause: LedgerCause[upper(entry.cause)],
    fromAccount: LedgerAccount[upper(entry.from)],
    toAccount: LedgerAccount[upper(entry.to)],
    amount: protoMoney(entry.amount.micros, entry.amount.currency),
    campaignId: entry.campaignId ?? '',
    releaseAt: entry.releaseAt === undefined ? undefined : protoTimestamp(entry.releaseAt),
    payoutId: entry.payoutId ?? '',
    decisionId: entry.decisionId ?? '',
    sourcePartition: entry.source?.partition ?? 0,
    sourceSequence: BigInt(entry.source?.sequence ?? 0),
  };
}
