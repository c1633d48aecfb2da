/** Decode: events from a request's body or query. Nothing is trusted, and nothing is held that is too large. */
import { isUtf8 } from 'node:buffer';
import { limits } from '../limits.ts';
import { REASONS } from '../model/decision.ts';
import { isPlain } from './field-readers.ts';
import { finishFields, readObject, takeField } from './fields.ts';
import { IncomingEvent } from './incoming-event.ts';
import { jsonErrorAt } from './json-error.ts';
import { countFlatObjects, isFlatObject, type JsonShape, measureJson } from './json-scan.ts';
import { Problem } from './problem.ts';
import { readQuery } from './query.ts';

const BACKSLASH = 0x5c;
const DELETE = 0x7f;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
/** Bytes of a UTF-16 unit at most. */
const UTF8_BYTES = 3;
const OVERSIZED = `the event has more than ${limits.eventBytes} bytes: send less with it`;

export type BodyFormat = 'json' | 'ndjson' | 'form';

const FORMATS: ReadonlyMap<string, BodyFormat> = new Map([
  ['', 'json'],
  ['application/json', 'json'],
  // What `navigator.sendBeacon` makes of a string.
  ['text/plain', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/x-www-form-urlencoded', 'form'],
]);

/**
 * The format that the headers announce.
 *
 * @param accepted formats of the route
 * @throws Problem 415
 */
export function bodyFormat(
  contentType: string,
  contentEncoding: string,
  accepted: readonly BodyFormat[],
): BodyFormat {
  if (contentEncoding !== '' && contentEncoding.toLowerCase() !== 'identity')
    throw new Problem(415, 'compressed bodies are not read: send it without content-encoding');
  const semicolon = contentType.indexOf(';');
  const type = semicolon < 0 ? contentType : contentType.slice(0, semicolon);
  const format = FORMATS.get(type) ?? FORMATS.get(type.trim().toLowerCase());
  if (format !== undefined && accepted.includes(format)) return format;
  const names = [...FORMATS]
    .filter(([name, is]) => name !== '' && accepted.includes(is))
    .map(([name]) => name);
  throw new Problem(415, `this content-type is not read here: send ${names.join(', ')}`);
}

/**
 * Decodes a body. A body that is no JSON at all is refused; one bad event among others is among the
 * events, refused.
 *
 * @throws Problem 400, 413
 */
export function decodeBody(body: Buffer, format: BodyFormat, events: IncomingEvent[]): void {
  if (!isUtf8(body)) throw new Problem(400, 'the body is not valid UTF-8');
  switch (format) {
    case 'json':
      decodeJson(body, events);
      return;
    case 'ndjson':
      decodeLines(body, events);
      return;
    case 'form':
      decodeForm(body, events);
      return;
  }
}

/** Decodes the one event of a query. */
export function decodeQuery(query: string, events: IncomingEvent[]): void {
  const event = new IncomingEvent();
  readQuery(query, takeField);
  finishFields(event, !query.includes('%') && isPlain(query));
  events.push(event);
}

function decodeForm(body: Buffer, events: IncomingEvent[]): void {
  checkEventBytes(body.length);
  decodeQuery(body.toString(), events);
}

function decodeJson(body: Buffer, events: IncomingEvent[]): void {
  const plain = isPlainBody(body);
  const text = body.toString();
  if (isFlatObject(text)) {
    checkEventBytes(body.length);
    events.push(eventOf(parse(text), plain));
  } else if (!decodeFlat(text, body.length, plain, events)) decodeMeasured(body, plain, events);
}

/** Decodes an array of objects in which nothing is nested, as most bodies are; gives whether it was one. */
function decodeFlat(text: string, bytes: number, plain: boolean, events: IncomingEvent[]): boolean {
  const most = limits.eventBytes / (text.length === bytes ? 1 : UTF8_BYTES);
  const objects = countFlatObjects(text, most);
  // Brackets within strings may hide that something is nested: this bounds how deep, until it is sure.
  if (objects < 0 || objects > limits.eventsPerRequest) return false;
  const value = parse(text);
  if (!Array.isArray(value) || value.length !== objects || !value.every(isObject)) return false;
  for (const element of value) events.push(eventOf(element, plain));
  return true;
}

function decodeMeasured(body: Buffer, plain: boolean, events: IncomingEvent[]): void {
  const shape = measureJson(body, 0, body.length, limits.jsonDepth, limits.eventBytes);
  if (shape.tooDeepAt >= 0) {
    const detail = `the body nests deeper than ${limits.jsonDepth} levels: flatten it`;
    throw new Problem(400, detail, { members: { position: shape.tooDeepAt } });
  }
  checkEventCount(shape.elements);
  if (!shape.isArray) checkEventBytes(body.length);
  const value = parse(withoutOversized(body, shape));
  if (!Array.isArray(value)) {
    events.push(eventOf(value, plain));
    return;
  }
  for (const element of value) events.push(eventOf(element, plain));
  for (const { index } of shape.oversized) events[index] = unreadable(OVERSIZED);
}

/** The text with what is too large to be read blanked out, so that it costs nothing and moves nothing. */
function withoutOversized(body: Buffer, { oversized }: JsonShape): string {
  if (oversized.length === 0) return body.toString();
  const blanked = Buffer.from(body);
  for (const { from, to } of oversized) {
    blanked.fill(SPACE, from, to);
    blanked[from] = ZERO;
  }
  return blanked.toString();
}

function decodeLines(body: Buffer, events: IncomingEvent[]): void {
  const plain = isPlainBody(body);
  let number = 0;
  for (let from = 0; from < body.length; ) {
    const newline = body.indexOf(NEWLINE, from);
    const to = newline < 0 ? body.length : newline;
    number++;
    const line = body.toString('utf8', from, to).trim();
    if (line !== '') {
      checkEventCount(events.length + 1);
      events.push(eventOfLine(line, number, body, from, to, plain));
    }
    from = to + 1;
  }
}

function eventOfLine(
  line: string,
  number: number,
  body: Buffer,
  from: number,
  to: number,
  plain: boolean,
): IncomingEvent {
  if (to - from > limits.eventBytes) return unreadable(`line ${number}: ${OVERSIZED}`);
  if (!isFlatObject(line) && measureJson(body, from, to, limits.jsonDepth, limits.eventBytes).tooDeepAt >= 0)
    return unreadable(`line ${number} nests deeper than ${limits.jsonDepth} levels: flatten it`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return unreadable(`line ${number} is not JSON: look at character ${jsonErrorAt(line) + 1}`);
  }
  return eventOf(value, plain);
}

function eventOf(value: unknown, plain: boolean): IncomingEvent {
  if (!isObject(value)) return unreadable('an event is a JSON object: send {"type": …, "campaign_id": …}');
  const event = new IncomingEvent();
  readObject(event, value, plain);
  return event;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Something in the place of an event that cannot even be given an id. */
function unreadable(message: string): IncomingEvent {
  const event = new IncomingEvent();
  event.isReadable = false;
  event.refuse(REASONS.invalid_event, message);
  return event;
}

/** Whether all strings in it are plain: without escapes, JSON cannot express what is not, but for DEL. */
function isPlainBody(body: Buffer): boolean {
  return !body.includes(BACKSLASH) && !body.includes(DELETE);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = jsonErrorAt(text);
    const detail =
      text.trim() === ''
        ? 'the body is empty: send an event'
        : `the body is not JSON: look at character ${position + 1}`;
    throw new Problem(400, detail, { members: { position } });
  }
}

function checkEventCount(count: number): void {
  if (count <= limits.eventsPerRequest) return;
  throw new Problem(413, `the body has more than ${limits.eventsPerRequest} events: send them in parts`);
}

function checkEventBytes(bytes: number): void {
  if (bytes <= limits.eventBytes) return;
  throw new Problem(413, OVERSIZED);
}
