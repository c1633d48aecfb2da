/** `GET /healthz`, `/readyz`, `/metrics`: what operators and load balancers ask. */
import type { Exchange } from '../exchange.ts';
import { headerLines } from '../header-lines.ts';
import type { Route } from '../http-server.ts';
import { overloaded } from '../problem.ts';
import { JSON_HEADERS } from './arrival.ts';
import type { RouteContext } from './context.ts';

/** The process lives. */
export function healthRoute(): Route {
  return operation('healthz', (exchange) => exchange.respond('200 OK', JSON_HEADERS, '{"status":"ok"}'));
}

/** The process takes traffic. */
export function readyRoute({ isReady }: RouteContext): Route {
  return operation('readyz', (exchange) => {
    if (isReady()) exchange.respond('200 OK', JSON_HEADERS, '{"status":"ready"}');
    else exchange.refuse(overloaded('not ready for traffic'));
  });
}

export function metricsRoute({ registry, logger }: RouteContext): Route {
  return operation('metrics', (exchange) => {
    registry.metrics().then(
      (text) => exchange.respond('200 OK', headerLines({ 'content-type': registry.contentType }), text),
      (error: unknown) => {
        logger.error({ err: error }, 'metrics could not be collected');
        exchange.fail();
      },
    );
  });
}

function operation(name: string, handle: (exchange: Exchange) => void): Route {
  return { name, readsBody: false, handle };
}
