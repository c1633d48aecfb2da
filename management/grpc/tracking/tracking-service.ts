/** The methods of `turnpike.v1.TrackingService`: thin over the application. */
import { DecisionStatus, EventType } from '../../../proto/generated/turnpike/v1/tracking.ts';
import type {
  GetAttributionRequest,
  ListEventsRequest,
  TrackingServiceServer,
} from '../../../proto/generated/turnpike/v1/tracking_service.ts';
import { checkedPageSize } from '../../application/request.ts';
import type { CreditsQuery, EventsQuery, Tracking } from '../../application/tracking/tracking.ts';
import { eventsFilterOf } from '../../application/tracking/tracking-filter.ts';
import { refuse, Violations } from '../../application/violations.ts';
import { named } from '../request.ts';
import { instantOf } from '../timestamp.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { wordOf } from '../words.ts';
import { protoCredits, protoEvent, protoEventAccount } from './tracking.ts';

export function trackingService(tracking: Tracking, dependencies: UnaryDependencies): TrackingServiceServer {
  return {
    getEvent: unary(dependencies, 'GetEvent', async ({ campaignId, eventId }) => {
      if (eventId === '') refuse([{ field: 'event_id', description: 'must not be empty' }]);
      return protoEventAccount(await tracking.event(named(campaignId), eventId));
    }),
    listEvents: unary(dependencies, 'ListEvents', async (request) => {
      const { events, nextPageToken } = await tracking.events(
        named(request.campaignId),
        eventsQueryOf(request),
      );
      return { events: events.map(protoEvent), nextPageToken: nextPageToken ?? '' };
    }),
    getAttribution: unary(dependencies, 'GetAttribution', async (request) =>
      protoCredits(await tracking.credits(named(request.campaignId), creditsQueryOf(request))),
    ),
  };
}

function eventsQueryOf(request: ListEventsRequest): EventsQuery {
  const violations = new Violations();
  const filter = eventsFilterOf(
    {
      type: wordOf(EventType, request.type),
      status: wordOf(DecisionStatus, request.status),
      reason: request.reason,
      partnerId: request.partnerId,
      flag: request.flag,
      from: instantOf(request.from, 'from', violations),
      to: instantOf(request.to, 'to', violations),
    },
    violations,
  );
  violations.refuse();
  return {
    filter,
    pageSize: checkedPageSize(request.pageSize),
    ...(request.pageToken && { pageToken: request.pageToken }),
  };
}

function creditsQueryOf(request: GetAttributionRequest): CreditsQuery {
  const violations = new Violations();
  const from = instantOf(request.from, 'from', violations);
  const to = instantOf(request.to, 'to', violations);
  const filter = eventsFilterOf({ from, to }, violations);
  violations.refuse();
  return {
    filter,
    pageSize: checkedPageSize(request.pageSize),
    ...(request.pageToken && { pageToken: request.pageToken }),
  };
}
