/** `POST /tracking/impresiones` and `/tracking/conversiones`. */
import { REASONS } from '../../../model/decision.ts';
import { EVENT_TYPE_NAMES, EventType, type EventTypeCode } from '../../../model/event.ts';
import type { Route } from '../../http-server.ts';
import type { RouteContext } from '../context.ts';
import { documentRoute } from './route.ts';

export const IMPRESSIONS_PATH = '/tracking/impresiones';
export const CONVERSIONS_PATH = '/tracking/conversiones';

export function impressionsRoute(context: RouteContext): Route {
  return trackingRoute(context, EventType.impression);
}

export function conversionsRoute(context: RouteContext): Route {
  return trackingRoute(context, EventType.conversion);
}

/** The path says what happened; a body that says otherwise is wrong. */
function trackingRoute(context: RouteContext, type: EventTypeCode): Route {
  const name = EVENT_TYPE_NAMES[type];
  return documentRoute(context, {
    name: `tracking-${name}`,
    complete(event) {
      if (event.hasType && event.type !== type)
        event.refuse(REASONS.invalid_event, `tipo_evento is no ${name}, which this path takes`);
      event.type = type;
      event.hasType = true;
    },
  });
}
