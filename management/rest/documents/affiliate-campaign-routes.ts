/** The routes of the document on the campaigns of affiliates: `/campaigns/`, under `/api` as well. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { CampaignView } from '../../../model/campaign.ts';
import type { Campaigns } from '../../application/campaigns/campaigns.ts';
import { Violations } from '../../application/violations.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { NOT_FOUND, PROBLEMS, problemResponse } from '../responses.ts';
import { ChangeHeaders, CommandHeaders, shared } from '../schemas.ts';
import { AffiliateCampaignBody, budgetPatch, draftOf, MoneyBody } from './campaign-drafts.ts';
import { renamedBudget } from './campaign-fields.ts';
import {
  AffiliateCampaign,
  campaignDocument,
  FiguresDocument,
  figuresDocument,
} from './campaign-resources.ts';
import {
  activate,
  CHANGE_PROBLEMS,
  type DocumentScope,
  ID,
  IdPath,
  inDocumentWords,
  PageQuery,
  pageOf,
  ReasonBody,
  TAGS,
} from './campaign-scope.ts';
import { AFFILIATE_STATES, meaningOf } from './campaign-words.ts';

/** Where the document has them, and where its printed requests do. */
const ROOTS = [
  { root: '/campaigns', hide: false },
  { root: '/api/campaigns', hide: true },
] as const;
type Root = (typeof ROOTS)[number];

const ListQuery = Type.Object({
  estado: Type.Optional(
    Type.String({
      description: `Only campaigns in this state: ${Object.values(AFFILIATE_STATES).join(', ')}.`,
    }),
  ),
  id_afiliado: Type.Optional(Type.String({ description: 'Only campaigns of this affiliate.' })),
  ...PageQuery.properties,
});

const BudgetBody = Type.Object(
  { presupuesto: MoneyBody },
  {
    description:
      'The new total, in the currency of the campaign unless said. The money alone is taken as well.',
  },
);

const document = (view: CampaignView) => campaignDocument(view, 'id_afiliado', AFFILIATE_STATES);

export function affiliateCampaignRoutes(server: FastifyInstance, campaigns: Campaigns): void {
  server.addSchema(AffiliateCampaign);
  inDocumentWords(server, 'id_afiliado', AFFILIATE_STATES, (scope) => {
    for (const root of ROOTS) {
      collection(scope, campaigns, root);
      single(scope, campaigns, root);
      changes(scope, campaigns, root);
    }
  });
}

function collection(scope: DocumentScope, campaigns: Campaigns, { root, hide }: Root): void {
  // The document ends the path with a slash; who leaves it out means the same.
  for (const [path, hidden] of [
    [`${root}/`, hide],
    [root, true],
  ] as const) {
    scope.post(
      path,
      {
        schema: {
          hide: hidden,
          operationId: 'crearCampanaAfiliado',
          summary: 'Create a campaign of an affiliate',
          tags: TAGS,
          headers: CommandHeaders,
          body: AffiliateCampaignBody,
          response: { 201: shared(AffiliateCampaign), 409: problemResponse('The id is taken.'), ...PROBLEMS },
        },
      },
      async ({ body, headers }, reply) => {
        const view = await campaigns.create(draftOf(body, body.id_afiliado), contextOf(headers));
        reply
          .code(201)
          .header('location', `${root}/${view.campaignId}`)
          .header('etag', etagHeader(view.etag));
        return document(view);
      },
    );

    scope.get(
      path,
      {
        schema: {
          hide: hidden,
          operationId: 'listarCampanasAfiliado',
          summary: 'List campaigns, the newest first',
          description: 'Where there are more, the Link header says where (`rel="next"`).',
          tags: TAGS,
          querystring: ListQuery,
          response: { 200: Type.Array(shared(AffiliateCampaign)), ...PROBLEMS },
        },
      },
      async ({ query, url }, reply) => {
        const violations = new Violations();
        const status = query.estado && meaningOf(AFFILIATE_STATES, query.estado, 'estado', violations);
        violations.refuse();
        const filter = {
          ...(status && { status }),
          ...(query.id_afiliado && { brandId: query.id_afiliado }),
        };
        const { views, link } = await pageOf(campaigns, filter, query, url);
        reply.headers(link);
        return views.map(document);
      },
    );
  }
}

function single(scope: DocumentScope, campaigns: Campaigns, { root, hide }: Root): void {
  scope.get(
    `${root}/${ID}`,
    {
      schema: {
        hide,
        operationId: 'obtenerCampanaAfiliado',
        summary: 'Get a campaign as it is now',
        tags: TAGS,
        params: IdPath,
        response: { 200: shared(AffiliateCampaign), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params }, reply) => {
      const view = await campaigns.get(params.id);
      reply.header('etag', etagHeader(view.etag));
      return document(view);
    },
  );

  scope.get(
    `${root}/${ID}/metrics`,
    {
      schema: {
        hide,
        operationId: 'metricasCampanaAfiliado',
        summary: "Get a campaign's live figures",
        tags: TAGS,
        params: IdPath,
        response: { 200: shared(FiguresDocument), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params }) => figuresDocument(await campaigns.figures(params.id, {})),
  );
}

function changes(scope: DocumentScope, campaigns: Campaigns, { root, hide }: Root): void {
  scope.patch(
    `${root}/${ID}/activate`,
    {
      schema: {
        hide,
        operationId: 'activarCampanaAfiliado',
        summary: 'Start a campaign now, or go on with a halted one',
        tags: TAGS,
        params: IdPath,
        headers: ChangeHeaders,
        body: ReasonBody,
        response: { 200: shared(AffiliateCampaign), ...CHANGE_PROBLEMS },
      },
    },
    async ({ params, body, headers }, reply) => {
      const view = await activate(campaigns, params.id, body.motivo, contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return document(view);
    },
  );

  scope.patch(
    `${root}/${ID}/budget`,
    {
      preValidation: readBudget,
      schema: {
        hide,
        operationId: 'presupuestoCampanaAfiliado',
        summary: "Change a campaign's budget",
        tags: TAGS,
        params: IdPath,
        headers: ChangeHeaders,
        body: BudgetBody,
        response: { 200: shared(AffiliateCampaign), ...CHANGE_PROBLEMS },
      },
    },
    async ({ params, body, headers }, reply) => {
      const view = await campaigns.update(params.id, budgetPatch(body.presupuesto), contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return document(view);
    },
  );
}

async function readBudget(request: FastifyRequest): Promise<void> {
  request.body = renamedBudget(request.body);
}
