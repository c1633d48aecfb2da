/** The routes of the tracking document: impressions and conversions, by id and by campaign. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import type { EventTypeName } from '../../../model/event.ts';
import { checkedPageSize } from '../../application/request.ts';
import type { TrackedEvent } from '../../application/tracking/tracked-event.ts';
import type { Tracking } from '../../application/tracking/tracking.ts';
import { NOT_FOUND, PROBLEMS, problemResponse } from '../responses.ts';
import { CampaignPath, shared } from '../schemas.ts';
import {
  ConversionDocument,
  conversionDocument,
  ImpressionDocument,
  impressionDocument,
} from './tracking-events.ts';

interface Resource {
  readonly type: EventTypeName;
  /** As in the paths. */
  readonly plural: string;
  /** As in the names of operations. */
  readonly name: string;
  readonly schema: TSchema & { readonly $id?: string };
  readonly document: (event: TrackedEvent) => object;
}

const RESOURCES: readonly Resource[] = [
  {
    type: 'impression',
    plural: 'impresiones',
    name: 'Impresion',
    schema: ImpressionDocument,
    document: impressionDocument,
  },
  {
    type: 'conversion',
    plural: 'conversiones',
    name: 'Conversion',
    schema: ConversionDocument,
    document: conversionDocument,
  },
];

/** The document's spelling, and one for those who cannot type it. */
const SPELLINGS = [
  { campaigns: 'campañas', hide: false },
  { campaigns: 'campanas', hide: true },
] as const;

const EventPath = Type.Object({
  id: Type.String({ description: 'The event, percent-encoded where needed.' }),
});

const PageQuery = Type.Object({
  page_size: Type.Optional(
    Type.Integer({
      default: limits.defaultPageSize,
      description: `Events in the answer, at most ${limits.pageSize}; there may be fewer although there are more.`,
    }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'Part of the address that the Link header of the page before gives.' }),
  ),
});

const TAGS = ['Documents'];

export function trackingDocumentRoutes(server: FastifyInstance, tracking: Tracking): void {
  for (const resource of RESOURCES) {
    server.addSchema(resource.schema);
    byId(server, tracking, resource);
    for (const spelling of SPELLINGS) byCampaign(server, tracking, resource, spelling);
  }
}

function byId(server: FastifyInstance, tracking: Tracking, resource: Resource): void {
  const { type, plural, name, schema, document } = resource;
  server.withTypeProvider<TypeBoxTypeProvider>().get(
    `/tracking/${plural}/:id`,
    {
      schema: {
        operationId: `obtener${name}`,
        summary: `Get ${article(type)} by its id, whichever campaign it is of`,
        tags: TAGS,
        params: EventPath,
        response: { 200: shared(schema), 404: problemResponse(`There is no such ${type}.`), ...PROBLEMS },
      },
    },
    async ({ params }) => document(await tracking.find(params.id, type)),
  );
}

function byCampaign(
  server: FastifyInstance,
  tracking: Tracking,
  { type, plural, name, schema, document }: Resource,
  { campaigns, hide }: (typeof SPELLINGS)[number],
): void {
  server.withTypeProvider<TypeBoxTypeProvider>().get(
    `/tracking/${campaigns}/:campaign_id([A-Za-z0-9_-]+)/${plural}`,
    {
      schema: {
        hide,
        operationId: `listar${name}es`,
        summary: `List the ${type}s of a campaign, the newest first`,
        description: 'Where there are more, the Link header says where (`rel="next"`).',
        tags: TAGS,
        params: CampaignPath,
        querystring: PageQuery,
        response: {
          200: Type.Array(shared(schema), { description: 'The newest first.' }),
          ...NOT_FOUND,
          ...PROBLEMS,
        },
      },
    },
    async ({ params, query }, reply) => {
      const pageSize = checkedPageSize(query.page_size);
      const { events, nextPageToken } = await tracking.events(params.campaign_id, {
        filter: { type },
        pageSize,
        ...(query.page_token && { pageToken: query.page_token }),
      });
      if (nextPageToken !== undefined) {
        const path = `/tracking/${encodeURIComponent(campaigns)}/${params.campaign_id}/${plural}`;
        reply.header('link', `<${path}?page_size=${pageSize}&page_token=${nextPageToken}>; rel="next"`);
      }
      return events.map(document);
    },
  );
}

function article(type: EventTypeName): string {
  return type === 'impression' ? `an ${type}` : `a ${type}`;
}
