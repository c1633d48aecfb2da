/** The routes of partners' accounts: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Accounts } from '../../application/accounts/accounts.ts';
import { ledgerFilterOf } from '../../application/accounts/ledger.ts';
import { instantOf } from '../../application/campaigns/definition.ts';
import { checkedPageSize } from '../../application/request.ts';
import { Violations } from '../../application/violations.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import { ChangeHeaders, shared } from '../schemas.ts';
import {
  AccountLotsResource,
  AccountPath,
  AccountResource,
  accountLotsResource,
  accountResource,
  LedgerList,
  LedgerListQuery,
  ledgerList,
  PayoutTermsResource,
  payoutTermsResource,
} from './accounts.ts';

/** Any id: events may name partners that nobody has registered. */
const PARTNER = '/v1/partners/:partner_id';
const TAGS = ['Accounts'];
const NO_ACCOUNT = {
  404: problemResponse('The partner is not registered, and has never earned anything or been paid.'),
};

const TermsPatch = Type.Unknown({
  description:
    'A merge patch (RFC 7396): `schedule` (NONE, DAILY, WEEKLY, MONTHLY), `minimums` (all of them, amounts of money), ' +
    '`destination`; `null` for what is to go.',
  examples: [{ schedule: 'MONTHLY', minimums: [{ amount: '50.00', currency: 'USD' }] }],
});

export function accountRoutes(server: FastifyInstance, accounts: Accounts): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [PayoutTermsResource, AccountResource, AccountLotsResource, LedgerList])
    app.addSchema(schema);

  app.get(
    `${PARTNER}/account`,
    {
      schema: {
        operationId: 'getAccount',
        summary: "Get a partner's account as it is now",
        tags: TAGS,
        params: AccountPath,
        response: { 200: shared(AccountResource), ...NO_ACCOUNT, ...PROBLEMS },
      },
    },
    async ({ params }, reply) => {
      const view = await accounts.get(params.partner_id);
      reply.header('etag', etagHeader(view.etag));
      return accountResource(view);
    },
  );

  app.get(
    `${PARTNER}/account/lots`,
    {
      schema: {
        operationId: 'listAccountLots',
        summary: "List what of a partner's commissions is not paid, by campaign and release",
        tags: TAGS,
        params: AccountPath,
        response: { 200: shared(AccountLotsResource), ...NO_ACCOUNT, ...PROBLEMS },
      },
    },
    async ({ params }) => accountLotsResource(await accounts.lots(params.partner_id)),
  );

  app.patch(
    `${PARTNER}/account/terms`,
    {
      schema: {
        operationId: 'updatePayoutTerms',
        summary: 'Change how a partner is paid',
        tags: TAGS,
        params: AccountPath,
        headers: ChangeHeaders,
        body: TermsPatch,
        response: {
          200: shared(PayoutTermsResource),
          ...NO_ACCOUNT,
          412: problemResponse('The terms have changed: their etag is not that of `If-Match`.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params, headers, body }, reply) => {
      const view = await accounts.updateTerms(params.partner_id, body, contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return payoutTermsResource(view);
    },
  );

  app.get(
    `${PARTNER}/ledger`,
    {
      schema: {
        operationId: 'listLedgerEntries',
        summary: 'List what was posted to the books of a partner, the newest first',
        description: 'The first page includes everything that was answered before the request was sent.',
        tags: TAGS,
        params: AccountPath,
        querystring: LedgerListQuery,
        response: { 200: shared(LedgerList), ...NO_ACCOUNT, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const violations = new Violations();
      const written = {
        currency: query.currency,
        cause: query.cause,
        campaignId: query.campaign_id,
        payoutId: query.payout_id,
        from: instantOf(query.from, 'from', violations),
        to: instantOf(query.to, 'to', violations),
      };
      const filter = ledgerFilterOf(written, violations);
      violations.refuse();
      return ledgerList(
        await accounts.ledger(params.partner_id, {
          filter,
          pageSize: checkedPageSize(query.page_size),
          ...(query.page_token && { pageToken: query.page_token }),
        }),
      );
    },
  );
}
