/** What the routes of payouts are asked and answer. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { moneyJson } from '../../../model/money.ts';
import { PAYOUT_STATUSES, type PayoutView } from '../../../model/payout.ts';
import { formatInstant } from '../../application/instant.ts';
import type { PayoutPage } from '../../application/payouts/payouts.ts';
import { count, instant, Money, shared, words } from '../schema-parts.ts';

export const PAYOUT_ID_PATTERN = '^po_[0-9a-f]{32}$';

export const PayoutPath = Type.Object({
  payout_id: Type.String({ pattern: PAYOUT_ID_PATTERN, description: 'The payout.' }),
});

export const PayoutResource = Type.Object(
  {
    id: Type.String({ description: 'Identifier: it follows from partner and reference.' }),
    partner_id: Type.String({ description: 'Who is paid.' }),
    amount: Money,
    reference: Type.String({ description: 'What it is known by to whoever asked for it.' }),
    advance: Type.Boolean({ description: 'Whether it may exceed what is payable.' }),
    status: words(
      PAYOUT_STATUSES,
      'PENDING: the account has not set the money aside yet. PROCESSING: it has, and the gateway is asked. SUCCEEDED: ' +
        'the gateway has sent it. FAILED: nothing was sent, or all of it has come back.',
    ),
    failure: Type.Optional(
      Type.Object(
        {
          code: Type.String({ description: 'Code of the reason.', examples: ['insufficient_balance'] }),
          message: Type.String({ description: 'The reason in words.' }),
        },
        { description: 'Why it failed.' },
      ),
    ),
    destination: Type.Optional(Type.String({ description: 'Where the gateway sends it.' })),
    attempts: count('How often the gateway was asked.'),
    next_attempt_at: Type.Optional(instant('When the gateway is asked again, if it does not answer.')),
    transfer_id: Type.Optional(Type.String({ description: "The gateway's own id of the transfer." })),
    reversed: Type.Optional(Money),
    lots: Type.Array(
      Type.Object({
        campaign_id: Type.String({ description: 'The campaign.' }),
        release_at: instant('When the hold of these commissions ended.'),
        amount: Money,
      }),
      {
        description:
          "What of the partner's commissions it pays, by campaign and release. What is left of the amount is an advance.",
      },
    ),
    steps: Type.Array(
      Type.Object({
        at: instant('When.'),
        step: Type.String({ description: 'What has happened.', examples: ['reserved'] }),
        detail: Type.Optional(Type.String({ description: 'More of it, in words.' })),
      }),
      { description: 'What has happened to it: the first steps and the latest, the oldest first.' },
    ),
    etag: Type.String({ description: 'Changes with every change of the payout.' }),
    created_at: instant('When it was asked for.'),
    updated_at: instant('When it last changed.'),
    requested_by: Type.String({ description: 'Who asked for it.' }),
  },
  { $id: 'Payout', description: 'Money sent to a partner.' },
);
type PayoutResource = Static<typeof PayoutResource>;

export const PayoutList = Type.Object(
  {
    payouts: Type.Array(shared(PayoutResource), { description: 'The newest first.' }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'PayoutList', description: 'A page of payouts.' },
);

export const PayoutListQuery = Type.Object({
  partner_id: Type.Optional(Type.String({ description: 'Only payouts of this partner.' })),
  status: Type.Optional(
    Type.String({ description: `Only payouts in this status: ${PAYOUT_STATUSES.join(', ')}.` }),
  ),
  page_size: Type.Optional(
    Type.Integer({
      description: `Payouts on a page, at most ${limits.pageSize}; 50 unless said. There may be fewer although there are more.`,
    }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'next_page_token of the page before; same filters.' }),
  ),
});

export function payoutResource(view: PayoutView): PayoutResource {
  const { payoutId, partnerId, isAdvance, failure, nextAttemptAt, transferId, reversed } = view;
  return {
    id: payoutId,
    partner_id: partnerId,
    amount: moneyJson(view.amount.micros, view.amount.currency),
    reference: view.reference,
    advance: isAdvance,
    status: view.status,
    ...(failure && { failure }),
    ...(view.destination !== undefined && { destination: view.destination }),
    attempts: view.attempts,
    ...(nextAttemptAt !== undefined && { next_attempt_at: formatInstant(nextAttemptAt) }),
    ...(transferId !== undefined && { transfer_id: transferId }),
    ...(reversed && { reversed: moneyJson(reversed.micros, reversed.currency) }),
    lots: view.lots.map(({ campaignId, releaseAt, amount }) => ({
      campaign_id: campaignId,
      release_at: formatInstant(releaseAt),
      amount: moneyJson(amount.micros, amount.currency),
    })),
    steps: view.steps.map(({ at, step, detail }) => ({
      at: formatInstant(at),
      step,
      ...(detail !== undefined && { detail }),
    })),
    etag: view.etag,
    created_at: formatInstant(view.createdAt),
    updated_at: formatInstant(view.updatedAt),
    requested_by: view.requestedBy,
  };
}

export function payoutList({ payouts, nextPageToken = '' }: PayoutPage): Static<typeof PayoutList> {
  return { payouts: payouts.map(payoutResource), next_page_token: nextPageToken };
}
