/** What the routes of partners' accounts are asked and answer. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import {
  type AccountBalance,
  type AccountLots,
  type AccountView,
  LEDGER_ACCOUNTS,
  LEDGER_CAUSES,
  LOT_STATUSES,
  PAYOUT_SCHEDULES,
  type PayoutTermsView,
} from '../../../model/account.ts';
import { moneyJson } from '../../../model/money.ts';
import type { LedgerPage } from '../../application/accounts/ledger.ts';
import { payoutTermsDraftOf } from '../../application/accounts/payout-terms.ts';
import { formatInstant } from '../../application/instant.ts';
import { instant, Money, shared, words } from '../schema-parts.ts';

const partnerId = Type.String({
  minLength: 1,
  maxLength: limits.idLength,
  description: 'The partner, as events name it; it need not be registered.',
});
export const AccountPath = Type.Object({ partner_id: partnerId });

export const PayoutTermsResource = Type.Object(
  {
    schedule: words(PAYOUT_SCHEDULES, 'When the partner is paid by itself: at midnight UTC.'),
    minimums: Type.Array(Money, {
      description: 'Less than this is not paid; at most one for each currency.',
    }),
    destination: Type.Optional(Type.String({ description: 'Where the gateway sends the money.' })),
    next_payout_at: Type.Optional(instant('When it is paid by itself next.')),
    suspended: Type.Boolean({ description: 'Whether the partner is suspended: then it is paid nothing.' }),
    etag: Type.String({ description: 'Changes with the terms; also the ETag header.' }),
  },
  { $id: 'PayoutTerms', description: 'How a partner is paid.' },
);

const BalanceResource = Type.Object({
  currency: Type.String({ description: 'ISO 4217 code.' }),
  assigned: Money,
  reversed: Money,
  held: Money,
  payable: Money,
  in_transit: Money,
  paid: Money,
  balance: Money,
});

export const AccountResource = Type.Object(
  {
    partner_id: partnerId,
    balances: Type.Array(BalanceResource, {
      description:
        'By currency: all that was ever `assigned`, `reversed` and `paid`; what is `held`, `payable` (below 0 where ' +
        'more was paid than it has earned by now) and `in_transit`. `balance` is what it is owed: held, payable and ' +
        'in transit together, which is assigned less reversed less paid.',
    }),
    terms: shared(PayoutTermsResource),
  },
  { $id: 'Account', description: "A partner's account." },
);

export const AccountLotsResource = Type.Object(
  {
    lots: Type.Array(
      Type.Object({
        campaign_id: Type.String({ description: 'The campaign.' }),
        release_at: instant('When the hold ends, or has ended.'),
        amount: Money,
        status: words(LOT_STATUSES, 'Where these commissions stand.'),
        payout_id: Type.Optional(Type.String({ description: 'The payout that they are set aside for.' })),
      }),
      { description: 'The earliest release first.' },
    ),
  },
  {
    $id: 'AccountLots',
    description: 'What of the commissions of a partner is not paid, by campaign and release.',
  },
);

const LedgerEntryResource = Type.Object({
  id: Type.String({ description: 'Identifier.' }),
  at: instant('When it was posted.'),
  cause: words(LEDGER_CAUSES, 'Why.'),
  from_account: words(LEDGER_ACCOUNTS, 'The account that the amount was taken from.'),
  to_account: words(LEDGER_ACCOUNTS, 'The account that it was added to.'),
  amount: Money,
  campaign_id: Type.Optional(Type.String({ description: 'The campaign of the commissions.' })),
  release_at: Type.Optional(instant('When their hold ends, or has ended.')),
  payout_id: Type.Optional(Type.String({ description: 'The payout that it is about.' })),
  decision_id: Type.Optional(Type.String({ description: 'The conversion whose commission was reversed.' })),
  source: Type.Optional(
    Type.Object(
      {
        partition: Type.Integer({ description: 'The partition of whoever told it.' }),
        sequence: Type.String({ description: 'The last sequence of the block that it came with.' }),
      },
      { description: 'Where in the log its cause lies.' },
    ),
  ),
});

export const LedgerList = Type.Object(
  {
    entries: Type.Array(LedgerEntryResource, { description: 'The newest first.' }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'LedgerList', description: 'A page of what was posted to the books of a partner.' },
);

export const LedgerListQuery = Type.Object({
  currency: Type.Optional(Type.String({ description: 'Only entries in this currency.' })),
  cause: Type.Optional(Type.String({ description: `Only of this cause: ${LEDGER_CAUSES.join(', ')}.` })),
  campaign_id: Type.Optional(Type.String({ description: 'Only about commissions of this campaign.' })),
  payout_id: Type.Optional(Type.String({ description: 'Only about this payout.' })),
  from: Type.Optional(Type.String({ description: 'Posted at this time or later, RFC 3339.' })),
  to: Type.Optional(Type.String({ description: 'Posted before this time, RFC 3339.' })),
  page_size: Type.Optional(
    Type.Integer({ description: `Entries on a page, at most ${limits.pageSize}; 50 unless said.` }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'next_page_token of the page before; same filters.' }),
  ),
});

export function accountResource(view: AccountView): Static<typeof AccountResource> {
  return {
    partner_id: view.partnerId,
    balances: view.balances.map(balanceResource),
    terms: payoutTermsResource(view),
  };
}

export function payoutTermsResource(view: PayoutTermsView): Static<typeof PayoutTermsResource> {
  return {
    ...payoutTermsDraftOf(view.terms),
    ...(view.nextPayoutAt !== undefined && { next_payout_at: formatInstant(view.nextPayoutAt) }),
    suspended: view.isSuspended,
    etag: view.etag,
  };
}

function balanceResource(balance: AccountBalance): Static<typeof BalanceResource> {
  const { currency } = balance;
  return {
    currency,
    assigned: moneyJson(balance.assignedMicros, currency),
    reversed: moneyJson(balance.reversedMicros, currency),
    held: moneyJson(balance.heldMicros, currency),
    payable: moneyJson(balance.payableMicros, currency),
    in_transit: moneyJson(balance.inTransitMicros, currency),
    paid: moneyJson(balance.paidMicros, currency),
    balance: moneyJson(balance.balanceMicros, currency),
  };
}

export function accountLotsResource({ lots }: AccountLots): Static<typeof AccountLotsResource> {
  return {
    lots: lots.map(({ campaignId, releaseAt, micros, currency, status, payoutId }) => ({
      campaign_id: campaignId,
      release_at: formatInstant(releaseAt),
      amount: moneyJson(micros, currency),
      status,
      ...(payoutId !== undefined && { payout_id: payoutId }),
    })),
  };
}

export function ledgerList({ entries, nextPageToken = '' }: LedgerPage): Static<typeof LedgerList> {
  return {
    entries: entries.map((entry) => ({
      id: entry.id,
      at: formatInstant(entry.at),
      cause: entry.cause,
      from_account: entry.from,
      to_account: entry.to,
      amount: moneyJson(entry.amount.micros, entry.amount.currency),
      ...(entry.campaignId !== undefined && { campaign_id: entry.campaignId }),
      ...(entry.releaseAt !== undefined && { release_at: formatInstant(entry.releaseAt) }),
      ...(entry.payoutId !== undefined && { payout_id: entry.payoutId }),
      ...(entry.decisionId !== undefined && { decision_id: entry.decisionId }),
      ...(entry.source && { source: entry.source }),
    })),
    next_page_token: nextPageToken,
  };
}
