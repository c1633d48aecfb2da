/**
 * `POST /event-collector/events` and `GET /event-collector/health`.
 *
 * An event here need not name its campaign: then it is the one of the write key that comes with it, else the
 * one that the operator has set aside for such events.
 */
import { FIELD } from '../../../model/event-batch.ts';
import { writeKeyOf } from '../../access.ts';
import type { Exchange } from '../../exchange.ts';
import type { Route } from '../../http-server.ts';
import type { IncomingEvent } from '../../incoming-event.ts';
import { overloaded } from '../../problem.ts';
import { JSON_HEADERS } from '../arrival.ts';
import type { RouteContext } from '../context.ts';
import { documentRoute } from './route.ts';

export const COLLECTOR_EVENTS_PATH = '/event-collector/events';
export const COLLECTOR_HEALTH_PATH = '/event-collector/health';

const HEALTHY = JSON.stringify({ status: 'healthy', service: 'event-collector' });

export function collectorEventsRoute(context: RouteContext): Route {
  const campaignOf = (event: IncomingEvent, { headers }: Exchange): string | undefined => {
    const key = event.writeKey ?? writeKeyOf(headers.key, headers.authorization);
    const named = key === undefined ? undefined : context.directory.byWriteKey(key);
    return named?.campaignId ?? context.eventCollectorCampaign;
  };
  return documentRoute(context, {
    name: 'event-collector',
    complete(event, exchange) {
      if (event.campaignId !== undefined || event.get(FIELD.clickId) !== undefined) return;
      const campaignId = campaignOf(event, exchange);
      if (campaignId !== undefined) event.set(FIELD.campaignId, campaignId);
    },
  });
}

/** Whether the collector takes events. */
export function collectorHealthRoute({ isReady }: RouteContext): Route {
  return {
    name: 'event-collector-health',
    readsBody: false,
    handle(exchange) {
      if (isReady()) exchange.respond('200 OK', JSON_HEADERS, HEALTHY);
      else exchange.refuse(overloaded('not ready for traffic'));
    },
  };
}
