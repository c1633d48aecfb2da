/**
 * What `JSON.parse` does not say: how deep and how wide a body is, before anything is made of it, and
 * where it is wrong, afterwards. Both run over the text once, without recursion.
 */

/** The shape of a JSON text. Sure only for valid JSON; invalid JSON is the parser's to refuse. */
export interface JsonShape {
  /** Offset at which the nesting passes the bound, or −1. */
  tooDeepAt: number;
  /** Whether the outermost value is an array. */
  isArray: boolean;
  /** Elements of the outermost array. */
  elements: number;
  /** Elements of the outermost array with more bytes than an event may have. */
  oversized: OversizedElement[];
}

export interface OversizedElement {
  readonly index: number;
  /** Offsets of its first byte and of the one after its last. */
  readonly from: number;
  readonly to: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const SPACE = 0x20;

/**
 * How many objects a JSON array holds, as far as its brackets tell, if in none of them anything seems to be nested or
 * to be too long; −1 if that is not so. It is sure if the parsed array has just as many elements, and all of them are
 * objects: then each bracket that was counted begins one of them, and none is nested or within a string.
 *
 * The runtime finds a character far faster than a loop over bytes: 25 ns an event of 170 bytes, where to measure takes
 * 210, a twentieth of all that a batch costs.
 *
 * @param most UTF-16 units from the beginning of an object to that of the next one, or to the end
 */
export function countFlatObjects(text: string, most: number): number {
  if (text[0] !== '[') return -1;
  let objects = 0;
  for (let at = text.indexOf('{'); at >= 0; objects++) {
    const close = text.indexOf('}', at + 1);
    const next = text.indexOf('{', at + 1);
    if (close < 0 || (next >= 0 && next < close)) return -1;
    if ((next < 0 ? text.length : next) - at > most) return -1;
    at = next;
  }
  return text.indexOf('[', 1) < 0 ? objects : -1;
}

/** Whether a JSON text is an object in which nothing is nested, for sure. */
export function isFlatObject(text: string): boolean {
  return text[0] === '{' && text.indexOf('{', 1) < 0 && !text.includes('[');
}

/** Measures the JSON text in `bytes[from…to)`. Deeply or widely nested text costs a parser far more. */
export function measureJson(
  bytes: Uint8Array,
  from: number,
  to: number,
  maxDepth: number,
  maxElementBytes: number,
): JsonShape {
  const shape: JsonShape = { tooDeepAt: -1, isArray: false, elements: 0, oversized: [] };
  let depth = 0;
  let elementAt = -1;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      if (depth === 1 && elementAt < 0) elementAt = at;
      for (at++; at < to; at++) {
        const inside = bytes[at] as number;
        if (inside === QUOTE) break;
        if (inside === BACKSLASH) at++;
      }
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (depth === 1 && elementAt < 0) elementAt = at;
      if (depth === 0) shape.isArray = byte === OPEN_ARRAY;
      if (++depth > maxDepth) {
        shape.tooDeepAt = at;
        return shape;
      }
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (--depth === 0 && shape.isArray) endElement(shape, elementAt, at, maxElementBytes);
    } else if (depth === 1 && shape.isArray) {
      if (byte === COMMA) {
        endElement(shape, elementAt, at, maxElementBytes);
        elementAt = -1;
      } else if (byte > SPACE && elementAt < 0) elementAt = at;
    }
  }
  return shape;
}

function endElement(shape: JsonShape, from: number, to: number, maxBytes: number): void {
  if (from < 0) return;
  if (to - from > maxBytes) shape.oversized.push({ index: shape.elements, from, to });
  shape.elements++;
}
