/** The routes of commissions: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Commissions } from '../../application/commissions/commissions.ts';
import { RefundDraft } from '../../application/commissions/refund-draft.ts';
import { contextOf } from '../http/conditions.ts';
import { CAMPAIGN, PROBLEMS, problemResponse } from '../responses.ts';
import { CampaignPath, CommandHeaders, shared } from '../schemas.ts';
import { ConversionRefundResource, conversionRefundResource } from './refunds.ts';

const TAGS = ['Commissions'];

export function commissionRoutes(server: FastifyInstance, commissions: Commissions): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  app.addSchema(ConversionRefundResource);

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
}
