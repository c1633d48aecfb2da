import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import { BEFORE, byShare, generationOf, probeName, type ScriptKeys, SHARES, together } from './redis-keys.ts';

const KEY_BYTES = 4 * FINGERPRINT_WORDS;

const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff }));
const fingerprint = fc.tuple(word, word, word);
const fingerprints = fc.array(fingerprint, { minLength: 1, maxLength: 200 });
const inWords = (all: readonly (readonly number[])[]): Uint32Array => Uint32Array.from(all.flat());

/** The fingerprints of a script, as text. */
const inText = ({ packed }: ScriptKeys): string[] =>
  Array.from({ length: packed.length / KEY_BYTES }, (_, i) =>
    packed.toString('hex', i * KEY_BYTES, (i + 1) * KEY_BYTES),
  );

describe('the keys of a script', () => {
  test('differ where those of the call do, and only there', () => {
    fc.assert(
      fc.property(fingerprints, (all) => {
        const packed = inText(together(inWords(all)));
        const byKey = new Map(all.map((each, i) => [`${each}`, packed[i]]));
        expect(packed).toEqual(all.map((each) => byKey.get(`${each}`)));
        expect(new Set(packed).size).toBe(byKey.size);
      }),
    );
  });

  test('are those of the view, wherever it begins in its buffer', () => {
    fc.assert(
      fc.property(fingerprint, fingerprint, (before, own) => {
        const view = inWords([before, own]).subarray(3);
        const expected = inText(together(inWords([own])));
        expect(inText(together(view))).toEqual(expected);
        expect(byShare(view).map(inText)).toEqual([expected]);
      }),
    );
  });

  test('stay what they are when the caller writes over its own', () => {
    const keys = inWords([[1, 2, 3]]);
    const [all, [share]] = [together(keys), byShare(keys)];
    keys.fill(0);
    expect(all.packed).toEqual(together(inWords([[1, 2, 3]])).packed);
    expect(share?.packed).toEqual(all.packed);
  });

  test('are the same by shares, each key in one share, in order', () => {
    fc.assert(
      fc.property(fingerprints, (all) => {
        const keys = inWords(all);
        const packed = inText(together(keys));
        const shares = byShare(keys);
        const positions = shares.flatMap((each) => each.positions ?? []);
        expect([...positions].sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
        for (const share of shares) {
          expect(inText(share)).toEqual(share.positions?.map((position) => packed[position]));
          expect(share.count).toBe(share.positions?.length);
          expect(share.packed).toHaveLength(share.count * KEY_BYTES);
          expect(share.positions).toEqual([...(share.positions ?? [])].sort((a, b) => a - b));
        }
        expect(new Set(shares.map(({ share }) => share)).size).toBe(shares.length);
      }),
    );
  });

  test('lie in generations that no probe writes to', () => {
    const names = Array.from({ length: SHARES }, (_, share) => [
      generationOf(share),
      probeName(share),
    ]).flat();
    expect(new Set([...names, ...names.map((name) => name + BEFORE)]).size).toBe(4 * SHARES);
  });
});
