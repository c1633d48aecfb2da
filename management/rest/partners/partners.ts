/** The routes of partners, and what they answer. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { moneyJson } from '../../../model/money.ts';
import {
  PARTNER_KINDS,
  PARTNER_STATUSES,
  type PartnerCampaigns,
  type PartnerView,
  VALIDATION_STATUSES,
} from '../../../model/partner.ts';
import { CAMPAIGN_ID_PATTERN } from '../../application/campaigns/campaign-draft.ts';
import { formatInstant } from '../../application/instant.ts';
import {
  PARTNER_ID_PATTERN,
  PartnerDraft,
  partnerDraftOf,
} from '../../application/partners/partner-draft.ts';
import type { Partners } from '../../application/partners/partners.ts';
import { checkedPageSize } from '../../application/request.ts';
import { Violations } from '../../application/violations.ts';
import { wordOf } from '../../application/words.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import { count, instant, Money, shared, words } from '../schema-parts.ts';
import { ChangeHeaders, CommandHeaders } from '../schemas.ts';

const PARTNERS = '/v1/partners';
export const PARTNER = `${PARTNERS}/:partner_id([A-Za-z0-9_-]+)`;
export const NO_PARTNER = { 404: problemResponse('There is no such partner.') };
const TAGS = ['Partners'];

export const PartnerResource = Type.Object(
  {
    id: Type.String({ description: 'Identifier.' }),
    name: Type.String({ description: 'Name for people.' }),
    kind: words(PARTNER_KINDS, 'Kind of partner.'),
    status: words(PARTNER_STATUSES, 'One that is suspended launches nothing.'),
    validation_status: words(VALIDATION_STATUSES, 'How far its data have been checked.'),
    contract_id: Type.Optional(Type.String({ description: 'Its active contract.' })),
    permissions: Type.Object(
      {
        campaign_creation: Type.Boolean({ description: 'Whether it may create and launch campaigns.' }),
        advanced_targeting: Type.Boolean({ description: 'Whether they may use advanced targeting.' }),
      },
      { description: 'What it may do.' },
    ),
    limits: Type.Object(
      {
        daily_budget_limit: Type.Optional(Money),
        monthly_budget_limit: Type.Optional(Money),
        max_active_campaigns: Type.Optional(count('Campaigns that may be launched at the same time.')),
      },
      { description: 'How much it may do; what is absent is not limited.' },
    ),
    active_campaigns: count('Campaigns that it runs: scheduled, active or paused, or about to be.'),
    associated_campaigns: count('Campaigns that it is associated with.'),
    associated_contents: count('Contents that it is associated with.'),
    etag: Type.String({ description: 'Changes with every change of the partner; also the ETag header.' }),
    created_at: instant('When it was registered.'),
    updated_at: instant('When it was last changed.'),
    updated_by: Type.String({ description: 'Who changed it last.' }),
  },
  { $id: 'Partner', description: 'A partner: who brings traffic and runs campaigns.' },
);
export type PartnerResource = Static<typeof PartnerResource>;

const PartnerList = Type.Object(
  {
    partners: Type.Array(shared(PartnerResource), { description: 'The newest first.' }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'PartnerList', description: 'A page of partners.' },
);

const PartnerCampaignsResource = Type.Object(
  {
    running: Type.Array(
      Type.Object({
        campaign_id: Type.String({ description: 'The campaign.' }),
        since: instant('When it took its slot.'),
        monthly_spend: Type.Optional(Money),
      }),
      { description: 'Campaigns that hold one of its slots, with what they may spend in a month at most.' },
    ),
    associated: Type.Array(Type.String(), { description: 'Campaigns that it is associated with.' }),
  },
  { $id: 'PartnerCampaigns', description: 'The campaigns of a partner.' },
);

export const PartnerPath = Type.Object({
  partner_id: Type.String({ pattern: PARTNER_ID_PATTERN, description: 'The partner.' }),
});

const PartnerPatch = Type.Unknown({
  description:
    'A merge patch (RFC 7396): fields as in the registration of a partner with their new values, `null` for what is ' +
    'to go.',
  examples: [{ limits: { max_active_campaigns: 20, daily_budget_limit: null } }],
});

const PartnerListQuery = Type.Object({
  kind: Type.Optional(
    Type.String({ description: `Only partners of this kind: ${PARTNER_KINDS.join(', ')}.` }),
  ),
  status: Type.Optional(
    Type.String({ description: `Only partners in this status: ${PARTNER_STATUSES.join(', ')}.` }),
  ),
  page_size: Type.Optional(
    Type.Integer({ description: `Partners on a page, at most ${limits.pageSize}; 50 unless said.` }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'next_page_token of the page before; same filters.' }),
  ),
});

export function partnerRoutes(server: FastifyInstance, partners: Partners): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [PartnerResource, PartnerList, PartnerCampaignsResource]) app.addSchema(schema);

  app.post(
    PARTNERS,
    {
      schema: {
        operationId: 'registerPartner',
        summary: 'Register a partner',
        tags: TAGS,
        headers: CommandHeaders,
        body: PartnerDraft,
        response: {
          201: shared(PartnerResource),
          409: problemResponse('The partner_id is taken.'),
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const view = await partners.register(request.body, contextOf(request.headers));
      reply
        .code(201)
        .header('location', `${PARTNERS}/${view.partnerId}`)
        .header('etag', etagHeader(view.etag));
      return partnerResource(view);
    },
  );

  app.get(
    PARTNERS,
    {
      schema: {
        operationId: 'listPartners',
        summary: 'List partners, the newest first',
        tags: TAGS,
        querystring: PartnerListQuery,
        response: { 200: shared(PartnerList), ...PROBLEMS },
      },
    },
    async ({ query }) => {
      const violations = new Violations();
      const kind = query.kind && wordOf(PARTNER_KINDS, query.kind, 'kind', violations);
      const status = query.status && wordOf(PARTNER_STATUSES, query.status, 'status', violations);
      violations.refuse();
      const page = await partners.list({
        filter: { ...(kind && { kind }), ...(status && { status }) },
        pageSize: checkedPageSize(query.page_size),
        ...(query.page_token && { pageToken: query.page_token }),
      });
      return { partners: page.partners.map(partnerResource), next_page_token: page.nextPageToken ?? '' };
    },
  );

  app.get(
    PARTNER,
    {
      schema: {
        operationId: 'getPartner',
        summary: 'Get a partner as it is now',
        tags: TAGS,
        params: PartnerPath,
        response: { 200: shared(PartnerResource), ...NO_PARTNER, ...PROBLEMS },
      },
    },
    async ({ params }, reply) => {
      const view = await partners.get(params.partner_id);
      reply.header('etag', etagHeader(view.etag));
      return partnerResource(view);
    },
  );

  app.patch(
    PARTNER,
    {
      schema: {
        operationId: 'updatePartner',
        summary: 'Change what a partner is, what it may do, and how much',
        description:
          'What its campaigns are launched with from now on goes by it; what runs already goes on.',
        tags: TAGS,
        params: PartnerPath,
        headers: ChangeHeaders,
        body: PartnerPatch,
        response: {
          200: shared(PartnerResource),
          ...NO_PARTNER,
          412: problemResponse('The partner has changed: its etag is not that of `If-Match`.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params, headers, body }, reply) => {
      const view = await partners.update(params.partner_id, body, contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return partnerResource(view);
    },
  );

  app.post(
    `${PARTNER}::associate`,
    {
      schema: {
        operationId: 'associatePartner',
        summary: 'Associate a partner with a campaign',
        description:
          'To repeat it changes nothing. A campaign that a partner runs is associated with it from the start.',
        tags: TAGS,
        params: PartnerPath,
        headers: ChangeHeaders,
        body: Type.Object({
          campaign_id: Type.String({ pattern: CAMPAIGN_ID_PATTERN, description: 'The campaign.' }),
        }),
        response: {
          200: shared(PartnerResource),
          404: problemResponse('There is no such partner or campaign.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params, headers, body }, reply) => {
      const view = await partners.associate(params.partner_id, body.campaign_id, contextOf(headers));
      reply.header('etag', etagHeader(view.etag));
      return partnerResource(view);
    },
  );

  app.get(
    `${PARTNER}/campaigns`,
    {
      schema: {
        operationId: 'getPartnerCampaigns',
        summary: 'Get the campaigns that a partner runs, and those it is associated with',
        tags: TAGS,
        params: PartnerPath,
        response: { 200: shared(PartnerCampaignsResource), ...NO_PARTNER, ...PROBLEMS },
      },
    },
    async ({ params }) => campaignsResource(await partners.campaigns(params.partner_id)),
  );
}

export function partnerResource(view: PartnerView): PartnerResource {
  return {
    ...partnerDraftOf(view),
    id: view.partnerId,
    kind: view.kind,
    status: view.status,
    validation_status: view.validationStatus,
    ...(view.contractId !== undefined && { contract_id: view.contractId }),
    active_campaigns: view.activeCampaigns,
    associated_campaigns: view.associatedCampaigns,
    associated_contents: view.associatedContents,
    etag: view.etag,
    created_at: formatInstant(view.createdAt),
    updated_at: formatInstant(view.updatedAt),
    updated_by: view.updatedBy,
  };
}

function campaignsResource({ slots, associated }: PartnerCampaigns): Static<typeof PartnerCampaignsResource> {
  return {
    running: slots.map(({ campaignId, takenAt, monthly }) => ({
      campaign_id: campaignId,
      since: formatInstant(takenAt),
      ...(monthly && { monthly_spend: moneyJson(monthly.micros, monthly.currency) }),
    })),
    associated: [...associated],
  };
}
