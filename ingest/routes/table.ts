/** Which request goes where. */
import { headerLines } from '../header-lines.ts';
import type { Route } from '../http-server.ts';
import { Problem } from '../problem.ts';
import { CLICK_PATH, clickRoute } from './click.ts';
import type { RouteContext } from './context.ts';
import {
  COLLECTOR_EVENTS_PATH,
  COLLECTOR_HEALTH_PATH,
  collectorEventsRoute,
  collectorHealthRoute,
} from './documents/event-collector.ts';
import {
  CONVERSIONS_PATH,
  conversionsRoute,
  IMPRESSIONS_PATH,
  impressionsRoute,
} from './documents/tracking.ts';
import { eventsRoute } from './events.ts';
import { healthRoute, metricsRoute, readyRoute } from './operations.ts';
import { pixelRoute } from './pixel.ts';
import { postbackRoute } from './postback.ts';

/** The routes of one path, by method. */
type Methods = ReadonlyMap<string, Route>;

/** The route of a request; unknown paths and methods have one too, which says so. */
export function routeTable(context: RouteContext): (method: string, path: string) => Route {
  const paths = new Map<string, Methods>([
    ['/p.gif', reading(pixelRoute(context))],
    ['/v1/events', posting(eventsRoute(context))],
    [
      '/v1/postback',
      new Map([
        ['GET', postbackRoute(context, false)],
        ['POST', postbackRoute(context, true)],
      ]),
    ],
    [IMPRESSIONS_PATH, posting(impressionsRoute(context))],
    [CONVERSIONS_PATH, posting(conversionsRoute(context))],
    [COLLECTOR_EVENTS_PATH, posting(collectorEventsRoute(context))],
    [COLLECTOR_HEALTH_PATH, reading(collectorHealthRoute(context))],
    ['/healthz', reading(healthRoute())],
    ['/readyz', reading(readyRoute(context))],
    ['/metrics', reading(metricsRoute(context))],
  ]);
  const clicks = reading(clickRoute(context));
  const unknown = unknownRoute();
  const others = new Map(
    [...paths.values(), clicks].map((methods) => [methods, otherRoutes(methods, context)]),
  );
  return (method, path) => {
    const methods = paths.get(path) ?? (isClick(path) ? clicks : undefined);
    if (methods === undefined) return unknown;
    const route = methods.get(method);
    if (route !== undefined) return route;
    const { preflight, refusal } = others.get(methods) as OtherRoutes;
    return method === 'OPTIONS' ? preflight : refusal;
  };
}

function isClick(path: string): boolean {
  return (
    path.startsWith(CLICK_PATH) && path.length > CLICK_PATH.length && !path.includes('/', CLICK_PATH.length)
  );
}

function reading(route: Route): Methods {
  return new Map([
    ['GET', route],
    ['HEAD', route],
  ]);
}

function posting(route: Route): Methods {
  return new Map([['POST', route]]);
}

/** What a path answers to the methods that it does not have. */
interface OtherRoutes {
  readonly preflight: Route;
  readonly refusal: Route;
}

function otherRoutes(methods: Methods, { origins }: RouteContext): OtherRoutes {
  const allow = headerLines({ allow: [...methods.keys(), 'OPTIONS'].join(', ') });
  return {
    preflight: {
      name: 'preflight',
      readsBody: false,
      handle(exchange) {
        exchange.respond('204 No Content', allow + origins.preflightHeaders(exchange.headers.origin), '');
      },
    },
    refusal: {
      name: 'other',
      readsBody: false,
      handle() {
        throw new Problem(405, `this path knows ${[...methods.keys()].join(', ')} only`, { headers: allow });
      },
    },
  };
}

function unknownRoute(): Route {
  return {
    name: 'other',
    readsBody: false,
    handle() {
      throw new Problem(404, 'there is nothing at this path: see the documentation for what there is');
    },
  };
}
