/** What the headers of a request tell of its events, and what its answer owes to browsers. */
import type { EventTypeCode } from '../../model/event.ts';
import { Credentials, writeKeyOf } from '../access.ts';
import type { Exchange } from '../exchange.ts';
import { headerLines } from '../header-lines.ts';
import type { IncomingEvent } from '../incoming-event.ts';
import { overloaded, Problem } from '../problem.ts';
import { readQuery } from '../query.ts';
import type { Arrival } from '../submission.ts';
import type { RouteContext } from './context.ts';

export const JSON_HEADERS = headerLines({ 'content-type': 'application/json' });

/** The answer when an append has failed: of the events, some may be stored, and none is told to be. */
export const NOT_STORED = overloaded(
  'the log did not take the events: send the request again, with the same event ids',
);

export interface ArrivalOptions {
  readonly defaultType?: EventTypeCode;
  readonly campaignId?: string;
}

/** Reads `exchange`; only while its route's handler runs. */
export function arrivalOf(
  exchange: Exchange,
  { directory, clients, now }: RouteContext,
  { defaultType, campaignId }: ArrivalOptions,
): Arrival {
  const { headers, body, query } = exchange;
  const receivedAt = now();
  // The query of a request without a body is its event, which may carry the key as any field.
  const key =
    writeKeyOf(headers.key, headers.authorization) ?? (body.length > 0 ? keyInQuery(query) : undefined);
  // And it is what is signed then.
  const signed = body.length === 0 && headers.signature !== '' ? Buffer.from(query) : body;
  return {
    exchange,
    receivedAt,
    address: clients.of(exchange.remoteAddress(), headers.forwardedFor),
    userAgent: headers.userAgent,
    referrer: headers.referer,
    credentials: new Credentials(directory, key, headers.signature, signed, receivedAt),
    defaultType,
    campaignId,
  };
}

function keyInQuery(query: string): string | undefined {
  if (query === '') return undefined;
  let key: string | undefined;
  readQuery(query, (name, value) => {
    if (name === 'write_key' || name === 'k' || name === 'writeKey') key ??= value;
  });
  return key;
}

/** Lets the page that has sent the events read the answer, if their campaign or the server allows it. */
export function mirrorOrigin(
  exchange: Exchange,
  context: RouteContext,
  events: readonly IncomingEvent[],
): void {
  const { origin } = exchange.headers;
  if (origin !== '') exchange.addHeaders(context.origins.headers(origin, events[0]?.campaign));
}

/** Runs `work`; the page that has sent the request may read why it is refused. */
export function readableRefusals(exchange: Exchange, context: RouteContext, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) mirrorOrigin(exchange, context, []);
    throw error;
  }
}
