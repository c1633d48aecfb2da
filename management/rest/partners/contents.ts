/** The routes of partners' contents, and what they answer. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { CAMPAIGN_ID_PATTERN } from '../../application/campaigns/campaign-draft.ts';
import { formatInstant } from '../../application/instant.ts';
import type { Partners } from '../../application/partners/partners.ts';
import { checkedPageSize } from '../../application/request.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import { instant, shared } from '../schema-parts.ts';
import { ChangeHeaders } from '../schemas.ts';
import { NO_PARTNER, PARTNER, PartnerPath, PartnerResource, partnerResource } from './partners.ts';

const TAGS = ['Partners'];

const contentId = Type.String({
  description: 'The content, as events name it in `content_id`.',
  examples: ['reel-2026-11'],
});

const PartnerContents = Type.Object(
  {
    contents: Type.Array(
      Type.Object({
        campaign_id: Type.String({ description: 'The campaign.' }),
        content_id: contentId,
        associated_at: instant('When they were associated.'),
      }),
      { description: 'In the order of their association.' },
    ),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'PartnerContents', description: 'A page of the contents of a partner.' },
);

const ContentsQuery = Type.Object({
  campaign_id: Type.Optional(Type.String({ description: 'Only contents of this campaign.' })),
  page_size: Type.Optional(
    Type.Integer({ description: `Contents on a page, at most ${limits.pageSize}; 50 unless said.` }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'next_page_token of the page before; same filters.' }),
  ),
});

export function partnerContentRoutes(server: FastifyInstance, partners: Partners): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  app.addSchema(PartnerContents);

  app.post(
    `${PARTNER}::associate-content`,
    {
      schema: {
        operationId: 'associateContent',
        summary: 'Associate a content with a partner and a campaign',
        description:
          'A creative or post with which the partner brings traffic to the campaign. The partner is associated with ' +
          'the campaign as well, if it was not. To repeat it changes nothing.',
        tags: TAGS,
        params: PartnerPath,
        headers: ChangeHeaders,
        body: Type.Object({
          campaign_id: Type.String({ pattern: CAMPAIGN_ID_PATTERN, description: 'The campaign.' }),
          content_id: contentId,
        }),
        response: {
          200: shared(PartnerResource),
          404: problemResponse('There is no such partner or campaign.'),
          409: problemResponse(`The partner has ${limits.contentsPerPartner} contents already.`),
          ...PROBLEMS,
        },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { campaign_id, content_id } = body;
      const view = await partners.associateContent(
        params.partner_id,
        campaign_id,
        content_id,
        contextOf(headers),
      );
      reply.header('etag', etagHeader(view.etag));
      return partnerResource(view);
    },
  );

  app.get(
    `${PARTNER}/contents`,
    {
      schema: {
        operationId: 'listPartnerContents',
        summary: 'List the contents of a partner, in the order of their association',
        tags: TAGS,
        params: PartnerPath,
        querystring: ContentsQuery,
        response: { 200: shared(PartnerContents), ...NO_PARTNER, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const page = await partners.contents(params.partner_id, {
        ...(query.campaign_id && { campaignId: query.campaign_id }),
        pageSize: checkedPageSize(query.page_size),
        ...(query.page_token && { pageToken: query.page_token }),
      });
      return {
        contents: page.contents.map(({ campaignId, contentId: content_id, at }) => ({
          campaign_id: campaignId,
          content_id,
          associated_at: formatInstant(at),
        })),
        next_page_token: page.nextPageToken ?? '',
      };
    },
  );
}
