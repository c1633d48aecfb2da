import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pace } from './pace.ts';

describe('Pace', () => {
  test('never waits without a rate', () => {
    const pace = new Pace(undefined);
    expect([pace.delayMs(1_000_000), pace.delayMs(1)]).toEqual([0, 0]);
  });

  test('lets the first events go and makes the next ones wait for their turn', () => {
    const pace = new Pace(1_000, () => 0);
    expect([pace.delayMs(100), pace.delayMs(50), pace.delayMs(1)]).toEqual([0, 100, 150]);
  });

  test('catches up no more than a moment after a pause', () => {
    let now = 0;
    const pace = new Pace(1_000, () => now);
    pace.delayMs(1);
    now = 10_000;
    expect([pace.delayMs(60), pace.delayMs(1)]).toEqual([0, 10]);
  });

  test('keeps to the rate over any sequence of batches', () => {
    const batches = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), batches, (rate, sizes) => {
        let now = 0;
        const pace = new Pace(rate, () => now);
        let sent = 0;
        for (const size of sizes) {
          now += pace.delayMs(size);
          expect(sent).toBeLessThanOrEqual((rate * now) / 1_000 + 0.001);
          sent += size;
        }
      }),
    );
  });
});
