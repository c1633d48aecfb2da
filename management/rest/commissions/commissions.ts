/** What the routes of commissions are asked and answer. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { moneyJson } from '../../../model/money.ts';
import { COMMISSION_STATUSES, type Commission } from '../../application/commissions/commission.ts';
import type { CommissionPage } from '../../application/commissions/commission-list.ts';
import { formatInstant } from '../../application/instant.ts';
import { instant, Money, shared, words } from '../schema-parts.ts';

export const CommissionPath = Type.Object({
  commission_id: Type.String({ description: 'The commission.', examples: ['3-1f-0-0'] }),
});

export const CommissionResource = Type.Object(
  {
    id: Type.String({
      description: 'Identifier: that of the decision and of the touch that it is earned for.',
    }),
    campaign_id: Type.String({ description: 'The campaign.' }),
    partner_id: Type.String({ description: 'Who has earned it.' }),
    decision_id: Type.String({ description: 'The decision on the conversion.' }),
    content_id: Type.Optional(Type.String({ description: 'The content that the partner is credited for.' })),
    share: Type.Number({ description: "The partner's share of the conversion, from 0 to 1." }),
    revenue: Money,
    amount: Money,
    status: words(
      COMMISSION_STATUSES,
      'HELD: its hold has not ended. APPROVED: it can be paid, or is set aside for a payout. PAID. REVERSED: the ' +
        'conversion was refunded.',
    ),
    occurred_at: instant('When the conversion happened.'),
    earned_at: instant('When it was decided, and the commission earned.'),
    release_at: instant('When the hold ends, or has ended.'),
    reversed_at: Type.Optional(instant('When it was reversed.')),
  },
  { $id: 'Commission', description: 'What a partner has earned by a conversion.' },
);

export const CommissionList = Type.Object(
  {
    commissions: Type.Array(shared(CommissionResource), { description: 'The newest first.' }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'CommissionList', description: 'A page of commissions.' },
);

export const CommissionListQuery = Type.Object({
  partner_id: Type.Optional(Type.String({ description: 'Only commissions of this partner.' })),
  campaign_id: Type.Optional(Type.String({ description: 'Only commissions of this campaign.' })),
  status: Type.Optional(
    Type.String({ description: `Only those that stand there now: ${COMMISSION_STATUSES.join(', ')}.` }),
  ),
  from: Type.Optional(Type.String({ description: 'Earned at this time or later, RFC 3339.' })),
  to: Type.Optional(Type.String({ description: 'Earned before this time, RFC 3339.' })),
  page_size: Type.Optional(
    Type.Integer({
      description: `Commissions on a page, at most ${limits.pageSize}; 50 unless said. There may be fewer although there are more.`,
    }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'next_page_token of the page before; same filters.' }),
  ),
});

export function commissionResource(commission: Commission): Static<typeof CommissionResource> {
  const { revenue, amount, reversedAt, contentId } = commission;
  return {
    id: commission.commissionId,
    campaign_id: commission.campaignId,
    partner_id: commission.partnerId,
    decision_id: commission.decisionId,
    ...(contentId !== undefined && { content_id: contentId }),
    share: commission.share,
    revenue: moneyJson(revenue.micros, revenue.currency),
    amount: moneyJson(amount.micros, amount.currency),
    status: commission.status,
    occurred_at: formatInstant(commission.occurredAt),
    earned_at: formatInstant(commission.earnedAt),
    release_at: formatInstant(commission.releaseAt),
    ...(reversedAt !== undefined && { reversed_at: formatInstant(reversedAt) }),
  };
}

export function commissionList({
  commissions,
  nextPageToken = '',
}: CommissionPage): Static<typeof CommissionList> {
  return { commissions: commissions.map(commissionResource), next_page_token: nextPageToken };
}
