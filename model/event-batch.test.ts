import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REASONS, type ReasonCode } from './decision.ts';
import {
  EventType,
  type EventTypeCode,
  STRING_FIELDS,
  type StringField,
  type TrackingEvent,
} from './event.ts';
import { EventBatch, EventBatchBuilder, FIELD, UNDECIDED } from './event-batch.ts';

const NAMES = STRING_FIELDS.map((field) => field.name);

interface Sent {
  readonly event: TrackingEvent;
  readonly words: readonly number[];
  readonly verdict: ReasonCode | typeof UNDECIDED;
}

function encode(rows: readonly Sent[], builder = new EventBatchBuilder()): Uint8Array {
  for (const { event, words, verdict } of rows) builder.add(event, Uint32Array.from(words), 0, verdict);
  return builder.encode();
}

/** Everything that a batch tells of its rows, in the form in which it was sent. */
function decode(record: Uint8Array): Sent[] {
  const batch = new EventBatch(record);
  return Array.from({ length: batch.rows }, (_, row) => {
    batch.seek(row);
    const strings: Partial<Record<StringField, string>> = {};
    for (const name of NAMES) {
      const text = batch.string(FIELD[name]);
      if (text !== undefined) strings[name] = text;
    }
    const { type, occurredAt, valueMicros, flags, verdict, fingerprintAt, visitorAt } = batch;
    const words = [...batch.fingerprints.subarray(fingerprintAt, fingerprintAt + 3)];
    if (type === EventType.click) words.push(...batch.visitors.subarray(visitorAt, visitorAt + 3));
    return { event: { type, occurredAt, valueMicros, flags, ...strings } as TrackingEvent, words, verdict };
  });
}

const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc.constantFrom('cmp-1', 'ñandú', '漢字', '😀', 'e\u0301', '\u0000'),
);
const word = fc.integer({ min: 0, max: 0xffffffff });

const sent: fc.Arbitrary<Sent> = fc
  .record({
    type: fc.constantFrom<EventTypeCode>(1, 2, 3),
    occurredAt: fc.nat({ max: 2 ** 45 }),
    valueMicros: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    flags: fc.nat({ max: 15 }),
    strings: fc.dictionary(fc.constantFrom(...NAMES), text),
    eventId: text,
    campaignId: text,
    words: fc.array(word, { minLength: 6, maxLength: 6 }),
    verdict: fc.constantFrom<ReasonCode | 0>(UNDECIDED, REASONS.late, REASONS.invalid_event),
  })
  .map(({ strings, eventId, campaignId, words, verdict, ...numbers }) => ({
    event: { ...strings, eventId, campaignId, ...numbers },
    words: numbers.type === EventType.click ? words : words.slice(0, 3),
    verdict,
  }));

function event(strings: Partial<Record<StringField, string>>): Sent {
  const base = { type: EventType.impression, occurredAt: 1, valueMicros: 0, flags: 0 };
  return {
    event: { ...base, eventId: 'e', campaignId: 'c', ...strings },
    words: [1, 2, 3],
    verdict: UNDECIDED,
  };
}

describe('an events record', () => {
  test('gives back what was put in, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 40 }), (rows) => {
        expect(decode(encode(rows))).toEqual(rows);
      }),
    );
  });

  test('holds all fields of an event', () => {
    const all = Object.fromEntries(NAMES.map((name, index) => [name, `${name} ${index} ñ`]));
    expect(NAMES).toHaveLength(31);
    expect(decode(encode([event(all), event({}), event(all)]))).toEqual([event(all), event({}), event(all)]);
  });

  test('may be empty', () => {
    const record = encode([]);
    expect(decode(record)).toEqual([]);
    expect([...new EventBatch(record).stopped()]).toEqual([]);
  });

  test('keeps a lone surrogate from harming its neighbours', () => {
    const [lone, neighbour] = decode(encode([event({ goal: 'x\ud83d' }), event({ goal: 'after' })]));
    expect(lone?.event.goal).toBe('x\ufffd');
    expect(neighbour?.event.goal).toBe('after');
  });

  test('holds more rows than a builder has room for at first', () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => event({ eventId: `event ${i}`, sub1: `${i % 7}` }));
    expect(decode(encode(rows))).toEqual(rows);
  });

  test('stores text that neighbours share once', () => {
    const agent = 'agent '.repeat(20);
    const rows = (count: number): Sent[] =>
      Array.from({ length: count }, (_, i) => event({ eventId: `${i % 10}`, userAgent: agent }));
    const bytesPerRow = (encode(rows(100)).length - encode(rows(1)).length) / 99;
    expect(bytesPerRow).toBeLessThan(agent.length);
  });

  test('can be read from memory that is not aligned', () => {
    const record = encode([event({ goal: 'sale' })]);
    const moved = new Uint8Array(record.length + 3).subarray(3);
    moved.set(record);
    expect(decode(moved)).toEqual([event({ goal: 'sale' })]);
  });

  test('of another kind or version is refused', () => {
    const record = encode([event({})]);
    expect(() => new EventBatch(Uint8Array.of(2, ...record.subarray(1)))).toThrow('events record');
    expect(() => new EventBatch(Uint8Array.of(1, 99, ...record.subarray(2)))).toThrow('events record');
  });

  test('counts stopped repeats by campaign, partner, type and reason', () => {
    const builder = new EventBatchBuilder();
    builder.addStopped('c', 'p', EventType.click, REASONS.repeat_visitor);
    builder.addStopped('c', undefined, EventType.click, REASONS.repeat_visitor);
    builder.addStopped('c', 'p', EventType.click, REASONS.repeat_visitor);
    builder.addStopped('d', 'p', EventType.impression, REASONS.duplicate_event);
    expect(builder.isEmpty).toBe(false);
    expect([...new EventBatch(encode([event({})], builder)).stopped()]).toEqual([
      { campaignId: 'c', partnerId: 'p', type: 2, reason: REASONS.repeat_visitor, count: 2 },
      { campaignId: 'c', partnerId: undefined, type: 2, reason: REASONS.repeat_visitor, count: 1 },
      { campaignId: 'd', partnerId: 'p', type: 1, reason: REASONS.duplicate_event, count: 1 },
    ]);
  });
});

describe('the builder', () => {
  test('is empty again after a record', () => {
    const builder = new EventBatchBuilder();
    encode([event({ goal: 'first' }), event({ goal: 'second' })], builder);
    expect(builder.isEmpty).toBe(true);
    expect(decode(encode([event({ goal: 'third' })], builder))).toEqual([event({ goal: 'third' })]);
  });

  test('forgets what it is told to forget', () => {
    const builder = new EventBatchBuilder();
    builder.add(event({ goal: 'gone' }).event, Uint32Array.of(1, 2, 3), 0, UNDECIDED);
    builder.addStopped('c', 'p', EventType.click, REASONS.repeat_visitor);
    builder.clear();
    expect(decode(encode([event({})], builder))).toEqual([event({})]);
  });

  test('knows the size of an ASCII record beforehand', () => {
    const builder = new EventBatchBuilder();
    builder.addStopped('c', 'p', EventType.click, REASONS.repeat_visitor);
    for (const name of ['a', 'b', 'a'])
      builder.add(event({ goal: name }).event, Uint32Array.of(1, 2, 3), 0, 0);
    const { bytes } = builder;
    expect(builder.encode().length).toBe(bytes);
  });
});
