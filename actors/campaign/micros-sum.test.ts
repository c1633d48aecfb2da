import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MicrosSum } from './micros-sum.ts';

test('is the sum of what was added, to the micro, however much that is', () => {
  const amount = fc.oneof(
    fc.maxSafeNat(),
    fc.nat(1_000),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 30, 2 ** 30 - 1, 2 ** 29, 1),
  );
  const step = fc.record({ amount, isAsked: fc.boolean(), isTakenBack: fc.boolean() });
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.array(step), (start, steps) => {
      const sum = new MicrosSum(start);
      let expected = start;
      for (const { amount: micros, isAsked, isTakenBack } of steps) {
        sum.add(micros);
        expected += BigInt(micros);
        if (isAsked) expect(sum.micros).toBe(expected);
        if (!isTakenBack) continue;
        sum.micros -= 7n;
        expected -= 7n;
      }
      expect(sum.micros).toBe(expected);
    }),
  );
});
