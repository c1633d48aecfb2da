/** The routes of campaigns: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { CAMPAIGN_STATUSES, CAMPAIGN_TYPES } from '../../../model/campaign.ts';
import { CampaignDraft } from '../../application/campaigns/campaign-draft.ts';
import {
  type Campaigns,
  LIFECYCLE_VERBS,
  type LifecycleVerb,
} from '../../application/campaigns/campaigns.ts';
import { instantOf } from '../../application/campaigns/definition.ts';
import { type FiguresQuery, GRANULARITIES } from '../../application/figures/figures.ts';
import { checkedPageSize } from '../../application/request.ts';
import { Violations } from '../../application/violations.ts';
import { wordOf } from '../../application/words.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { CAMPAIGN, CAMPAIGNS, NOT_FOUND, PROBLEMS, problemResponse } from '../responses.ts';
import {
  CampaignList,
  CampaignListQuery,
  CampaignPath,
  CampaignResource,
  ChangeBody,
  ChangeHeaders,
  CommandHeaders,
  MetricsQuery,
  MetricsResource,
  SHARED_SCHEMAS,
  shared,
} from '../schemas.ts';
import { ConservationQuery, ConservationResource, conservationResource } from './conservation.ts';
import { campaignResource, jsonOf, metricsResource } from './present.ts';

/** A patch is checked with what it makes of the campaign: `null`, which no draft has, means something in it. */
const CampaignPatch = Type.Unknown({
  description:
    'A merge patch (RFC 7396): fields as in the creation of a campaign with their new values, `null` for what ' +
    'is to go; objects such as `budget` are merged.',
  examples: [{ name: 'Longer spring sale', ends_at: '2027-01-31T00:00:00Z', budget: { daily: null } }],
});

const SUMMARIES: Readonly<Record<LifecycleVerb, string>> = {
  schedule: 'Make a draft ready to begin by itself',
  activate: 'Start a campaign now',
  pause: 'Halt a running campaign',
  resume: 'Go on with a halted campaign',
  complete: 'End a campaign and make its figures final',
  cancel: 'Give a campaign up',
};

const TAGS = ['Campaigns'];

/** What has a serializer of its own must say what it becomes. */
const JSON_TEXT = 'application/json; charset=utf-8';

export function campaignRoutes(server: FastifyInstance, campaigns: Campaigns): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [...SHARED_SCHEMAS, ConservationResource]) app.addSchema(schema);

  app.post(
    CAMPAIGNS,
    {
      schema: {
        operationId: 'createCampaign',
        summary: 'Create a campaign as a draft',
        tags: TAGS,
        headers: CommandHeaders,
        body: CampaignDraft,
        response: {
          201: shared(CampaignResource),
          409: problemResponse('The campaign_id is taken.'),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const view = await campaigns.create(request.body, contextOf(request.headers));
      reply
        .code(201)
        .header('location', `${CAMPAIGNS}/${view.campaignId}`)
        .header('etag', etagHeader(view.etag));
      return campaignResource(view);
    },
  );

  app.get(
    CAMPAIGNS,
    {
      schema: {
        operationId: 'listCampaigns',
        summary: 'List campaigns, the newest first',
        tags: TAGS,
        querystring: CampaignListQuery,
        response: { 200: shared(CampaignList), ...PROBLEMS },
      },
    },
    async ({ query }) => {
      const violations = new Violations();
      const type = query.type && wordOf(CAMPAIGN_TYPES, query.type, 'type', violations);
      const status = query.status && wordOf(CAMPAIGN_STATUSES, query.status, 'status', violations);
      violations.refuse();
      const page = await campaigns.list({
        filter: {
          ...(query.brand_id && { brandId: query.brand_id }),
          ...(query.partner_id && { partnerId: query.partner_id }),
          ...(type && { type }),
          ...(status && { status }),
        },
        pageSize: checkedPageSize(query.page_size),
        ...(query.page_token && { pageToken: query.page_token }),
      });
      return { campaigns: page.campaigns.map(campaignResource), next_page_token: page.nextPageToken ?? '' };
    },
  );

  app.get(
    CAMPAIGN,
    {
      schema: {
        operationId: 'getCampaign',
        summary: 'Get a campaign as it is now',
        tags: TAGS,
        params: CampaignPath,
        response: { 200: shared(CampaignResource), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const view = await campaigns.get(request.params.campaign_id);
      reply.header('etag', etagHeader(view.etag)).type(JSON_TEXT).serializer(jsonOf);
      return campaignResource(view);
    },
  );

  app.patch(
    CAMPAIGN,
    {
      schema: {
        operationId: 'updateCampaign',
        summary: 'Change what a campaign is',
        description:
          'Before the launch everything but the brand may change. Afterwards type, objective, begin, ' +
          'uniqueness, cost model and currency are fixed, and the budget may not fall below what is spent.',
        tags: TAGS,
        params: CampaignPath,
        headers: ChangeHeaders,
        body: CampaignPatch,
        response: {
          200: shared(CampaignResource),
          ...NOT_FOUND,
          409: problemResponse(
            'Not as it is now: `state` names its status, `violations` what cannot change and why.',
          ),
          412: problemResponse('The campaign has changed: its etag is not that of `If-Match`.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params, headers, body }, reply) => {
      const view = await campaigns.update(params.campaign_id, body, contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return campaignResource(view);
    },
  );

  for (const verb of LIFECYCLE_VERBS) {
    app.post(
      `${CAMPAIGN}::${verb}`,
      {
        schema: {
          operationId: `${verb}Campaign`,
          summary: SUMMARIES[verb],
          tags: TAGS,
          params: CampaignPath,
          headers: ChangeHeaders,
          body: ChangeBody,
          response: {
            200: shared(CampaignResource),
            409: problemResponse(
              'The state of the campaign forbids it: `state` names it, `violations` what is missing.',
            ),
            412: problemResponse('The campaign has another etag than `If-Match` demands.'),
            ...NOT_FOUND,
            ...PROBLEMS,
          },
        },
      },
      async (request, reply) => {
        const { campaign_id: campaignId } = request.params;
        const view = await campaigns.change(
          campaignId,
          verb,
          request.body.reason,
          contextOf(request.headers),
        );
        reply.header('etag', etagHeader(view.etag));
        return campaignResource(view);
      },
    );
  }

  app.get(
    `${CAMPAIGN}/metrics`,
    {
      schema: {
        operationId: 'getCampaignMetrics',
        summary: "Get a campaign's figures: live, at an instant, or over time",
        description: 'The live figures include every event that was answered before the request was sent.',
        tags: TAGS,
        params: CampaignPath,
        querystring: MetricsQuery,
        response: { 200: shared(MetricsResource), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params, query }) =>
      metricsResource(await campaigns.figures(params.campaign_id, figuresQueryOf(query))),
  );

  app.get(
    `${CAMPAIGN}/conservation`,
    {
      schema: {
        operationId: 'getCampaignConservation',
        summary: 'Check that what a campaign received is the sum of what was said of it',
        description:
          'Holds the accounts of the actor, of the aggregates and of the decided events against each other. It ' +
          'includes every event that was answered before the request was sent. A report that does not balance ' +
          'is an answer like another: `balanced` is false, and `differences` says what differs by how much.',
        tags: TAGS,
        params: CampaignPath,
        querystring: ConservationQuery,
        response: { 200: shared(ConservationResource), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params, query }) =>
      conservationResource(await campaigns.conservation(params.campaign_id, figuresQueryOf(query))),
  );
}

/** @throws TurnpikeError `invalid_argument` naming each field at fault */
function figuresQueryOf(query: Static<typeof MetricsQuery>): FiguresQuery {
  const violations = new Violations();
  const at = instantOf(query.at, 'at', violations);
  const from = instantOf(query.from, 'from', violations);
  const to = instantOf(query.to, 'to', violations);
  const granularity =
    query.granularity && wordOf(GRANULARITIES, query.granularity, 'granularity', violations);
  violations.refuse();
  return {
    ...(at !== undefined && { at }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(granularity && { granularity }),
  };
}
