/**
 * `GET`/`POST /v1/postback`: conversions from an advertiser's server. The answer carries the campaign's
 * own decision, which is waited for a moment.
 */
import { decisionId, REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { UNDECIDED } from '../../model/event-batch.ts';
import { resultsJson, type Verdict } from '../answers.ts';
import { type BodyFormat, bodyFormat, decodeBody, decodeQuery } from '../decode.ts';
import type { Exchange } from '../exchange.ts';
import type { Route } from '../http-server.ts';
import type { IncomingEvent } from '../incoming-event.ts';
import type { Submission } from '../submission.ts';
import { arrivalOf, JSON_HEADERS, mirrorOrigin, NOT_STORED, readableRefusals } from './arrival.ts';
import type { RouteContext } from './context.ts';

const FORMATS: readonly BodyFormat[] = ['json', 'form'];

/** @param readsBody whether the conversion is in the body; it is in the query otherwise */
export function postbackRoute(context: RouteContext, readsBody: boolean): Route {
  const answer = (submission: Submission): void => {
    const { exchange } = submission.arrival;
    mirrorOrigin(exchange, context, submission.events);
    if (submission.failed) exchange.refuse(NOT_STORED);
    else void answerDecided(submission, context);
  };
  return {
    name: 'postback',
    readsBody,
    handle(exchange) {
      readableRefusals(exchange, context, () => {
        const arrival = arrivalOf(exchange, context, { defaultType: EventType.conversion });
        context.pipeline.receive(arrival, ({ events }) => decode(exchange, events), answer);
      });
    },
  };
}

function decode({ headers, body, query }: Exchange, events: IncomingEvent[]): void {
  // Many networks post an empty body and say it all in the query.
  if (body.length === 0) decodeQuery(query, events);
  else decodeBody(body, bodyFormat(headers.contentType, headers.contentEncoding, FORMATS), events);
}

async function answerDecided({ events, arrival }: Submission, context: RouteContext): Promise<void> {
  const { exchange } = arrival;
  try {
    const verdicts = await Promise.all(events.map((event) => verdictOn(event, context)));
    exchange.respond('200 OK', JSON_HEADERS, resultsJson(events, verdicts));
  } catch (error) {
    context.logger.error({ err: error }, 'a postback could not be answered');
    exchange.fail();
  }
}

async function verdictOn(event: IncomingEvent, { gateway }: RouteContext): Promise<Verdict> {
  const { partition, sequence, row, reason } = event;
  // What the filter has stopped, and what is in no log, is nobody's to decide.
  if (row < 0) return { reason, decisionId: undefined };
  const id = decisionId(partition, sequence, row);
  if (event.verdict !== UNDECIDED) return { reason, decisionId: id };
  const decision = await gateway.decision(partition, sequence, row);
  return decision === undefined
    ? { reason: REASONS.decision_awaited, decisionId: id }
    : { reason: REASONS[decision.reason], decisionId: decision.decisionId };
}
