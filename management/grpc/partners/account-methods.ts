/** The methods of `turnpike.v1.PartnerService` about accounts: thin over the application. */
import { limits } from '../../../limits.ts';
import {
  LedgerCause,
  PayoutSchedule,
  type PayoutTerms,
} from '../../../proto/generated/turnpike/v1/account.ts';
import type {
  ListLedgerEntriesRequest,
  PartnerServiceServer,
  UpdatePayoutTermsRequest,
} from '../../../proto/generated/turnpike/v1/partner_service.ts';
import type { Accounts } from '../../application/accounts/accounts.ts';
import { type LedgerQuery, ledgerFilterOf } from '../../application/accounts/ledger.ts';
import { PayoutTermsDraft } from '../../application/accounts/payout-terms.ts';
import { checkedPageSize } from '../../application/request.ts';
import { refuse, Violations } from '../../application/violations.ts';
import { contextOf } from '../context.ts';
import { decimalOf } from '../money.ts';
import { spelled } from '../spelled.ts';
import { instantOf } from '../timestamp.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { wordOf } from '../words.ts';
import { protoAccount, protoEntry, protoLot, protoPayoutTerms } from './accounts.ts';

type AccountMethods = Pick<
  PartnerServiceServer,
  'getAccount' | 'listAccountLots' | 'updatePayoutTerms' | 'listLedgerEntries'
>;

export function accountMethods(accounts: Accounts, dependencies: UnaryDependencies): AccountMethods {
  return {
    getAccount: unary(dependencies, 'GetAccount', async ({ partnerId }) =>
      protoAccount(await accounts.get(anyPartner(partnerId))),
    ),
    listAccountLots: unary(dependencies, 'ListAccountLots', async ({ partnerId }) => ({
      lots: (await accounts.lots(anyPartner(partnerId))).lots.map(protoLot),
    })),
    updatePayoutTerms: unary(dependencies, 'UpdatePayoutTerms', (request) =>
      spelled(async () => {
        const context = contextOf(request.requestId, request.etag);
        const partnerId = anyPartner(request.partnerId);
        return protoPayoutTerms(await accounts.updateTerms(partnerId, patchOf(request), context));
      }),
    ),
    listLedgerEntries: unary(dependencies, 'ListLedgerEntries', async (request) => {
      const page = await accounts.ledger(anyPartner(request.partnerId), ledgerQueryOf(request));
      return { entries: page.entries.map(protoEntry), nextPageToken: page.nextPageToken ?? '' };
    }),
  };
}

/** Events may name partners that nobody has registered. */
function anyPartner(partnerId: string): string {
  if (partnerId === '' || partnerId.length > limits.idLength)
    refuse([{ field: 'partner_id', description: `must have 1 to ${limits.idLength} characters` }]);
  return partnerId;
}

function patchOf({ terms, updateMask = [] }: UpdatePayoutTermsRequest): Record<string, unknown> {
  const fields = fieldsOf(terms);
  if (updateMask.length === 0) return fields;
  return Object.fromEntries(
    updateMask.map((path) => {
      if (!(path in PayoutTermsDraft.properties))
        refuse([{ field: 'update_mask', description: `cannot name ${path}` }]);
      return [path, fields[path] ?? null];
    }),
  );
}

/** Terms in the spelling of drafts; what proto3 cannot tell from absent is left out. */
function fieldsOf(terms: PayoutTerms | undefined): Record<string, unknown> {
  if (terms === undefined) return refuse([{ field: 'terms', description: 'is required' }]);
  const schedule = wordOf(PayoutSchedule, terms.schedule);
  return {
    ...(schedule && { schedule }),
    ...(terms.minimums.length > 0 && {
      minimums: terms.minimums.map((money) => ({
        amount: decimalOf(money),
        currency: money.currencyCode,
      })),
    }),
    ...(terms.destination && { destination: terms.destination }),
  };
}

function ledgerQueryOf(request: ListLedgerEntriesRequest): LedgerQuery {
  const violations = new Violations();
  const { currency, campaignId, payoutId, pageSize, pageToken } = request;
  const filter = ledgerFilterOf(
    {
      currency,
      cause: wordOf(LedgerCause, request.cause),
      campaignId,
      payoutId,
      from: instantOf(request.from, 'from', violations),
      to: instantOf(request.to, 'to', violations),
    },
    violations,
  );
  violations.refuse();
  return { filter, pageSize: checkedPageSize(pageSize), ...(pageToken && { pageToken }) };
}
