/** Requests as clients of the collector send them, and what their answers say of each event. */
import type { HttpAnswer, HttpRequest } from '../../../cli/traffic/http-client.ts';
import type { Answer, EventFacts, Told } from './ledger.ts';

/** An event with what is sent of it besides its facts. */
export interface LoadEvent extends EventFacts {
  readonly partnerId: string;
  readonly clickId?: string;
  /** Decimal amount of dollars. */
  readonly value?: string;
}

export type Channel = 'single' | 'array' | 'lines' | 'pixel' | 'redirect' | 'postback' | 'postback-query';

export interface LoadRequest {
  readonly http: HttpRequest;
  readonly channel: Channel;
  readonly events: readonly LoadEvent[];
}

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

function post(path: string, contentType: string, body: string): HttpRequest {
  return { method: 'POST', path, headers: { 'content-type': contentType, 'user-agent': AGENT }, body };
}

function get(path: string): HttpRequest {
  return { method: 'GET', path, headers: { 'user-agent': AGENT } };
}

function jsonOf(event: LoadEvent): Record<string, string | undefined> {
  return {
    event_id: event.eventId,
    type: event.type,
    campaign_id: event.campaignId,
    partner_id: event.partnerId,
    transaction_id: event.transactionId,
    click_id: event.clickId,
    goal: event.goal,
    value: event.value,
    currency: event.value === undefined ? undefined : 'USD',
  };
}

function queryOf(event: LoadEvent): string {
  const fields = Object.entries(jsonOf(event)).filter(([, value]) => value !== undefined);
  return new URLSearchParams(fields as [string, string][]).toString();
}

/** @param events one, but for arrays and lines */
export function loadRequest(channel: Channel, events: readonly LoadEvent[]): LoadRequest {
  return { channel, events, http: httpOf(channel, events) };
}

function httpOf(channel: Channel, events: readonly LoadEvent[]): HttpRequest {
  const first = events[0] as LoadEvent;
  const json = 'application/json';
  switch (channel) {
    case 'single':
      return post('/v1/events', json, JSON.stringify(jsonOf(first)));
    case 'array':
      return post('/v1/events', json, JSON.stringify(events.map(jsonOf)));
    case 'lines': {
      const lines = events.map((event) => `${JSON.stringify(jsonOf(event))}\n`).join('');
      return post('/v1/events', 'application/x-ndjson', lines);
    }
    case 'postback':
      return post('/v1/postback', json, JSON.stringify(jsonOf(first)));
    case 'postback-query':
      return get(`/v1/postback?${queryOf(first)}`);
    case 'pixel':
      return get(`/p.gif?${queryOf(first)}`);
    case 'redirect':
      return get(`/c/${first.campaignId}?id=${first.eventId}&p=${first.partnerId}`);
  }
}

/**
 * What an answer says, event by event.
 *
 * @returns `undefined` where it is none that such a request may get
 */
export function answersOf({ channel, events }: LoadRequest, answer: HttpAnswer): Answer[] | undefined {
  switch (channel) {
    case 'pixel':
      return answer.status === 200 ? [ofPixel(answer)] : undefined;
    case 'redirect':
      return answer.status === 302 ? [ofRedirect(answer)] : undefined;
    case 'postback':
    case 'postback-query':
      return answer.status === 200 ? ofResults(answer.body, events) : undefined;
    case 'single':
    case 'array':
    case 'lines':
      return answer.status === 202 ? ofResults(answer.body, events) : undefined;
  }
}

/** Reasons by which a pixel's header names them, of events that are in the log nevertheless. */
const PIXEL_REASONS: Readonly<Record<string, Told>> = {
  duplicate_event: 'duplicate',
  campaign_not_active: 'rejected',
};

function ofPixel({ headers }: HttpAnswer): Answer {
  const reason = headers['x-turnpike-reason'];
  if (typeof reason !== 'string') return { told: 'accepted' };
  return { told: PIXEL_REASONS[reason] ?? 'rejected', reason };
}

function ofRedirect({ headers }: HttpAnswer): Answer {
  const { location } = headers;
  const clickId =
    typeof location === 'string' && URL.canParse(location)
      ? new URL(location).searchParams.get('click_id')
      : null;
  return clickId === null ? { told: 'stored' } : { told: 'stored', clickId };
}

interface ResultJson {
  readonly event_id: string;
  readonly status: Exclude<Told, 'stored'>;
  readonly reason?: string;
  readonly decision_id?: string;
  readonly click_id?: string;
}

function ofResults(body: string, events: readonly LoadEvent[]): Answer[] | undefined {
  const { results } = JSON.parse(body) as { readonly results?: readonly ResultJson[] };
  if (results?.length !== events.length) return undefined;
  if (results.some((result, index) => result.event_id !== events[index]?.eventId)) return undefined;
  return results.map((result) => ({
    told: result.status,
    ...(result.reason !== undefined && { reason: result.reason }),
    ...(result.decision_id !== undefined && { decisionId: result.decision_id }),
    ...(result.click_id !== undefined && { clickId: result.click_id }),
  }));
}
