import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { UNDECIDED } from '../model/event-batch.ts';
import { type BodyFormat, bodyFormat, decodeBody } from './decode.ts';
import type { IncomingEvent } from './incoming-event.ts';
import { Problem } from './problem.ts';

function decode(body: string | Buffer, format: BodyFormat = 'json'): IncomingEvent[] {
  const events: IncomingEvent[] = [];
  decodeBody(Buffer.from(body), format, events);
  return events;
}

/** What is answered to a body that is refused as a whole. */
function refusal(
  body: string | Buffer,
  format?: BodyFormat,
): { status: number; detail: string; position?: number } {
  try {
    decode(body, format);
  } catch (error) {
    if (error instanceof Problem) return JSON.parse(error.body);
    throw error;
  }
  throw new Error('the body was taken');
}

const ids = (events: readonly IncomingEvent[]): (string | undefined)[] =>
  events.map((event) => event.eventId);
const large = 'x'.repeat(limits.eventBytes);

describe('a JSON body', () => {
  test('is one event or an array of them', () => {
    expect(ids(decode('{"event_id":"a"}'))).toEqual(['a']);
    expect(ids(decode(' [ {"event_id":"a"} , {"event_id":"b"} ] '))).toEqual(['a', 'b']);
    expect(decode('[]')).toEqual([]);
  });

  test('with something else than an event among others keeps its order', () => {
    const events = decode('[{"event_id":"a"},5,null,[],{"event_id":"b"}]');
    expect(ids(events)).toEqual(['a', undefined, undefined, undefined, 'b']);
    expect(events.map(({ isReadable }) => isReadable)).toEqual([true, false, false, false, true]);
  });

  test('that is no JSON is refused, with the place', () => {
    expect(refusal('[{"a":1},]')).toMatchObject({ status: 400, position: 9 });
    expect(refusal('')).toMatchObject({ status: 400, detail: 'the body is empty: send an event' });
    expect(refusal('{"secret":nope}').detail).not.toContain('secret');
  });

  test('that is not UTF-8 is refused', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ status: 400 });
  });

  test('is refused where brackets in strings hide that it nests too deep', () => {
    let nested = '1';
    for (let depth = 0; depth <= limits.jsonDepth; depth++) nested = `{"x":"}","y":${nested}}`;
    expect(refusal(`[${nested}]`)).toMatchObject({ status: 400 });
  });

  test('with brackets in strings is taken as it is', () => {
    expect(ids(decode('[{"event_id":"}{"},{"event_id":"[{"}]'))).toEqual(['}{', '[{']);
    expect(ids(decode('[{"event_id":"}{"},5]'))).toEqual(['}{', undefined]);
  });

  test('with an event that is too large, and seems to be two, has it refused', () => {
    const half = 'x'.repeat(limits.eventBytes / 2);
    const events = decode(`[{"event_id":"a","sub1":"${half}}{${half}"},{"event_id":"b"}]`);
    expect(events.map(({ isReadable }) => isReadable)).toEqual([false, true]);
  });

  test('with an event of fewer characters, but more bytes than it may have, has it refused', () => {
    const accents = 'é'.repeat(limits.eventBytes / 2);
    const events = decode(`[{"event_id":"a","sub1":"${accents}"},{"event_id":"b"}]`);
    expect(events.map(({ isReadable }) => isReadable)).toEqual([false, true]);
  });

  test('that nests too deep is refused without being parsed', () => {
    expect(refusal('['.repeat(500_000))).toMatchObject({ status: 400, position: limits.jsonDepth });
    expect(refusal(`{"a":${'['.repeat(20)}${']'.repeat(20)}}`)).toMatchObject({ status: 400 });
  });

  test('with too many events is refused without being parsed', () => {
    const body = (count: number): string => `[${new Array(count).fill('{}').join(',')}]`;
    expect(decode(body(limits.eventsPerRequest))).toHaveLength(limits.eventsPerRequest);
    expect(refusal(body(limits.eventsPerRequest + 1))).toMatchObject({ status: 413 });
    expect(refusal(`[${new Array(400_000).fill('1').join(',')}]`)).toMatchObject({ status: 413 });
  });

  test('that is an event too large is refused', () => {
    expect(refusal(`{"a":"${large}"}`)).toMatchObject({ status: 413 });
  });

  test('with an event too large among others refuses that one', () => {
    const events = decode(`[{"event_id":"a"},{"event_id":"b","x":"${large}"},{"event_id":"c"}]`);
    expect(ids(events)).toEqual(['a', undefined, 'c']);
    expect(events[1]?.message).toContain(`more than ${limits.eventBytes} bytes`);
  });

  test('may hold escapes, which are looked at', () => {
    const events = decode('[{"goal":"a\\u00e9"},{"goal":"a\\n"},{"goal":"\\ud800"},{"goal":"x\u007f"}]');
    expect(events.map(({ verdict }) => verdict === UNDECIDED)).toEqual([true, false, false, false]);
  });
});

describe('lines of JSON', () => {
  test('are an event each', () => {
    expect(ids(decode('{"event_id":"a"}\n\n{"event_id":"b"}\r\n  \n{"event_id":"c"}', 'ndjson'))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(decode('', 'ndjson')).toEqual([]);
  });

  test('that are wrong refuse themselves only, with their place', () => {
    const deep = `{"a":${'['.repeat(20)}${']'.repeat(20)}}`;
    const lines = ['{"event_id":"a"}', '{"event_id":', '[]', deep, `{"a":"${large}"}`, '{"event_id":"b"}'];
    const events = decode(lines.join('\n'), 'ndjson');
    expect(ids(events)).toEqual(['a', undefined, undefined, undefined, undefined, 'b']);
    expect(events[1]?.message).toBe('line 2 is not JSON: look at character 13');
    expect(events[2]?.message).toContain('an event is a JSON object');
    expect(events[3]?.message).toContain('line 4 nests deeper');
    expect(events[4]?.message).toContain('line 5: the event has more than');
  });

  test('are bounded in number', () => {
    expect(refusal('{}\n'.repeat(limits.eventsPerRequest + 1), 'ndjson')).toMatchObject({ status: 413 });
  });
});

describe('a form', () => {
  test('is one event', () => {
    const [event] = decode('event_id=a&goal=una+compra%20%C3%B1&x=1', 'form');
    expect(event?.eventId).toBe('a');
    expect(event?.verdict).toBe(UNDECIDED);
  });

  test('is looked at for control characters', () => {
    expect(decode('goal=a%00b', 'form')[0]?.verdict).not.toBe(UNDECIDED);
  });

  test('is bounded as an event is', () => {
    expect(refusal(`goal=${large}`, 'form')).toMatchObject({ status: 413 });
  });
});

describe('the format of a body', () => {
  test.each<[string, string, BodyFormat]>([
    ['', '', 'json'],
    ['application/json', '', 'json'],
    ['Application/JSON; charset=utf-8', 'identity', 'json'],
    ['text/plain;charset=UTF-8', '', 'json'],
    ['application/x-ndjson', '', 'ndjson'],
  ])('%j with encoding %j is %s', (type, encoding, format) => {
    expect(bodyFormat(type, encoding, ['json', 'ndjson'])).toBe(format);
  });

  test.each([
    ['image/png', ''],
    ['application/x-www-form-urlencoded', ''],
    ['application/json', 'gzip'],
    ['multipart/form-data; boundary=x', ''],
  ])('%j with encoding %j is refused', (type, encoding) => {
    expect(() => bodyFormat(type, encoding, ['json', 'ndjson'])).toThrow(Problem);
  });
});

test('whatever a body is, it is decoded or refused', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((list) => Buffer.from(list)),
    fc.json().map((json) => Buffer.from(json)),
    fc.array(fc.json()).map((list) => Buffer.from(list.join('\n'))),
    fc.webQueryParameters().map((query) => Buffer.from(query)),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom<BodyFormat>('json', 'ndjson', 'form'), (body, format) => {
      try {
        expect(decode(body, format).length).toBeLessThanOrEqual(body.length + 1);
      } catch (error) {
        expect(error).toBeInstanceOf(Problem);
        expect([400, 413]).toContain((error as Problem).status);
      }
    }),
    { numRuns: 1_000 },
  );
});
