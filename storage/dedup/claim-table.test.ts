import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSENT, ClaimTable } from './claim-table.ts';

const words = (...numbers: number[]): Uint32Array => Uint32Array.from(numbers);

describe('the claim table', () => {
  test('gives the mark that a key was inserted or updated with', () => {
    const table = new ClaimTable();
    const key = words(7, 8, 9);
    expect(table.find(key, 0)).toBe(ABSENT);
    table.insert(key, 0, 5);
    expect(table.find(key, 0)).toBe(5);
    table.update(0xffffffff);
    expect(table.find(key, 0)).toBe(0xffffffff);
    expect(table.size).toBe(1);
  });

  test('knows the key of zeros from no key', () => {
    const table = new ClaimTable();
    const key = words(0, 0, 0);
    expect(table.find(key, 0)).toBe(ABSENT);
    table.insert(key, 0, 3);
    expect(table.find(key, 0)).toBe(3);
    expect(table.find(words(0, 0, 1), 0)).toBe(ABSENT);
  });

  test('stays quick with keys that are not random', () => {
    const table = new ClaimTable();
    const started = performance.now();
    for (let i = 0; i < 100_000; i++) {
      const key = words(0, i, 0);
      if (table.find(key, 0) === ABSENT) table.insert(key, 0, i + 1);
    }
    expect(table.size).toBe(100_000);
    // Quadratic behaviour would take minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('agrees with a map, for any keys in any order, through all its growth', () => {
    const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff }));
    const entry = fc.record({
      key: fc.tuple(word, word, word),
      mark: fc.integer({ min: 1, max: 0xffffffff }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 2_000, size: 'max' }), (entries) => {
        const table = new ClaimTable();
        const model = new Map<string, number>();
        for (const { key, mark } of entries) {
          const found = table.find(words(...key), 0);
          expect(found).toBe(model.get(`${key}`) ?? ABSENT);
          if (found === ABSENT) table.insert(words(...key), 0, mark);
          else table.update(mark);
          model.set(`${key}`, mark);
        }
        expect(table.size).toBe(model.size);
        for (const { key } of entries) expect(table.find(words(...key), 0)).toBe(model.get(`${key}`));
      }),
      { numRuns: 30 },
    );
  });
});
