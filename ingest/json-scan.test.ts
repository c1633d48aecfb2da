import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonErrorAt } from './json-error.ts';
import { countFlatObjects, isFlatObject, type JsonShape, measureJson } from './json-scan.ts';

function measure(text: string, maxDepth = 16, maxElementBytes = 1_000): JsonShape {
  const bytes = Buffer.from(text);
  return measureJson(bytes, 0, bytes.length, maxDepth, maxElementBytes);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('measuring JSON', () => {
  test('tells how many elements an array has', () => {
    expect(measure('[]')).toMatchObject({ isArray: true, elements: 0 });
    expect(measure(' [ ] ')).toMatchObject({ isArray: true, elements: 0 });
    expect(measure('[1, "a,b", {"c": [1,2]}, [3,4]]')).toMatchObject({ isArray: true, elements: 4 });
    expect(measure('{"a":[1,2,3]}')).toMatchObject({ isArray: false, elements: 0 });
  });

  test('tells where the nesting passes the bound', () => {
    expect(measure('[[[]]]', 3).tooDeepAt).toBe(-1);
    expect(measure('[[[]]]', 2).tooDeepAt).toBe(2);
    expect(measure('["[[["]', 1).tooDeepAt).toBe(-1);
    expect(measure('["\\"[[["]', 1).tooDeepAt).toBe(-1);
    expect(measure('['.repeat(100_000)).tooDeepAt).toBe(16);
  });

  test('tells which elements are too large', () => {
    const large = `{"a":"${'x'.repeat(1_000)}"}`;
    const { oversized } = measure(`[1,${large},2, ${large} ]`);
    expect(oversized.map(({ index }) => index)).toEqual([1, 3]);
    expect(oversized[0]).toMatchObject({ from: 3, to: 3 + large.length });
  });

  test('agrees with the parser on every valid text', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value: unknown = JSON.parse(json);
        const { tooDeepAt, isArray, elements } = measure(json);
        expect(tooDeepAt >= 0).toBe(depthOf(value) > 16);
        if (tooDeepAt < 0) {
          expect(isArray).toBe(Array.isArray(value));
          expect(elements).toBe(Array.isArray(value) ? value.length : 0);
        }
      }),
    );
  });

  test('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(measureJson(bytes, 0, bytes.length, 4, 10).elements).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the place of a JSON error', () => {
  test.each([
    ['', 0],
    ['   ', 3],
    ['{', 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ['{"a" 1}', 5],
    ['[}', 1],
    ['[01]', 2],
    ['[1.]', 2],
    ['["a]', 4],
    ['["\n"]', 2],
    ['["\\x"]', 2],
    ['[nul]', 1],
    ['[] x', 3],
    ['\ufeff[]', 0],
  ])('of %j is %i', (text, position) => {
    expect(isJson(text)).toBe(false);
    expect(jsonErrorAt(text)).toBe(position);
  });

  test('is nowhere in JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        expect(jsonErrorAt(json)).toBe(-1);
      }),
    );
  });

  test('is found in a text exactly if the parser refuses it', () => {
    const alphabet = fc.constantFrom(...'{}[]",:\\ \n01.-+eEtrufalsn/', 'é', '\u0001');
    const damaged = fc
      .tuple(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.nat({ max: 2 }),
        fc.string({ unit: alphabet, maxLength: 2 }),
      )
      .map(([json, at, removed, inserted]) => {
        const place = at % (json.length + 1);
        return json.slice(0, place) + inserted + json.slice(place + removed);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: alphabet, maxLength: 12 })), (text) => {
        const position = jsonErrorAt(text);
        expect(position === -1).toBe(isJson(text));
        expect(position).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('objects in which nothing is nested', () => {
  const isObject = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);

  test('are counted', () => {
    expect(countFlatObjects('[]', 100)).toBe(0);
    expect(countFlatObjects('[{"a":1},{"b":"x"} , {}]', 100)).toBe(3);
    expect(countFlatObjects('{"a":1}', 100)).toBe(-1);
    expect(countFlatObjects('[{"a":{"b":1}}]', 100)).toBe(-1);
    expect(countFlatObjects('[{"a":[1]}]', 100)).toBe(-1);
    expect(countFlatObjects(`[{"a":"${'x'.repeat(100)}"}]`, 100)).toBe(-1);
  });

  test('are what they seem if the parser finds as many, whatever their strings hold', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '}', '"', 'x') });
    const flat = fc.dictionary(text, text);
    const list = fc.array(fc.oneof(flat, fc.dictionary(text, fc.oneof(text, flat)), text));
    fc.assert(
      fc.property(list, (value) => {
        const json = JSON.stringify(value);
        const isSure = countFlatObjects(json, 20) === value.length && value.every(isObject);
        if (!isSure) return;
        expect(measure(json, 2, 20)).toMatchObject({ tooDeepAt: -1, elements: value.length, oversized: [] });
      }),
    );
  });

  test('are told from others', () => {
    expect(isFlatObject('{"a":"}"}')).toBe(true);
    expect(isFlatObject('{"a":{}}')).toBe(false);
    expect(isFlatObject('{"a":[]}')).toBe(false);
    expect(isFlatObject('[]')).toBe(false);
  });
});
