import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits.ts';
import { EventType, STRING_FIELDS } from '../model/event.ts';
import { UNDECIDED } from '../model/event-batch.ts';
import { FIELD_RULES, readObject } from './fields.ts';
import { IncomingEvent } from './incoming-event.ts';

function read(object: object): IncomingEvent {
  const event = new IncomingEvent();
  readObject(event, object, false);
  return event;
}

/** The event's strings by the names that the warehouse has for them. */
function strings(event: IncomingEvent): Record<string, string> {
  return Object.fromEntries(
    STRING_FIELDS.flatMap(({ column }, field) => {
      const text = event.get(field);
      expect((event.presence & (1 << field)) !== 0).toBe(text !== undefined);
      return text === undefined ? [] : [[column, text]];
    }),
  );
}

describe('the fields of an event', () => {
  test('go by the names and aliases that are documented', () => {
    const names = Object.fromEntries(FIELD_RULES.map(({ name, aliases }) => [name, aliases]));
    expect(names).toMatchObject({
      event_id: ['messageId', 'id'],
      type: ['t', 'e', 'tipo_evento'],
      campaign_id: ['c', 'cid', 'campaign', 'campaña_id', 'campana_id', 'offer_id'],
      partner_id: ['p', 'pid', 'via', 'affiliate_id', 'id_afiliado', 'influencer_id'],
      content_id: ['creative_id'],
      click_id: ['clickid', 'subid', 'tid'],
      transaction_id: ['txid', 'order_id', 'invoice_id'],
      goal: ['event_name', 'tipo_conversion'],
      value: ['payout', 'amount', 'valor', 'valor_conversion'],
      currency: ['moneda'],
      timestamp: ['ts', 'sentAt', 'originalTimestamp'],
    });
  });

  test('have names that lead to one field each', () => {
    const spellings = FIELD_RULES.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(spellings).size).toBe(spellings.length);
  });

  test('may go by any alias', () => {
    const plain = FIELD_RULES.filter(({ name }) => STRING_FIELDS.some(({ column }) => column === name));
    for (const { name, aliases } of plain.filter(
      ({ name }) => !/^(currency|properties|url|referrer|user_agent|ip)$/.test(name),
    )) {
      for (const spelling of [name, ...aliases])
        expect(strings(read({ [spelling]: 'x' }))).toEqual({ [name]: 'x' });
    }
  });

  test('count by their own name before an alias, and by aliases in order', () => {
    expect(strings(read({ c: 'alias', campaign_id: 'own' }))).toEqual({ campaign_id: 'own' });
    expect(strings(read({ campaign_id: 'own', c: 'alias' }))).toEqual({ campaign_id: 'own' });
    expect(strings(read({ offer_id: 'last', cid: 'second', c: 'first' }))).toEqual({ campaign_id: 'first' });
  });

  test('that are empty are absent', () => {
    expect(strings(read({ sub1: '', sub2: null, sub3: undefined, p: '', pid: 'x' }))).toEqual({
      partner_id: 'x',
    });
  });

  test('that nobody knows are ignored, also those that objects inherit', () => {
    const event = read(
      JSON.parse('{"__proto__":{"sub1":"x"},"constructor":1,"toString":"x","unknown":{"a":[1]}}'),
    );
    expect(strings(event)).toEqual({});
    expect(event.verdict).toBe(UNDECIDED);
  });

  test('may be integers where text is due', () => {
    expect(strings(read({ order_id: 4711, sub1: 0, user_id: -1 }))).toEqual({
      transaction_id: '4711',
      sub1: '0',
      user_id: '-1',
    });
  });

  test('of one event do not stay for the next', () => {
    read({ sub1: 'x', sub2: {}, event_id: 'y' });
    expect(strings(read({}))).toEqual({});
  });
});

describe('a field that is wrong', () => {
  test.each<[object, string]>([
    [{ sub1: 'x'.repeat(limits.parameterLength + 1) }, 'sub1 is longer than 600'],
    [{ campaign_id: 'x'.repeat(65) }, 'campaign_id is longer than 64'],
    [{ id: 'x'.repeat(129) }, 'id is longer than 128'],
    [{ goal: {} }, 'goal is not a string'],
    [{ goal: 1.5 }, 'goal is not a string'],
    [{ goal: 2 ** 60 }, 'goal is not a string'],
    [{ goal: true }, 'goal is not a string'],
    [{ goal: 'a\nb' }, 'goal holds control characters'],
    [{ goal: 'a\u007fb' }, 'goal holds control characters'],
    [{ goal: 'a\ud800b' }, 'goal holds control characters or broken Unicode'],
    [{ type: 'sale' }, 'type is none of'],
    [{ t: 7 }, 't is none of'],
    [{ value: '12,50' }, 'value is no decimal'],
    [{ value: '-1' }, 'value is no decimal'],
    [{ value: -1 }, 'value is no decimal'],
    [{ value: '1e3' }, 'value is no decimal'],
    [{ value: '0.0000001' }, 'value is no decimal'],
    [{ value: '9000000000.01' }, 'value is no decimal'],
    [{ value: 1e300 }, 'value is no decimal'],
    [{ value: [] }, 'value is no decimal'],
    [{ currency: 'XYZ' }, 'currency is no ISO 4217'],
    [{ moneda: 5 }, 'moneda is no ISO 4217'],
    [{ timestamp: 'yesterday' }, 'timestamp is neither'],
    [{ properties: [] }, 'properties is not an object'],
    [{ properties: 'x' }, 'properties is not an object'],
    [{ properties: { a: {} } }, 'properties holds something else'],
    [{ properties: { a: null } }, 'properties holds something else'],
    [{ properties: { a: 'x'.repeat(limits.propertiesBytes) } }, 'properties has more than'],
  ])('%j refuses the event: %s', (object, message) => {
    const event = read(object);
    expect(event.verdict).not.toBe(UNDECIDED);
    expect(event.message).toContain(message);
  });

  test('leaves the others as they are', () => {
    const event = read({ campaign_id: 'c', value: 'x', sub1: 'y' });
    expect(strings(event)).toEqual({ campaign_id: 'c', sub1: 'y' });
  });

  test('about where the event came from counts only if the sender is trusted', () => {
    const event = read({ ip: 'nowhere', url: 'https://a.example', user_agent: 'agent' });
    expect(event.verdict).toBe(UNDECIDED);
    expect(strings(event)).toEqual({});
    expect(event.testimony).toEqual({
      problem: 'ip is no network address',
      url: 'https://a.example',
      userAgent: 'agent',
    });
  });
});

describe('the type', () => {
  test.each([
    ['impression', EventType.impression],
    ['IMPRESION', EventType.impression],
    ['Impresión', EventType.impression],
    ['CLICK', EventType.click],
    ['clic', EventType.click],
    ['CONVERSION', EventType.conversion],
  ])('may be written %s', (written, type) => {
    expect(read({ tipo_evento: written }).type).toBe(type);
  });
});

describe('an amount', () => {
  test.each([
    ['12.50', 12_500_000],
    [19.99, 19_990_000],
    [0.1 + 0.2, 300_000],
    ['0', 0],
    [9_000_000_000, limits.amountMicros],
  ])('%s is read exactly', (written, micros) => {
    const event = read({ value: written });
    expect(event.message).toBeUndefined();
    expect(event.valueMicros).toBe(micros);
  });

  test('has a currency in capitals, however it is sent', () => {
    expect(strings(read({ currency: 'usd' }))).toEqual({ currency: 'USD' });
  });
});

describe('properties', () => {
  test('are kept as JSON', () => {
    expect(strings(read({ properties: { a: 1, b: 'x', c: true } }))).toEqual({
      properties: '{"a":1,"b":"x","c":true}',
    });
    expect(strings(read({ properties: '{"a":1}' }))).toEqual({ properties: '{"a":1}' });
    expect(strings(read({ properties: {} }))).toEqual({});
  });
});

test('whatever an object holds, what is read of it fits its bounds', () => {
  const name = fc.constantFrom(
    ...FIELD_RULES.flatMap(({ name, aliases }) => [name, ...aliases]),
    '__proto__',
    'x',
  );
  const value = fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 700 }), fc.double());
  fc.assert(
    fc.property(fc.dictionary(name, value), (object) => {
      const event = read(object);
      for (const text of Object.values(strings(event))) {
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(limits.propertiesBytes);
        expect(text.isWellFormed()).toBe(true);
      }
      expect(Number.isSafeInteger(event.valueMicros)).toBe(true);
      expect(Number.isSafeInteger(event.sentAt)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
