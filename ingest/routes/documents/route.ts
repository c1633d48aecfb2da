/** Routes of the source documents that take one event each: their requests, and answers in their own words. */
import { bodyFormat, decodeBody } from '../../decode.ts';
import type { Exchange } from '../../exchange.ts';
import type { Route } from '../../http-server.ts';
import type { IncomingEvent } from '../../incoming-event.ts';
import { Problem } from '../../problem.ts';
import type { Submission } from '../../submission.ts';
import { arrivalOf, JSON_HEADERS, mirrorOrigin, NOT_STORED, readableRefusals } from '../arrival.ts';
import type { RouteContext } from '../context.ts';
import { registeredJson } from './answer.ts';

export interface DocumentRoute {
  /** For metrics. */
  readonly name: string;
  /** Adds what the path says of the event, before anything is asked of it. */
  readonly complete: (event: IncomingEvent, exchange: Exchange) => void;
}

export function documentRoute(context: RouteContext, { name, complete }: DocumentRoute): Route {
  const answer = ({ arrival: { exchange }, events, failed }: Submission): void => {
    mirrorOrigin(exchange, context, events);
    if (failed) exchange.refuse(NOT_STORED);
    else exchange.respond('202 Accepted', JSON_HEADERS, registeredJson(events[0] as IncomingEvent));
  };
  return {
    name,
    readsBody: true,
    handle(exchange) {
      readableRefusals(exchange, context, () => {
        const decode = ({ events }: Submission): void => complete(oneEvent(exchange, events), exchange);
        context.pipeline.receive(arrivalOf(exchange, context, {}), decode, answer);
      });
    },
  };
}

/** @throws Problem if the body is anything but one event */
function oneEvent({ headers, body }: Exchange, events: IncomingEvent[]): IncomingEvent {
  decodeBody(body, bodyFormat(headers.contentType, headers.contentEncoding, ['json']), events);
  const [event] = events;
  if (event === undefined || events.length > 1)
    throw new Problem(400, 'this path takes one event at a time: send one JSON object');
  if (!event.isReadable) throw new Problem(400, event.message ?? 'the event cannot be read');
  return event;
}
