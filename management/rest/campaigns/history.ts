/** The route of a campaign's history. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { DOMAIN_EVENT_TYPES } from '../../../model/domain-event.ts';
import type { Campaigns } from '../../application/campaigns/campaigns.ts';
import { checkedPageSize } from '../../application/request.ts';
import { CAMPAIGN, NOT_FOUND, PROBLEMS } from '../responses.ts';
import { CampaignPath, instant, shared } from '../schemas.ts';

const HistoryQuery = Type.Object({
  page_size: Type.Optional(
    Type.Integer({
      default: limits.defaultPageSize,
      description: `Events on a page, at most ${limits.pageSize}; it may hold fewer although there are more.`,
    }),
  ),
  page_token: Type.Optional(Type.String({ description: 'next_page_token of the page before.' })),
});

const CloudEventResource = Type.Object(
  {
    specversion: Type.String({ description: 'The version of CloudEvents.', examples: ['1.0'] }),
    id: Type.String({ description: 'Identifier; the same wherever the event is seen.' }),
    source: Type.String({ description: 'Who tells of it.', examples: ['turnpike'] }),
    type: Type.String({ description: 'What has happened.', examples: [...DOMAIN_EVENT_TYPES] }),
    subject: Type.String({ description: 'The campaign.' }),
    time: instant('When it happened.'),
    datacontenttype: Type.String({ description: 'What data is.', examples: ['application/json'] }),
    data: Type.Record(Type.String(), Type.Unknown(), {
      description:
        'What there is to say of it: of a change who made it, why, and the figures at that moment.',
    }),
  },
  { $id: 'CloudEvent', description: 'Something that has happened to a campaign (CloudEvents 1.0).' },
);

const HistoryResource = Type.Object(
  {
    events: Type.Array(shared(CloudEventResource), { description: 'The newest first.' }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'CampaignHistory', description: 'A page of what has happened to a campaign.' },
);

export function historyRoutes(server: FastifyInstance, campaigns: Pick<Campaigns, 'history'>): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [CloudEventResource, HistoryResource]) app.addSchema(schema);
  app.get(
    `${CAMPAIGN}/history`,
    {
      schema: {
        operationId: 'listCampaignHistory',
        summary: 'List what has happened to a campaign, the newest first',
        description:
          'The events that were published, as they were. The first page includes all that was answered before ' +
          'the request was sent.',
        tags: ['Campaigns'],
        params: CampaignPath,
        querystring: HistoryQuery,
        response: { 200: shared(HistoryResource), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const { events, nextPageToken } = await campaigns.history(params.campaign_id, {
        pageSize: checkedPageSize(query.page_size),
        ...(query.page_token && { pageToken: query.page_token }),
      });
      return { events: events.map((event) => ({ ...event })), next_page_token: nextPageToken ?? '' };
    },
  );
}
