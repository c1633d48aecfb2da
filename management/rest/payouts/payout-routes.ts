/** The routes of payouts: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { PAYOUT_STATUSES } from '../../../model/payout.ts';
import { PayoutDraft } from '../../application/payouts/payout-draft.ts';
import type { Payouts } from '../../application/payouts/payouts.ts';
import { checkedPageSize } from '../../application/request.ts';
import { Violations } from '../../application/violations.ts';
import { wordOf } from '../../application/words.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import { CommandHeaders, shared } from '../schemas.ts';
import {
  PayoutList,
  PayoutListQuery,
  PayoutPath,
  PayoutResource,
  payoutList,
  payoutResource,
} from './payouts.ts';

const PAYOUTS = '/v1/payouts';
const TAGS = ['Payouts'];

export function payoutRoutes(server: FastifyInstance, payouts: Payouts): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [PayoutResource, PayoutList]) app.addSchema(schema);

  app.post(
    PAYOUTS,
    {
      schema: {
        operationId: 'createPayout',
        summary: 'Ask for a payout',
        description:
          'The answer is the payout as it is then; it goes on by itself. There is one payout for each partner and ' +
          'reference, and without a reference for each `Idempotency-Key`: to ask for it again gives it as it is.',
        tags: TAGS,
        headers: CommandHeaders,
        body: PayoutDraft,
        response: {
          201: shared(PayoutResource),
          409: problemResponse(
            'The reference stands for another payout, or it is more than is payable, or less than is paid at least: ' +
              '`violations` says how much is.',
          ),
          ...PROBLEMS,
        },
      },
    },
    async ({ body, headers }, reply) => {
      const view = await payouts.create(body, contextOf(headers));
      reply.code(201).header('location', `${PAYOUTS}/${view.payoutId}`).header('etag', etagHeader(view.etag));
      return payoutResource(view);
    },
  );

  app.get(
    PAYOUTS,
    {
      schema: {
        operationId: 'listPayouts',
        summary: 'List payouts, the newest first',
        description: 'The first page includes every payout that was asked for before the request was sent.',
        tags: TAGS,
        querystring: PayoutListQuery,
        response: { 200: shared(PayoutList), ...PROBLEMS },
      },
    },
    async ({ query }) => {
      const violations = new Violations();
      const status = query.status && wordOf(PAYOUT_STATUSES, query.status, 'status', violations);
      violations.refuse();
      return payoutList(
        await payouts.list({
          filter: { ...(status && { status }), ...(query.partner_id && { partnerId: query.partner_id }) },
          pageSize: checkedPageSize(query.page_size),
          ...(query.page_token && { pageToken: query.page_token }),
        }),
      );
    },
  );

  app.get(
    `${PAYOUTS}/:payout_id`,
    {
      schema: {
        operationId: 'getPayout',
        summary: 'Get a payout as it is now',
        tags: TAGS,
        params: PayoutPath,
        response: {
          200: shared(PayoutResource),
          404: problemResponse('There is no such payout.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params }, reply) => {
      const view = await payouts.get(params.payout_id);
      reply.header('etag', etagHeader(view.etag));
      return payoutResource(view);
    },
  );
}
