/** The methods of `turnpike.v1.PayoutService`: thin over the application. */
import { PAYOUT_STATUSES } from '../../../model/payout.ts';
import {
  type CreatePayoutRequest,
  type ListPayoutsRequest,
  type PayoutServiceServer,
  PayoutStatus,
} from '../../../proto/generated/turnpike/v1/payout_service.ts';
import { checker } from '../../application/check.ts';
import { PayoutDraft } from '../../application/payouts/payout-draft.ts';
import type { PayoutListQuery, Payouts } from '../../application/payouts/payouts.ts';
import { checkedPageSize } from '../../application/request.ts';
import { refuse, Violations } from '../../application/violations.ts';
import { wordOf as oneOf } from '../../application/words.ts';
import { contextOf } from '../context.ts';
import { decimalOf } from '../money.ts';
import { spelled } from '../spelled.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { wordOf } from '../words.ts';
import { protoPayout } from './payouts.ts';

const check = checker(PayoutDraft, 'payout');

export function payoutService(payouts: Payouts, dependencies: UnaryDependencies): PayoutServiceServer {
  return {
    createPayout: unary(dependencies, 'CreatePayout', (request) =>
      spelled(async () => {
        const context = contextOf(request.requestId, '');
        return protoPayout(await payouts.create(check(draftOf(request)), context));
      }),
    ),
    getPayout: unary(dependencies, 'GetPayout', async ({ payoutId }) => {
      if (payoutId === '') refuse([{ field: 'payout_id', description: 'must not be empty' }]);
      return protoPayout(await payouts.get(payoutId));
    }),
    listPayouts: unary(dependencies, 'ListPayouts', async (request) => {
      const page = await payouts.list(listQueryOf(request));
      return { payouts: page.payouts.map(protoPayout), nextPageToken: page.nextPageToken ?? '' };
    }),
  };
}

/** The request in the spelling of drafts; what proto3 cannot tell from absent is left out. */
function draftOf(request: CreatePayoutRequest): Record<string, unknown> {
  const { partnerId, amount, currency, reference, advance, destination } = request;
  return {
    partner_id: partnerId,
    ...(amount && { amount: { amount: decimalOf(amount), currency: amount.currencyCode } }),
    ...(currency && { currency }),
    ...(reference && { reference }),
    ...(advance && { advance }),
    ...(destination && { destination }),
  };
}

function listQueryOf({ partnerId, status, pageSize, pageToken }: ListPayoutsRequest): PayoutListQuery {
  const violations = new Violations();
  const word = wordOf(PayoutStatus, status);
  const known = word && oneOf(PAYOUT_STATUSES, word, 'status', violations);
  violations.refuse();
  return {
    filter: { ...(partnerId && { partnerId }), ...(known && { status: known }) },
    pageSize: checkedPageSize(pageSize),
    ...(pageToken && { pageToken }),
  };
}
