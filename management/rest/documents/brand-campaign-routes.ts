/** The routes of the document on campaign management: campaigns of brands. */
import type { FastifyInstance } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import type { Campaigns } from '../../application/campaigns/campaigns.ts';
import type { CampaignFilter } from '../../application/page.ts';
import { Violations } from '../../application/violations.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { NOT_FOUND, PROBLEMS, problemResponse } from '../responses.ts';
import { CommandHeaders, shared } from '../schemas.ts';
import { brandCampaignChanges, CAMPAIGN, document, ROOT } from './brand-campaign-changes.ts';
import { BrandCampaignBody, draftOf } from './campaign-drafts.ts';
import { BrandCampaign, FiguresDocument, figuresDocument } from './campaign-resources.ts';
import {
  type DocumentScope,
  ID,
  IdPath,
  inDocumentWords,
  PageQuery,
  pageOf,
  TAGS,
} from './campaign-scope.ts';
import { BRAND_STATES, meaningOf, TYPE_WORDS } from './campaign-words.ts';

/** Before the routes of the other document, which share the figures. */
export function brandCampaignRoutes(server: FastifyInstance, campaigns: Campaigns): void {
  server.addSchema(FiguresDocument);
  server.addSchema(BrandCampaign);
  inDocumentWords(server, 'id_marca', BRAND_STATES, (scope) => {
    creation(scope, campaigns);
    reading(scope, campaigns);
    lists(scope, campaigns);
    brandCampaignChanges(scope, campaigns);
  });
}

function creation(scope: DocumentScope, campaigns: Campaigns): void {
  scope.post(
    CAMPAIGN,
    {
      schema: {
        operationId: 'crearCampana',
        summary: 'Create a campaign of a brand as a draft',
        tags: TAGS,
        headers: CommandHeaders,
        body: BrandCampaignBody,
        response: { 201: shared(BrandCampaign), 409: problemResponse('The id is taken.'), ...PROBLEMS },
      },
    },
    async ({ body, headers }, reply) => {
      const view = await campaigns.create(draftOf(body, body.id_marca), contextOf(headers));
      reply
        .code(201)
        .header('location', `${CAMPAIGN}/${view.campaignId}`)
        .header('etag', etagHeader(view.etag));
      return document(view);
    },
  );
}

function reading(scope: DocumentScope, campaigns: Campaigns): void {
  scope.get(
    `${CAMPAIGN}/${ID}`,
    {
      schema: {
        operationId: 'obtenerCampana',
        summary: 'Get a campaign as it is now, with its live figures',
        tags: TAGS,
        params: IdPath,
        response: { 200: shared(BrandCampaign), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params }, reply) => {
      const view = await campaigns.get(params.id);
      reply.header('etag', etagHeader(view.etag));
      return { ...document(view), metricas: figuresDocument(await campaigns.figures(params.id, {})) };
    },
  );
}

function lists(scope: DocumentScope, campaigns: Campaigns): void {
  const Brand = Type.Object({ id_marca: Type.String({ description: 'The brand.' }) });
  const Kind = Type.Object({
    tipo: Type.String({ description: `${Object.values(TYPE_WORDS).join(', ')}.` }),
  });
  const State = Type.Object({
    estado: Type.String({ description: `${Object.values(BRAND_STATES).join(', ')}.` }),
  });
  list(scope, campaigns, 'marca/:id_marca', 'Marca', 'of a brand', Brand, ({ id_marca: brandId }) => ({
    brandId,
  }));
  list(scope, campaigns, 'tipo/:tipo', 'Tipo', 'of a type', Kind, ({ tipo }, violations) => {
    const type = meaningOf(TYPE_WORDS, tipo, 'tipo', violations);
    return type ? { type } : {};
  });
  list(scope, campaigns, 'estado/:estado', 'Estado', 'in a state', State, ({ estado }, violations) => {
    const status = meaningOf(BRAND_STATES, estado, 'estado', violations);
    return status ? { status } : {};
  });
  list(scope, campaigns, 'activas', 'Activas', 'that run', Type.Object({}), () => ({ status: 'ACTIVE' }));
}

function list<P extends TSchema>(
  scope: DocumentScope,
  campaigns: Campaigns,
  path: string,
  name: string,
  which: string,
  params: P,
  filterOf: (params: Static<P>, violations: Violations) => CampaignFilter,
): void {
  scope.get(
    `${ROOT}/campaigns/${path}`,
    {
      schema: {
        operationId: `listarCampanas${name}`,
        summary: `List the campaigns ${which}, the newest first`,
        description: 'Where there are more, the Link header says where (`rel="next"`).',
        tags: TAGS,
        params,
        querystring: PageQuery,
        response: { 200: Type.Array(shared(BrandCampaign)), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const violations = new Violations();
      const filter = filterOf(request.params as Static<P>, violations);
      violations.refuse();
      const { views, link } = await pageOf(campaigns, filter, request.query, request.url);
      reply.headers(link);
      return views.map(document);
    },
  );
}
