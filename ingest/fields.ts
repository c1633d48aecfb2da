/**
 * The fields of an event, their aliases and what each may hold. This table is all there is: reading an
 * event, from JSON, a query or a form, is walking over its keys and looking them up here.
 */
import { limits } from '../limits.ts';
import { CLICK_ID_LENGTH } from '../model/click-id.ts';
import { FIELD } from '../model/event-batch.ts';
import {
  type FieldReader,
  readAmount,
  readCurrency,
  readProperties,
  readTime,
  readType,
  readWriteKey,
  testimony,
  text,
} from './field-readers.ts';
import type { IncomingEvent } from './incoming-event.ts';

interface FieldRule {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly read: FieldReader;
}

function rule(name: string, read: FieldReader, ...aliases: string[]): FieldRule {
  return { name, aliases, read };
}

const id = (field: number): FieldReader => text(field, limits.idLength);
const parameter = (field: number): FieldReader => text(field, limits.parameterLength);

/** Where an event names a field twice, its own name counts before its aliases, and these in order. */
export const FIELD_RULES: readonly FieldRule[] = [
  rule('event_id', id(FIELD.eventId), 'messageId', 'id'),
  rule('type', readType, 't', 'e', 'tipo_evento'),
  rule(
    'campaign_id',
    text(FIELD.campaignId, limits.campaignIdLength),
    ...['c', 'cid', 'campaign', 'campaña_id', 'campana_id', 'offer_id'],
  ),
  rule(
    'partner_id',
    id(FIELD.partnerId),
    ...['p', 'pid', 'via', 'affiliate_id', 'id_afiliado', 'influencer_id'],
  ),
  rule('content_id', id(FIELD.contentId), 'creative_id'),
  rule('click_id', text(FIELD.clickId, CLICK_ID_LENGTH), 'clickid', 'subid', 'tid'),
  rule('transaction_id', id(FIELD.transactionId), 'txid', 'order_id', 'invoice_id'),
  rule('goal', id(FIELD.goal), 'event_name', 'tipo_conversion'),
  rule('value', readAmount, 'payout', 'amount', 'valor', 'valor_conversion'),
  rule('currency', readCurrency, 'moneda'),
  rule('user_id', id(FIELD.userId), 'usuario_id', 'userId'),
  rule('anonymous_id', id(FIELD.anonymousId), 'anonymousId'),
  rule('session_id', id(FIELD.sessionId), 'sessionId'),
  rule('timestamp', readTime, 'ts', 'sentAt', 'originalTimestamp'),
  rule('sub1', parameter(FIELD.sub1), 'aff_sub', 'aff_sub1'),
  rule('sub2', parameter(FIELD.sub2), 'aff_sub2'),
  rule('sub3', parameter(FIELD.sub3), 'aff_sub3'),
  rule('sub4', parameter(FIELD.sub4), 'aff_sub4'),
  rule('sub5', parameter(FIELD.sub5), 'aff_sub5'),
  rule('source_id', parameter(FIELD.sourceId), 'source', 'fuente_evento'),
  rule('utm_source', parameter(FIELD.utmSource)),
  rule('utm_medium', parameter(FIELD.utmMedium)),
  rule('utm_campaign', parameter(FIELD.utmCampaign)),
  rule('utm_term', parameter(FIELD.utmTerm)),
  rule('utm_content', parameter(FIELD.utmContent)),
  rule('gclid', parameter(FIELD.gclid)),
  rule('fbclid', parameter(FIELD.fbclid)),
  rule('msclkid', parameter(FIELD.msclkid)),
  rule('ttclid', parameter(FIELD.ttclid)),
  rule('url', testimony('url', limits.urlLength)),
  rule('referrer', testimony('referrer', limits.urlLength)),
  rule('user_agent', testimony('userAgent', limits.urlLength), 'userAgent'),
  rule('ip', testimony('address', limits.idLength), 'ip_address'),
  rule('properties', readProperties),
  rule('write_key', readWriteKey, 'k', 'writeKey'),
];

/** Where a name leads: which rule, and how far down its list of names. */
interface Place {
  readonly index: number;
  readonly rank: number;
}

const PLACES: ReadonlyMap<string, Place> = new Map(
  FIELD_RULES.flatMap(({ name, aliases }, index) =>
    [name, ...aliases].map((spelling, rank) => [spelling, { index, rank: rank + 1 }] as const),
  ),
);

// One event is read at a time: what it holds is gathered here, by index of its rule.
const values: unknown[] = new Array(FIELD_RULES.length).fill(undefined);
const names: string[] = new Array(FIELD_RULES.length).fill('');
const ranks = new Uint8Array(FIELD_RULES.length);
const present: number[] = [];

/** Takes one field of the event that is being read. Unknown ones are ignored, and so are empty ones. */
export function takeField(name: string, value: unknown): void {
  take(PLACES.get(name), name, value);
}

function take(place: Place | undefined, name: string, value: unknown): void {
  if (place === undefined || value === '' || value === null || value === undefined) return;
  const { index, rank } = place;
  const known = ranks[index] as number;
  if (known === 0) present.push(index);
  else if (known <= rank) return;
  ranks[index] = rank;
  values[index] = value;
  names[index] = name;
}

/**
 * Puts the fields taken since the last call into `event`, checked. What is wrong refuses the event; what
 * is right is kept nevertheless, so that a refused event can be counted where it belongs.
 *
 * @param plain whether all text is known to be free of control characters and lone surrogates
 */
export function finishFields(event: IncomingEvent, plain: boolean): void {
  for (let i = 0; i < present.length; i++) {
    const index = present[i] as number;
    const { read } = FIELD_RULES[index] as FieldRule;
    read(event, values[index], names[index] as string, plain);
    values[index] = undefined;
    ranks[index] = 0;
  }
  present.length = 0;
}

// Objects of a batch mostly have the same names in the same order: of the first ones, where each led is kept. The
// parser makes one text of a name however often it comes, so it is found again by a glance.
const KEPT = 32;
const keptNames: string[] = new Array(KEPT).fill('');
const keptPlaces: (Place | undefined)[] = new Array(KEPT).fill(undefined);

/**
 * Reads a parsed JSON object into `event`. `JSON.parse` makes plain data properties of whatever it reads
 * (`__proto__` too), and what its objects inherit is not enumerable: all keys seen are the sender's.
 */
export function readObject(event: IncomingEvent, object: object, plain: boolean): void {
  let at = 0;
  for (const name in object) {
    let place = at < KEPT && keptNames[at] === name ? keptPlaces[at] : undefined;
    if (place === undefined) {
      place = PLACES.get(name);
      // Names that lead nowhere are not kept: they may be long.
      if (place !== undefined && at < KEPT) {
        keptNames[at] = name;
        keptPlaces[at] = place;
      }
    }
    at++;
    take(place, name, (object as Record<string, unknown>)[name]);
  }
  finishFields(event, plain);
}
