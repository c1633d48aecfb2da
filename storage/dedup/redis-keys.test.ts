import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byShare, probeName, SHARES, together } from './redis-keys.ts';

const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff }));
const fingerprint = fc.tuple(word, word, word);
const fingerprints = fc.array(fingerprint, { minLength: 1, maxLength: 200 });
const inWords = (all: readonly (readonly number[])[]): Uint32Array => Uint32Array.from(all.flat());

describe('the names of keys in Redis', () => {
  test('differ where the keys do, and only there', () => {
    fc.assert(
      fc.property(fingerprints, (all) => {
        const { names } = together(inWords(all));
        const byKey = new Map(all.map((each, i) => [`${each}`, names[i]]));
        expect(names).toEqual(all.map((each) => byKey.get(`${each}`)));
        expect(new Set(names).size).toBe(byKey.size);
      }),
    );
  });

  test('are those of the view, wherever it begins in its buffer', () => {
    fc.assert(
      fc.property(fingerprint, fingerprint, (before, own) => {
        const view = inWords([before, own]).subarray(3);
        const expected = together(inWords([own])).names;
        expect(together(view).names).toEqual(expected);
        expect(byShare(view).map(({ names }) => names)).toEqual([expected]);
      }),
    );
  });

  test('are the same by shares, each key in one share, in order', () => {
    fc.assert(
      fc.property(fingerprints, (all) => {
        const keys = inWords(all);
        const { names } = together(keys);
        const shares = byShare(keys);
        const positions = shares.flatMap((each) => each.positions ?? []);
        expect([...positions].sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
        for (const share of shares) {
          expect(share.names).toEqual(share.positions?.map((position) => names[position]));
          expect(share.positions).toEqual([...(share.positions ?? [])].sort((a, b) => a - b));
          for (const name of share.names) expect(name).toMatch(/^tp\{..\}[\w+/]{16}$/);
        }
        expect(new Set(shares.map(({ share }) => share)).size).toBe(shares.length);
      }),
    );
  });

  test('are never those of probes', () => {
    const probes = Array.from({ length: SHARES }, (_, share) => probeName(share));
    expect(new Set(probes).size).toBe(SHARES);
    for (const name of probes) expect(name).toHaveLength('tp{..}probe'.length);
  });
});
