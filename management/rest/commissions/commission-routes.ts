/** The routes of commissions: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { instantOf } from '../../application/campaigns/definition.ts';
import { commissionFilterOf } from '../../application/commissions/commission-list.ts';
import type { Commissions } from '../../application/commissions/commissions.ts';
import { RefundDraft } from '../../application/commissions/refund-draft.ts';
import { checkedPageSize } from '../../application/request.ts';
import { Violations } from '../../application/violations.ts';
import { contextOf } from '../http/conditions.ts';
import { CAMPAIGN, PROBLEMS, problemResponse } from '../responses.ts';
import { CampaignPath, CommandHeaders, shared } from '../schemas.ts';
import {
  CommissionList,
  CommissionListQuery,
  CommissionPath,
  CommissionResource,
  commissionList,
  commissionResource,
} from './commissions.ts';
import { ConversionRefundResource, conversionRefundResource } from './refunds.ts';
import { SagaPath, SagaResource, sagaResource } from './sagas.ts';

const COMMISSIONS = '/v1/commissions';
const TAGS = ['Commissions'];

export function commissionRoutes(server: FastifyInstance, commissions: Commissions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [ConversionRefundResource, CommissionResource, CommissionList, SagaResource])
    app.addSchema(schema);

  app.post(
    `${CAMPAIGN}::refund-conversion`,
    {
      schema: {
        operationId: 'refundConversion',
        summary: 'Take a conversion back',
        description:
          'Once for ever: what it was worth, what its partners have earned by it and, where the commission plan of its ' +
          'time says so, what the brand has paid for it. It stays counted. The commissions are reversed whatever has ' +
          'become of them: of a partner that was paid already, the balance goes below zero, and the next commissions ' +
          'make up for it.',
        tags: TAGS,
        params: CampaignPath,
        headers: CommandHeaders,
        body: RefundDraft,
        response: {
          200: shared(ConversionRefundResource),
          404: problemResponse('There is no such campaign, or it has counted no such conversion.'),
          409: problemResponse('The conversion was refunded before, or the campaign has never run.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params, body, headers }) =>
      conversionRefundResource(await commissions.refund(params.campaign_id, body, contextOf(headers))),
  );

  app.get(
    COMMISSIONS,
    {
      schema: {
        operationId: 'listCommissions',
        summary: 'List what partners have earned by conversions, the newest first',
        description:
          'Of a partner, of a campaign, or both. The first page includes every conversion that was answered before the ' +
          'request was sent. What clicks and impressions earn is kept in lots, which the account of the partner has.',
        tags: TAGS,
        querystring: CommissionListQuery,
        response: { 200: shared(CommissionList), ...PROBLEMS },
      },
    },
    async ({ query }) => {
      const violations = new Violations();
      const written = {
        partnerId: query.partner_id,
        campaignId: query.campaign_id,
        status: query.status,
        from: instantOf(query.from, 'from', violations),
        to: instantOf(query.to, 'to', violations),
      };
      const filter = commissionFilterOf(written, violations);
      violations.refuse();
      return commissionList(
        await commissions.list({
          filter,
          pageSize: checkedPageSize(query.page_size),
          ...(query.page_token && { pageToken: query.page_token }),
        }),
      );
    },
  );

  app.get(
    `${COMMISSIONS}/:commission_id`,
    {
      schema: {
        operationId: 'getCommission',
        summary: 'Get a commission, as it stands now',
        tags: TAGS,
        params: CommissionPath,
        response: {
          200: shared(CommissionResource),
          404: problemResponse('There is no such commission.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params }) => commissionResource(await commissions.get(params.commission_id)),
  );

  app.get(
    '/v1/sagas/:saga_id',
    {
      schema: {
        operationId: 'getSaga',
        summary: 'Get the steps of a commission, or of a payout, up to now',
        description:
          'Of a commission from the decision on its conversion to the payout that pays it, or its reversal; of a payout ' +
          'from its request to what has become of the money.',
        tags: TAGS,
        params: SagaPath,
        response: {
          200: shared(SagaResource),
          404: problemResponse('There is no such commission, or payout.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params }) => sagaResource(await commissions.saga(params.saga_id)),
  );
}
