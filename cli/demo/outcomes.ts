/** What the collector said of each event of a request, in whatever way the channel tells it. */
import {
  describeAnswer,
  type EventResult,
  eventResults,
  UnexpectedAnswer,
} from '../traffic/events-answer.ts';
import type { HttpAnswer } from '../traffic/http-client.ts';
import type { TrafficRequest } from './request-source.ts';

export interface EventOutcome {
  readonly status: EventResult['status'];
  readonly reason: string | undefined;
  readonly clickId: string | undefined;
}

/**
 * One outcome per event of the request, in order.
 *
 * @throws UnexpectedAnswer if the answer is not one that this request may get
 */
export function outcomesOf(request: TrafficRequest, answer: HttpAnswer): readonly EventOutcome[] {
  switch (request.channel) {
    case 'batch':
    case 'single':
      return eventResults(answer, request.events.length).map((result) => ({
        status: result.status,
        reason: result.reason === undefined ? undefined : String(result.reason),
        clickId: result.click_id,
      }));
    case 'pixel':
      return [pixelOutcome(answer)];
    case 'redirect':
      return [redirectOutcome(answer)];
  }
}

/** A pixel never fails: what was wrong stands in a header. */
function pixelOutcome(answer: HttpAnswer): EventOutcome {
  if (answer.status !== 200) throw new UnexpectedAnswer(describeAnswer(answer));
  const reason = answer.headers['x-turnpike-reason'];
  if (reason === undefined) return { status: 'accepted', reason: undefined, clickId: undefined };
  const text = String(reason);
  return {
    status: text.startsWith('duplicate') ? 'duplicate' : 'rejected',
    reason: text,
    clickId: undefined,
  };
}

function redirectOutcome(answer: HttpAnswer): EventOutcome {
  const location = String(answer.headers.location ?? '');
  const clickId = URL.canParse(location) ? new URL(location).searchParams.get('click_id') : null;
  if (answer.status !== 302 || clickId === null) {
    throw new UnexpectedAnswer(`no redirect with a click id, ${describeAnswer(answer)}`);
  }
  return { status: 'accepted', reason: undefined, clickId };
}
