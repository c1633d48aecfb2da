import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../limits.ts';
import { FINGERPRINT_WORDS } from '../../../model/fingerprint.ts';
import type { ActorDocument } from '../../actor.ts';
import { deletionsOf } from '../../memory/paged-set.ts';
import type { ReadDocument } from '../../stored.ts';
import { type RememberedTouch, type TouchBounds, TouchMemory } from './touch-memory.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;
const BOUNDS: TouchBounds = { first: 2, last: 3, touchesPerGeneration: 50_000, mergesNear: false };

const visitor = (number: number): Uint32Array =>
  Uint32Array.from({ length: FINGERPRINT_WORDS }, (_, word) => Math.imul(number + 1, 0x9e3779b1 + word));
const touch = (number: number, touchedAt: number, partnerId = 'p'): RememberedTouch => ({
  partnerId,
  contentId: `c${number % 3}`,
  touchedAt,
  nonce: [number, 2 ** 32 - 1],
});
/** The numbers of the touches that are remembered of a visitor, in order. */
const numbers = (memory: TouchMemory, of = 0): number[] =>
  memory
    .of(visitor(of), 0)
    .map(({ nonce }) => nonce[0])
    .sort((a, b) => a - b);

/** Documents as the snapshots keep them. */
class Store {
  readonly documents = new Map<string, ReadDocument>();
  written = 0;
  save(changes: readonly ActorDocument[]): void {
    for (const { name, value } of changes) {
      if (value === undefined) this.documents.delete(name);
      else this.documents.set(name, { value, revision: 1 });
      this.written += value?.byteLength ?? 0;
    }
  }
  readonly read = async (name: string): Promise<ReadDocument | undefined> => this.documents.get(name);
}

describe('a memory of touches', () => {
  test('gives back what it was told of a visitor, and of nobody else', () => {
    const memory = new TouchMemory('clicks', BOUNDS);
    memory.add(visitor(0), 0, touch(7, NOON + 0.5 * DAY, 'maría'), NOON, DAY);
    memory.add(visitor(1), 0, touch(8, NOON), NOON, DAY);
    expect(memory.of(visitor(0), 0)).toEqual([touch(7, NOON + 0.5 * DAY, 'maría')]);
    expect(memory.of(visitor(2), 0)).toEqual([]);
  });

  test('keeps the first and the last of a visitor who comes often', () => {
    const memory = new TouchMemory('clicks', BOUNDS);
    for (let n = 1; n <= 20; n++) memory.add(visitor(0), 0, touch(n, NOON + n * MINUTE), NOON, DAY);
    expect(numbers(memory)).toEqual([1, 2, 18, 19, 20]);
  });

  test('takes a visitor who comes very often for one touch a minute', () => {
    const memory = new TouchMemory('clicks', BOUNDS);
    for (let n = 1; n <= 2_000; n++) memory.add(visitor(0), 0, touch(n, NOON + n * 1_000), NOON, DAY);
    expect(memory.toJson()[0]?.[2]).toBeLessThan(5 + 2_000 / 60 + 1);
    expect(numbers(memory).at(-1)).toBeGreaterThan(1_940);
  });

  test('takes touches that are near to each other and of one source for one, where that is asked for', () => {
    const memory = new TouchMemory('views', { ...BOUNDS, mergesNear: true });
    memory.add(visitor(0), 0, touch(0, NOON), NOON, DAY);
    memory.add(visitor(0), 0, touch(3, NOON + MINUTE - 1), NOON, DAY);
    memory.add(visitor(0), 0, touch(4, NOON + MINUTE - 1), NOON, DAY);
    memory.add(visitor(0), 0, touch(6, NOON + 2 * MINUTE), NOON, DAY);
    expect(numbers(memory)).toEqual([0, 4, 6]);
  });

  test('remembers for as long as the campaign looks back, and forgets within twice that', () => {
    const memory = new TouchMemory('clicks', BOUNDS);
    memory.add(visitor(0), 0, touch(1, NOON), NOON, DAY);
    memory.add(visitor(1), 0, touch(2, NOON), NOON + DAY, DAY);
    expect(numbers(memory)).toEqual([1]);
    memory.add(visitor(1), 0, touch(3, NOON), NOON + 2 * DAY, DAY);
    expect(numbers(memory)).toEqual([]);
    expect(numbers(memory, 1)).toEqual([2, 3]);
  });

  test('begins a new generation when one has all the touches, or sources, that it may have', () => {
    const few = new TouchMemory('clicks', { ...BOUNDS, touchesPerGeneration: 10 });
    for (let n = 0; n < 30; n++) few.add(visitor(n), 0, touch(n, NOON), NOON, DAY);
    expect(few.toJson().map(([number, , size]) => [number, size])).toEqual([
      [2, 10],
      [3, 10],
    ]);
    expect([numbers(few, 9), numbers(few, 10)]).toEqual([[], [10]]);
    const many = new TouchMemory('clicks', BOUNDS);
    const sources = limits.touchSourcesPerGeneration;
    for (let n = 0; n <= sources; n++) many.add(visitor(n), 0, touch(n, NOON, `partner ${n}`), NOON, DAY);
    expect(many.toJson().map(([number, , size]) => [number, size])).toEqual([
      [1, sources],
      [2, 1],
    ]);
  });

  test('gives up the pages of a generation when no state needs them', () => {
    const memory = new TouchMemory('clicks', BOUNDS);
    const store = new Store();
    for (let day = 0; day < 5; day++) {
      memory.add(visitor(0), 0, touch(day, NOON), NOON + day * DAY, DAY);
      store.save(memory.takeChanges());
      store.save(deletionsOf(memory.takeDropped()));
    }
    expect([...store.documents.keys()].sort()).toEqual([
      'clicks-4/0',
      'clicks-5/0',
      'clicks-sources-4/0',
      'clicks-sources-5/0',
    ]);
  });

  test('writes only the last page of what was there before', () => {
    const memory = new TouchMemory('clicks', BOUNDS);
    for (let n = 0; n < 10_000; n++) memory.add(visitor(n), 0, touch(n, NOON), NOON, DAY);
    memory.takeChanges();
    memory.add(visitor(10_001), 0, touch(1, NOON), NOON, DAY);
    const changed = memory.takeChanges();
    expect(changed.map(({ name }) => name)).toEqual([
      `clicks-1/${Math.floor(10_000 / limits.touchesPerPage)}`,
    ]);
    expect(memory.takeChanges()).toEqual([]);
  });

  test('does not load where a page is missing', async () => {
    const memory = new TouchMemory('clicks', BOUNDS);
    memory.add(visitor(0), 0, touch(0, NOON), NOON, DAY);
    const nothing = new Store();
    await expect(TouchMemory.load('clicks', BOUNDS, memory.toJson(), nothing.read)).rejects.toThrow(
      'missing',
    );
  });
});

/** What happens to a memory: a touch, or being saved, and perhaps restored from what was saved. */
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ visitor: fc.nat(6), at: fc.nat(40), partner: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constantFrom('save', 'restore') },
);

test('a memory that was restored is one that was never away, whatever else was written', async () => {
  const bounds: TouchBounds = { first: 1, last: 2, touchesPerGeneration: 25, mergesNear: false };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
      const never = new TouchMemory('clicks', bounds);
      let away = new TouchMemory('clicks', bounds);
      const store = new Store();
      let time = NOON;
      let number = 0;
      for (const what of steps) {
        if (typeof what === 'object') {
          time += 20 * MINUTE;
          number++;
          const one = touch(number, NOON + what.at * MINUTE, `p${what.partner}`);
          never.add(visitor(what.visitor), 0, one, time, DAY);
          away.add(visitor(what.visitor), 0, one, time, DAY);
          continue;
        }
        store.save(away.takeChanges());
        const state = away.toJson();
        if (what === 'restore') {
          // A block that was never completed has written more.
          away.add(visitor(what.length), 0, touch(0, NOON, 'nobody'), time, DAY);
          store.save(away.takeChanges());
          away = await TouchMemory.load('clicks', bounds, state, store.read);
        }
      }
      expect(away.toJson()).toEqual(never.toJson());
      for (let of = 0; of <= 6; of++) expect(away.of(visitor(of), 0)).toEqual(never.of(visitor(of), 0));
    }),
    { numRuns: 200 },
  );
});
