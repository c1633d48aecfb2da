/** `POST /v1/events`: one event, an array, or lines of them. */
import { resultsJson } from '../answers.ts';
import { type BodyFormat, bodyFormat, decodeBody } from '../decode.ts';
import type { Route } from '../http-server.ts';
import type { Submission } from '../submission.ts';
import { arrivalOf, JSON_HEADERS, mirrorOrigin, NOT_STORED, readableRefusals } from './arrival.ts';
import type { RouteContext } from './context.ts';

const FORMATS: readonly BodyFormat[] = ['json', 'ndjson'];

export function eventsRoute(context: RouteContext): Route {
  const answer = ({ arrival: { exchange }, events, failed }: Submission): void => {
    mirrorOrigin(exchange, context, events);
    if (failed) exchange.refuse(NOT_STORED);
    else exchange.respond('202 Accepted', JSON_HEADERS, resultsJson(events));
  };
  return {
    name: 'events',
    readsBody: true,
    handle(exchange) {
      readableRefusals(exchange, context, () => {
        const { contentType, contentEncoding } = exchange.headers;
        const format = bodyFormat(contentType, contentEncoding, FORMATS);
        const decode = ({ events }: Submission): void => decodeBody(exchange.body, format, events);
        context.pipeline.receive(arrivalOf(exchange, context, {}), decode, answer);
      });
    },
  };
}
