/** The routes of single events: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { instantOf } from '../../application/campaigns/definition.ts';
import { checkedPageSize } from '../../application/request.ts';
import type {
  CreditsQuery as CreditsQuestion,
  EventsQuery as EventsQuestion,
  Tracking,
} from '../../application/tracking/tracking.ts';
import { eventsFilterOf } from '../../application/tracking/tracking-filter.ts';
import { Violations } from '../../application/violations.ts';
import { CAMPAIGN, NOT_FOUND, PROBLEMS, problemResponse } from '../responses.ts';
import { CampaignPath, shared } from '../schemas.ts';
import {
  CreditsQuery,
  EventAccountResource,
  EventListResource,
  EventPath,
  EventResource,
  EventsQuery,
  eventAccountResource,
  eventListResource,
  PartnerCreditsList,
  partnerCreditsList,
} from './tracking.ts';

const EVENTS = `${CAMPAIGN}/events`;
const TAGS = ['Tracking'];

export function trackingRoutes(server: FastifyInstance, tracking: Tracking): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [EventResource, EventListResource, EventAccountResource, PartnerCreditsList])
    app.addSchema(schema);

  app.get(
    EVENTS,
    {
      schema: {
        operationId: 'listEvents',
        summary: "List a campaign's events with what was decided on them, the newest first",
        description: 'The first page includes every event that was answered before the request was sent.',
        tags: TAGS,
        params: CampaignPath,
        querystring: EventsQuery,
        response: { 200: shared(EventListResource), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params, query }) =>
      eventListResource(await tracking.events(params.campaign_id, eventsQuestionOf(query))),
  );

  app.get(
    `${EVENTS}/:event_id`,
    {
      schema: {
        operationId: 'getEvent',
        summary: 'Get an event with all that was decided on it',
        description: 'Finds every event that was answered before the request was sent.',
        tags: TAGS,
        params: EventPath,
        response: {
          200: shared(EventAccountResource),
          404: problemResponse('There is no such campaign, or it has no such event.'),
          ...PROBLEMS,
        },
      },
    },
    async ({ params }) => eventAccountResource(await tracking.event(params.campaign_id, params.event_id)),
  );

  app.get(
    `${CAMPAIGN}/attribution`,
    {
      schema: {
        operationId: 'getAttribution',
        summary: "Tell what a campaign's partners are credited with for its conversions",
        description:
          'Each conversion is shared by the attribution model in force when it happened. The first page includes ' +
          'every event that was answered before the request was sent.',
        tags: TAGS,
        params: CampaignPath,
        querystring: CreditsQuery,
        response: { 200: shared(PartnerCreditsList), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params, query }) =>
      partnerCreditsList(
        params.campaign_id,
        await tracking.credits(params.campaign_id, creditsQuestionOf(query)),
      ),
  );
}

/** @throws TurnpikeError `invalid_argument` naming each field at fault */
function eventsQuestionOf(query: Static<typeof EventsQuery>): EventsQuestion {
  const violations = new Violations();
  const { type, status, reason, flag } = query;
  const from = instantOf(query.from, 'from', violations);
  const to = instantOf(query.to, 'to', violations);
  const filter = eventsFilterOf(
    { type, status, reason, partnerId: query.partner_id, flag, from, to },
    violations,
  );
  violations.refuse();
  return {
    filter,
    pageSize: checkedPageSize(query.page_size),
    ...(query.page_token && { pageToken: query.page_token }),
  };
}

/** @throws TurnpikeError `invalid_argument` naming each field at fault */
function creditsQuestionOf(query: Static<typeof CreditsQuery>): CreditsQuestion {
  const violations = new Violations();
  const from = instantOf(query.from, 'from', violations);
  const to = instantOf(query.to, 'to', violations);
  const filter = eventsFilterOf({ from, to }, violations);
  violations.refuse();
  return {
    filter,
    pageSize: checkedPageSize(query.page_size),
    ...(query.page_token && { pageToken: query.page_token }),
  };
}
