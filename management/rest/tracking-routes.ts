/** The routes of single events: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { instantOf } from '../application/definition.ts';
import { checkedPageSize } from '../application/request.ts';
import type { EventsQuery as EventsQuestion, Tracking } from '../application/tracking.ts';
import { eventsFilterOf } from '../application/tracking-filter.ts';
import { Violations } from '../application/violations.ts';
import { CAMPAIGN, NOT_FOUND, PROBLEMS, problemResponse } from './responses.ts';
import { CampaignPath, shared } from './schemas.ts';
import {
  EventAccountResource,
  EventListResource,
  EventPath,
  EventResource,
  EventsQuery,
  eventAccountResource,
  eventListResource,
} from './tracking.ts';

const EVENTS = `${CAMPAIGN}/events`;
const TAGS = ['Tracking'];

export function trackingRoutes(server: FastifyInstance, tracking: Tracking): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [EventResource, EventListResource, EventAccountResource]) app.addSchema(schema);

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
}

/** @throws TurnpikeError `invalid_argument` naming each field at fault */
function eventsQuestionOf(query: Static<typeof EventsQuery>): EventsQuestion {
  const violations = new Violations();
  const { type, status, reason } = query;
  const from = instantOf(query.from, 'from', violations);
  const to = instantOf(query.to, 'to', violations);
  const filter = eventsFilterOf({ type, status, reason, partnerId: query.partner_id, from, to }, violations);
  violations.refuse();
  return {
    filter,
    pageSize: checkedPageSize(query.page_size),
    ...(query.page_token && { pageToken: query.page_token }),
  };
}
