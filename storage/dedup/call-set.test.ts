import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CallSet } from './call-set.ts';

it('holds what was added, but for what was forgotten, as a set would', () => {
  const step = fc.oneof(fc.record({ add: fc.nat(100_000) }), fc.record({ forget: fc.nat(3_000) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const calls = new CallSet();
      const model = new Set<number>();
      let lowest = 0;
      for (const one of steps) {
        if ('add' in one) {
          calls.add(lowest + one.add);
          model.add(lowest + one.add);
        } else {
          lowest += one.forget;
          calls.forgetBefore(lowest);
        }
      }
      const asked = [...model, ...Array.from({ length: 200 }, (_, i) => i * 997)].filter(
        (one) => one >= lowest,
      );
      expect(asked.map((number) => calls.has(number))).toEqual(asked.map((number) => model.has(number)));
    }),
    { numRuns: 50 },
  );
});

it('forgets a range long behind it', () => {
  const calls = new CallSet();
  calls.add(5);
  calls.add(1_000_000);
  calls.forgetBefore(999_999);
  expect([calls.has(5), calls.has(1_000_000)]).toEqual([false, true]);
});
