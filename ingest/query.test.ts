import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readQuery } from './query.ts';

function pairs(text: string): [string, string][] {
  const list: [string, string][] = [];
  readQuery(text, (name, value) => list.push([name, value]));
  return list;
}

describe('a query', () => {
  test.each<[string, [string, string][]]>([
    ['', []],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a&b=&=c&&',
      [
        ['a', ''],
        ['b', ''],
        ['', 'c'],
      ],
    ],
    ['a=b=c', [['a', 'b=c']]],
    ['a=b+c%20d%2B', [['a', 'b c d+']]],
    ['campa%C3%B1a_id=x', [['campaña_id', 'x']]],
    [
      'a=%zz&b=%F1',
      [
        ['a', '%zz'],
        ['b', '%F1'],
      ],
    ],
    ['__proto__=1', [['__proto__', '1']]],
  ])('%j is read as %j', (text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  test('is read as URLSearchParams writes it', () => {
    const pair = fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.array(pair), (list) => {
        expect(pairs(new URLSearchParams(list).toString())).toEqual(list);
      }),
    );
  });

  test('whatever it holds, it is read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const [name, value] of pairs(text)) expect(typeof name + typeof value).toBe('stringstring');
      }),
    );
  });
});
