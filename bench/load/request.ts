/** Requests as bytes, with the places at which each sending puts an id that nobody has had before. */
import { Random } from '../../test/support/random.ts';
import type { LoadKind } from './load.ts';

/** Characters of the number at the end of an event id: 36⁶ requests of one connection in one run. */
export const NUMBER_LENGTH = 6;
const NUMBER_HOLE = '#'.repeat(NUMBER_LENGTH);
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0';

/** What share of a batch is clicks and conversions; the rest are impressions. */
const CLICKS = 0.18;
const CONVERSIONS = 0.02;
const PARTNERS = 50;

export interface RequestTemplate {
  readonly bytes: Buffer;
  /** Where the number goes. */
  readonly holes: readonly number[];
  /** Status of the right answer, and what its body begins with. */
  readonly status: string;
  readonly bodyBegin: string;
}

/**
 * The request that a connection sends again and again.
 *
 * @param run part of every event id
 * @param connection its number; likewise
 */
export function requestTemplate(what: LoadKind, run: string, connection: number): RequestTemplate {
  const prefix = `${run}-${connection.toString(36)}-`;
  const random = new Random(connection + 1);
  switch (what.kind) {
    case 'pixel': {
      const campaign = what.campaigns[connection % what.campaigns.length];
      const query = `t=impression&c=${campaign}&p=partner-${connection % PARTNERS}&event_id=${prefix}${NUMBER_HOLE}`;
      return template(`GET /p.gif?${query} HTTP/1.1`, undefined, '200', 'GIF89a');
    }
    case 'json': {
      const campaign = what.campaigns[connection % what.campaigns.length] as string;
      const body = JSON.stringify(event(random, campaign, `${prefix}${NUMBER_HOLE}`));
      return template('POST /v1/events HTTP/1.1', body, '202', acceptedBegin(1));
    }
    case 'batch': {
      const events = Array.from({ length: what.events }, (_, index) =>
        event(random, random.pick(what.campaigns), `${prefix}${index.toString(36)}-${NUMBER_HOLE}`),
      );
      return template(
        'POST /v1/events HTTP/1.1',
        JSON.stringify(events),
        '202',
        acceptedBegin(events.length),
      );
    }
    case 'fixed':
      return template(`${what.method} ${what.path} HTTP/1.1`, what.body, '200', '');
    case 'grpc':
      throw new Error('gRPC is not sent over plain sockets');
  }
}

/** What the collector's answer begins with if it took all events. */
function acceptedBegin(events: number): string {
  return `{"accepted":${events},"duplicates":0,"rejected":0`;
}

/** An event of the usual mix, as a tag or an SDK would send it. */
export function event(random: Random, campaignId: string, eventId: string): Record<string, unknown> {
  const dice = random.next();
  const type = dice < CONVERSIONS ? 'conversion' : dice < CONVERSIONS + CLICKS ? 'click' : 'impression';
  const common = {
    event_id: eventId,
    type,
    campaign_id: campaignId,
    partner_id: `partner-${random.integer(0, PARTNERS - 1)}`,
    content_id: `banner-${random.integer(0, 9)}`,
    sub1: `placement-${random.integer(0, 19)}`,
    utm_source: 'newsletter',
  };
  if (type !== 'conversion') return common;
  return {
    ...common,
    transaction_id: `order-${eventId}`,
    goal: 'sale',
    value: (random.integer(1, 20_000) / 100).toFixed(2),
    currency: 'USD',
  };
}

function template(
  line: string,
  body: string | undefined,
  status: string,
  bodyBegin: string,
): RequestTemplate {
  const content = body === undefined ? '' : body;
  const head = [
    line,
    'Host: 127.0.0.1',
    `User-Agent: ${AGENT}`,
    ...(body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`]),
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${content}`);
  const holes: number[] = [];
  for (let at = bytes.indexOf(NUMBER_HOLE); at >= 0; at = bytes.indexOf(NUMBER_HOLE, at + 1)) holes.push(at);
  return { bytes, holes, status, bodyBegin };
}

const DIGITS = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');
const FIRST = DIGITS[0] as number;
const LAST = DIGITS[35] as number;

/** A number of `NUMBER_LENGTH` digits to the base of 36 that is counted up in place. */
export class Odometer {
  readonly digits: Buffer = Buffer.alloc(NUMBER_LENGTH, FIRST);

  next(): void {
    for (let at = NUMBER_LENGTH - 1; at >= 0; at--) {
      const digit = this.digits[at] as number;
      if (digit !== LAST) {
        // Letters come after digits in ASCII, with a gap in between.
        this.digits[at] = digit === 0x39 ? 0x61 : digit + 1;
        return;
      }
      this.digits[at] = FIRST;
    }
  }
}
