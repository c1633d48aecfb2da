/** `GET /p.gif`: the tracking pixel. It is an image whatever happens: a page must not break. */
import { REASONS, type ReasonName, reasonName } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { decodeQuery } from '../decode.ts';
import type { Exchange } from '../exchange.ts';
import { type HeaderLines, headerLines } from '../header-lines.ts';
import type { Route } from '../http-server.ts';
import { Problem, type ProblemStatus, RETRY_AFTER } from '../problem.ts';
import type { Submission } from '../submission.ts';
import { arrivalOf, mirrorOrigin } from './arrival.ts';
import type { RouteContext } from './context.ts';

/** A transparent GIF89a of one pixel, 43 bytes. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
const HEADERS = headerLines({ 'content-type': 'image/gif', 'cache-control': 'no-store' });
const OVERLOAD_HEADERS = HEADERS + RETRY_AFTER;

/** What a refusal of the request is called where only an event can be refused. */
const REASON_OF_STATUS: Readonly<Partial<Record<ProblemStatus, ReasonName>>> = {
  401: 'not_authorised',
  403: 'not_authorised',
  429: 'rate_limited',
};

export function pixelRoute(context: RouteContext): Route {
  const answer = ({ arrival: { exchange }, events, failed }: Submission): void => {
    mirrorOrigin(exchange, context, events);
    // Told as a success it would not be sent again, and it is not stored.
    if (failed) {
      exchange.respond('503 Service Unavailable', OVERLOAD_HEADERS, GIF);
      return;
    }
    const reason = events[0]?.reason ?? REASONS.accepted;
    exchange.respond('200 OK', reason === REASONS.accepted ? HEADERS : headersWith(reasonName(reason)), GIF);
  };
  return {
    name: 'pixel',
    readsBody: false,
    handle(exchange) {
      try {
        const arrival = arrivalOf(exchange, context, { defaultType: EventType.impression });
        context.pipeline.receive(arrival, ({ events }) => decodeQuery(exchange.query, events), answer);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        mirrorOrigin(exchange, context, []);
        refuse(exchange, error);
      }
    },
  };
}

function refuse(exchange: Exchange, { status, statusLine }: Problem): void {
  if (status === 503) exchange.respond(statusLine, OVERLOAD_HEADERS, GIF);
  else exchange.respond('200 OK', headersWith(REASON_OF_STATUS[status] ?? 'invalid_event'), GIF);
}

function headersWith(reason: ReasonName): HeaderLines {
  return HEADERS + headerLines({ 'x-turnpike-reason': reason });
}
