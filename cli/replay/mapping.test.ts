import { describe, expect, test } from 'vitest';
import { type MappingOptions, rowMapper } from './mapping.ts';
import type { Row } from './row.ts';

const row = (fields: Record<string, unknown>, line = 2): Row => ({
  line,
  text: JSON.stringify(fields),
  content: { fields },
});

function map(given: Row, more: Partial<MappingOptions> = {}): Record<string, unknown> {
  const options = { columns: new Map(), defaults: new Map(), source: 'file.csv', ...more };
  const mapped = rowMapper(options)(given);
  if ('problem' in mapped) throw new Error(mapped.problem);
  return JSON.parse(mapped.json) as Record<string, unknown>;
}

describe('rowMapper', () => {
  test('leaves fields that are not mapped as they are', () => {
    const fields = { event_id: 'e', type: 'click', value: 12.5, properties: { size: 42 } };
    expect(map(row(fields))).toEqual(fields);
  });

  test('renames columns to fields', () => {
    const columns = new Map([
      ['event_id', 'Id'],
      ['campaign_id', 'Campaign'],
    ]);
    expect(map(row({ Id: '7', Campaign: 'spring', type: 'click' }), { columns })).toEqual({
      event_id: '7',
      campaign_id: 'spring',
      type: 'click',
    });
  });

  test('prefers the mapped column to one that already has the field’s name', () => {
    const columns = new Map([['type', 'Kind']]);
    expect(map(row({ event_id: 'e', type: 'x', Kind: 'click' }), { columns })).toMatchObject({
      type: 'click',
    });
  });

  test('fills in defaults only where a row has nothing', () => {
    const defaults = new Map([['type', 'click']]);
    expect(map(row({ event_id: 'e' }), { defaults })).toMatchObject({ type: 'click' });
    expect(map(row({ event_id: 'e', type: '' }), { defaults })).toMatchObject({ type: 'click' });
    expect(map(row({ event_id: 'e', type: 'impression' }), { defaults })).toMatchObject({
      type: 'impression',
    });
  });

  test('gives a row without id always the same one', () => {
    const first = map(row({ type: 'click' }));
    expect(first.event_id).toMatch(/^replay-[\w-]{27}$/);
    expect(map(row({ type: 'click' }))).toEqual(first);
  });

  test('gives another id to another line, text or source', () => {
    const ids = [
      map(row({ type: 'click' })),
      map(row({ type: 'click' }, 3)),
      map(row({ type: 'impression' })),
      map(row({ type: 'click' }), { source: 'other.csv' }),
    ].map(({ event_id }) => event_id);
    expect(new Set(ids).size).toBe(4);
  });

  test.each(['event_id', 'messageId', 'id'])('keeps the id in %s', (field) => {
    expect(map(row({ [field]: 'mine', type: 'click' }))).toEqual({ [field]: 'mine', type: 'click' });
  });

  test('does not fall for names that mean something to JavaScript', () => {
    const fields = JSON.parse('{"event_id":"e","__proto__":{"type":"click"}}') as Record<string, unknown>;
    const mapped = map(row(fields), { defaults: new Map([['type', 'impression']]) });
    expect(mapped.type).toBe('impression');
  });

  test('refuses an event that is too large to send', () => {
    const mapper = rowMapper({ columns: new Map(), defaults: new Map(), source: 's' });
    expect(mapper(row({ url: 'x'.repeat(40_000) }))).toEqual({
      problem: expect.stringMatching(/^the event has 400\d\d bytes; 32768 are allowed$/),
    });
  });

  test('passes on what was wrong with a row', () => {
    const mapper = rowMapper({ columns: new Map(), defaults: new Map(), source: 's' });
    expect(mapper({ line: 1, text: '{', content: { problem: 'not JSON' } })).toEqual({ problem: 'not JSON' });
  });
});
