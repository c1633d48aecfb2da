/** What the fields of an event may hold: one reader per kind of field. */
import { limits } from '../limits.ts';
import { REASONS } from '../model/decision.ts';
import { EventType, type EventTypeCode } from '../model/event.ts';
import { FIELD } from '../model/event-batch.ts';
import { isCurrency, microsOfNumber, parseMicros } from '../model/money.ts';
import { parseAddress } from './address.ts';
import type { IncomingEvent, Testimony } from './incoming-event.ts';
import { parseTimestamp } from './timestamp.ts';

/**
 * Checks a value and puts it into the event, or refuses the event.
 *
 * @param name the field as the sender spelled it, for the message
 * @param plain whether text is known to be free of control characters and lone surrogates
 */
export type FieldReader = (event: IncomingEvent, value: unknown, name: string, plain: boolean) => void;

const TYPES: ReadonlyMap<string, EventTypeCode> = new Map([
  ['impression', EventType.impression],
  ['impresion', EventType.impression],
  ['impresión', EventType.impression],
  ['click', EventType.click],
  ['clic', EventType.click],
  ['conversion', EventType.conversion],
  ['conversión', EventType.conversion],
]);
const LONGEST_TYPE = 16;
const LONGEST_AMOUNT = 32;

function refuse(event: IncomingEvent, message: string): void {
  event.refuse(REASONS.invalid_event, message);
}

/** Whether `value` is well-formed Unicode without control characters. */
export function isPlain(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return value.isWellFormed();
}

/** What is wrong with a text, in words that follow the field's name. */
function textProblem(value: string, limit: number, plain: boolean): string | undefined {
  if (value.length > limit) return `is longer than ${limit} characters: shorten it`;
  if (!plain && !isPlain(value)) return 'holds control characters or broken Unicode: remove them';
  return undefined;
}

/** A text of at most `limit` UTF-16 units; integers stand for their digits. */
export function text(field: number, limit: number): FieldReader {
  return (event, value, name, plain) => {
    const written = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
    if (typeof written !== 'string') return refuse(event, `${name} is not a string: send it as one`);
    const problem = textProblem(written, limit, plain);
    if (problem !== undefined) return refuse(event, `${name} ${problem}`);
    event.set(field, written);
  };
}

export const readType: FieldReader = (event, value, name) => {
  const type =
    typeof value === 'string' && value.length <= LONGEST_TYPE
      ? (TYPES.get(value) ?? TYPES.get(value.toLowerCase()))
      : undefined;
  if (type === undefined) return refuse(event, `${name} is none of impression, click, conversion`);
  event.type = type;
  event.hasType = true;
};

export const readAmount: FieldReader = (event, value, name) => {
  const micros =
    typeof value === 'number'
      ? microsOfNumber(value, limits.amountMicros)
      : typeof value === 'string' && value.length <= LONGEST_AMOUNT
        ? parseMicros(value, limits.amountMicros)
        : undefined;
  if (micros === undefined) {
    const bound = limits.amountMicros / 1e6;
    return refuse(event, `${name} is no decimal from 0 to ${bound} with up to 6 decimals, such as "12.50"`);
  }
  event.valueMicros = micros;
};

export const readCurrency: FieldReader = (event, value, name) => {
  const code = typeof value === 'string' && value.length === 3 ? value.toUpperCase() : '';
  if (!isCurrency(code)) return refuse(event, `${name} is no ISO 4217 currency, such as "USD"`);
  event.set(FIELD.currency, code);
};

export const readTime: FieldReader = (event, value, name) => {
  const time = parseTimestamp(value);
  if (time === undefined) {
    return refuse(
      event,
      `${name} is neither RFC 3339, such as "2026-01-31T10:30:00Z", nor epoch milliseconds`,
    );
  }
  event.sentAt = time;
};

export const readProperties: FieldReader = (event, value, name) => {
  // In a query they come as text.
  const object = typeof value === 'string' ? parseJson(value) : value;
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    return refuse(event, `${name} is not an object: send {"name": value}`);
  for (const key in object) {
    const member = (object as Record<string, unknown>)[key];
    const type = typeof member;
    if (type !== 'string' && type !== 'number' && type !== 'boolean')
      return refuse(event, `${name} holds something else than strings, numbers and booleans: flatten it`);
  }
  // Escapes whatever is not well-formed, so the text always is.
  const json = JSON.stringify(object);
  if (json === '{}') return;
  if (json.length > limits.propertiesBytes || Buffer.byteLength(json) > limits.propertiesBytes)
    return refuse(event, `${name} has more than ${limits.propertiesBytes} bytes: send fewer`);
  event.set(FIELD.properties, json);
};

export const readWriteKey: FieldReader = (event, value) => {
  // A key of the wrong kind is an unknown key.
  event.writeKey = typeof value === 'string' ? value : '';
};

/** What the event says of where it came from: kept apart until it is known whether that counts. */
export function testimony(part: Exclude<keyof Testimony, 'problem'>, limit: number): FieldReader {
  return (event, value, name, plain) => {
    event.testimony ??= {};
    const said = event.testimony;
    if (typeof value !== 'string') {
      said.problem ??= `${name} is not a string: send it as one`;
      return;
    }
    const problem = textProblem(value, limit, plain);
    const checked = problem === undefined && part === 'address' ? parseAddress(value) : value;
    if (problem !== undefined) said.problem ??= `${name} ${problem}`;
    else if (checked === undefined) said.problem ??= `${name} is no network address`;
    else said[part] = checked;
  };
}

function parseJson(text: string): unknown {
  if (text.length > limits.propertiesBytes) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
