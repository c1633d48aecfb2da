/** What every deduplication filter must do: the sentences of `storage/dedup/port.ts`, as tests. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import { Claim, type Dedup, type DedupKeys } from '../../storage/dedup/port.ts';
import { FilterModel } from './support/filter-model.ts';

export interface DedupEngine {
  /** An empty filter; `now` is obeyed where `controlsTime` says so. */
  open(options: { now: () => number }): Promise<Dedup>;
  readonly controlsTime: boolean;
  dispose(): Promise<void>;
}

const { new: NEW, duplicate: DUPLICATE, uncertain: UNCERTAIN } = Claim;

/** Keys by number; the same number is the same key. */
export function keys(...numbers: number[]): DedupKeys {
  const words = new Uint32Array(numbers.length * FINGERPRINT_WORDS);
  // Differ in one word only, a different one each time: no word alone tells keys apart.
  for (const [i, number] of numbers.entries())
    words[i * FINGERPRINT_WORDS + (number % FINGERPRINT_WORDS)] = number;
  return words;
}

export function describeDedupContract(name: string, makeEngine: () => Promise<DedupEngine>): void {
  describe(`the deduplication filter on ${name}`, () => {
    let engine: DedupEngine;
    let dedup: Dedup;
    let now: number;
    const claim = async (token: string, ...numbers: number[]): Promise<number[]> => [
      ...(await dedup.claim(keys(...numbers), token)),
    ];
    const confirm = (token: string, ...numbers: number[]) => dedup.confirm(keys(...numbers), token);
    const release = (token: string, ...numbers: number[]) => dedup.release(keys(...numbers), token);

    beforeEach(async () => {
      now = 1_700_000_000_000;
      engine = await makeEngine();
      dedup = await engine.open({ now: () => now });
    });
    afterEach(async () => {
      await dedup.close();
      await engine.dispose();
    });

    describe('claiming', () => {
      test('a key that nobody holds is new', async () => {
        expect(await claim('a', 1, 2, 3)).toEqual([NEW, NEW, NEW]);
      });

      test('a key that occurs earlier in the same call is a duplicate', async () => {
        expect(await claim('a', 1, 2, 1, 1, 2)).toEqual([NEW, NEW, DUPLICATE, DUPLICATE, DUPLICATE]);
      });

      test('a key that another token holds unconfirmed is uncertain', async () => {
        await claim('a', 1);
        expect(await claim('b', 1, 2)).toEqual([UNCERTAIN, NEW]);
      });

      test('a key that is uncertain and occurs again in the call is a duplicate the second time', async () => {
        await claim('a', 1);
        expect(await claim('b', 1, 2, 1, 2)).toEqual([UNCERTAIN, NEW, DUPLICATE, DUPLICATE]);
      });

      test('a key that the same token has claimed in an earlier call is new again', async () => {
        await claim('a', 1, 2);
        expect(await claim('a', 2, 1, 1)).toEqual([NEW, NEW, DUPLICATE]);
      });

      test('a confirmed key is a duplicate, for every token', async () => {
        await claim('a', 1);
        await confirm('a', 1);
        expect(await claim('a', 1)).toEqual([DUPLICATE]);
        expect(await claim('b', 1, 1)).toEqual([DUPLICATE, DUPLICATE]);
      });

      test('of no keys gives no results', async () => {
        expect(await claim('a')).toEqual([]);
      });

      test('tells keys apart that share words, and knows the key of zeros', async () => {
        const words = Uint32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]);
        expect([...(await dedup.claim(words, 'a'))]).toEqual([NEW, NEW, NEW, NEW, NEW, DUPLICATE]);
        await dedup.confirm(words.subarray(0, 3), 'a');
        expect([...(await dedup.claim(words.subarray(0, 6), 'b'))]).toEqual([DUPLICATE, UNCERTAIN]);
      });

      test('answers a batch of thousands, in order', async () => {
        const numbers = Array.from({ length: 10_000 }, (_, i) => i + 1);
        expect(new Set(await claim('a', ...numbers))).toEqual(new Set([NEW]));
        const even = numbers.filter((number) => number % 2 === 0);
        await confirm('a', ...even);
        const expected = numbers.map((number) => (number % 2 === 0 ? DUPLICATE : UNCERTAIN));
        expect(await claim('b', ...numbers)).toEqual(expected);
      });
    });

    describe('releasing', () => {
      test('gives a claim back', async () => {
        await claim('a', 1, 2);
        await release('a', 1);
        expect(await claim('b', 1, 2)).toEqual([NEW, UNCERTAIN]);
      });

      test('does not touch the claims of another token', async () => {
        await claim('a', 1);
        await release('b', 1);
        expect(await claim('c', 1)).toEqual([UNCERTAIN]);
      });

      test('does not undo a confirmation', async () => {
        await claim('a', 1);
        await confirm('a', 1);
        await release('a', 1);
        expect(await claim('b', 1)).toEqual([DUPLICATE]);
      });

      test('of keys that nobody holds does nothing', async () => {
        await release('a', 1);
        expect(await claim('b', 1)).toEqual([NEW]);
      });
    });

    describe('confirming', () => {
      test('does not touch the claims of another token', async () => {
        await claim('a', 1);
        await confirm('b', 1);
        expect(await claim('c', 1)).toEqual([UNCERTAIN]);
      });

      test('may be repeated', async () => {
        await claim('a', 1);
        await confirm('a', 1);
        await confirm('a', 1);
        expect(await claim('b', 1)).toEqual([DUPLICATE]);
      });
    });

    describe('as time goes by', () => {
      beforeEach(({ skip }) => {
        if (!engine.controlsTime) skip();
      });

      test('a claim holds for as long as a batch may be under way', async () => {
        await claim('a', 1);
        now += limits.pendingClaimMs - 1;
        expect(await claim('b', 1)).toEqual([UNCERTAIN]);
      });

      test('a claim that was not confirmed in time may be taken over', async () => {
        await claim('a', 1);
        now += limits.pendingClaimMs;
        expect(await claim('b', 1)).toEqual([NEW]);
        expect(await claim('c', 1)).toEqual([UNCERTAIN]);
      });

      test('a claim that was taken over is not confirmed by who held it before', async () => {
        await claim('a', 1);
        now += limits.pendingClaimMs;
        await claim('b', 1);
        await confirm('a', 1);
        await release('a', 1);
        expect(await claim('c', 1)).toEqual([UNCERTAIN]);
      });

      test('a repeated claim of the same token begins anew', async () => {
        await claim('a', 1);
        now += limits.pendingClaimMs - 1;
        await claim('a', 1);
        now += limits.pendingClaimMs - 1;
        expect(await claim('b', 1)).toEqual([UNCERTAIN]);
      });

      test('a confirmed key is remembered for the promised time', async () => {
        await claim('a', 1);
        await confirm('a', 1);
        for (let passed = 0; passed < limits.claimMs - 60_000; passed += 60_000) {
          now += 60_000;
          await claim('other', 1_000 + passed / 60_000);
        }
        expect(await claim('b', 1)).toEqual([DUPLICATE]);
      });

      test('a confirmed key is forgotten in the end', async () => {
        await claim('a', 1);
        await confirm('a', 1);
        now += 3 * limits.claimMs;
        expect(await claim('b', 1)).toEqual([NEW]);
      });

      test('agrees with a plain table, whatever is called in whatever order', async () => {
        const number = fc.integer({ min: 1, max: 12 });
        const token = fc.constantFrom('a', 'b', 'c');
        const call = fc.record({
          method: fc.constantFrom('claim', 'claim', 'confirm', 'release'),
          token,
          numbers: fc.array(number, { maxLength: 6 }),
          passes: fc.oneof({ weight: 4, arbitrary: fc.nat(1_000) }, { weight: 1, arbitrary: fc.nat(40_000) }),
        });
        let round = 0;
        const property = fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
          // Other keys each time, so that the filter may be the same.
          const base = ++round * 100;
          const model = new FilterModel(limits.pendingClaimMs);
          for (const { method, token, numbers, passes } of calls) {
            now += passes;
            const own = numbers.map((n) => base + n);
            if (method === 'claim') expect(await claim(token, ...own)).toEqual(model.claim(own, token, now));
            else if (method === 'confirm') {
              model.confirm(own, token, now);
              await confirm(token, ...own);
            } else {
              model.release(own, token, now);
              await release(token, ...own);
            }
          }
        });
        await fc.assert(property, { numRuns: 300 });
      });
    });
  });
}
