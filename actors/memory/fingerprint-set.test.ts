import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FingerprintSet } from './fingerprint-set.ts';

const words = (n: number): Uint32Array => Uint32Array.of(Math.imul(n, 0x9e3779b1), n % 7, n);

describe('a fingerprint set', () => {
  it('knows what was added and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000), { maxLength: 2_000 }), (numbers) => {
        const set = new FingerprintSet();
        const model = new Set<number>();
        for (const n of numbers) {
          expect(set.add(words(n), 0)).toBe(!model.has(n));
          model.add(n);
        }
        expect(set.size).toBe(model.size);
        for (let n = 0; n < 5_000; n += 13) expect(set.has(words(n), 0)).toBe(model.has(n));
      }),
      { numRuns: 30 },
    );
  });

  it('writes only the pages that changed, and is restored from them', () => {
    const set = new FingerprintSet();
    const pages = new Map<number, Uint8Array>();
    const save = (): number[] =>
      set.takeChangedPages().map(({ index, data }) => {
        pages.set(index, data);
        return index;
      });
    for (let n = 0; n < 10_000; n++) set.add(words(n), 0);
    expect(save()).toEqual([0, 1, 2]);
    set.add(words(10_000), 0);
    expect(save()).toEqual([2]);
    expect(save()).toEqual([]);
    const restored = new FingerprintSet();
    restored.load(pages.values(), 10_001);
    expect(Array.from({ length: 10_001 }, (_, n) => restored.has(words(n), 0))).not.toContain(false);
    expect(restored.has(words(10_001), 0)).toBe(false);
  });

  it('tells fingerprints apart that share words, or the bits by which they are looked up', () => {
    const word = fc.constantFrom(0, 1, 16, 17, 0x10_0000, 0x8000_0000, 0xffff_fff0, 0xffff_ffff);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word), { maxLength: 200 }), (fingerprints) => {
        const set = new FingerprintSet();
        const known: string[] = [];
        for (const fingerprint of fingerprints) {
          const index = known.indexOf(String(fingerprint));
          expect(set.indexOf(Uint32Array.from(fingerprint), 0)).toBe(index);
          expect(set.add(Uint32Array.from(fingerprint), 0)).toBe(index < 0);
          if (index < 0) known.push(String(fingerprint));
        }
      }),
    );
  });

  it('ignores what a page holds beyond its size: a block that was never completed', () => {
    const set = new FingerprintSet();
    for (let n = 0; n < 10; n++) set.add(words(n), 0);
    const [page] = set.takeChangedPages();
    const restored = new FingerprintSet();
    restored.load([page?.data as Uint8Array], 6);
    expect(restored.size).toBe(6);
    expect(restored.has(words(7), 0)).toBe(false);
  });
});
