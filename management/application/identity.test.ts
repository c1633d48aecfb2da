import fc from 'fast-check';
import { expect, test } from 'vitest';
import { campaignIdOf, maskKey, newId, newKey } from './identity.ts';

test('the id of an idempotency key is a campaign id, and its own for every brand and key', () => {
  const pair = fc.tuple(fc.string({ unit: 'binary' }), fc.string());
  fc.assert(
    fc.property(pair, pair, ([brand, key], [otherBrand, otherKey]) => {
      const id = campaignIdOf(brand, key);
      expect(id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(campaignIdOf(otherBrand, otherKey) === id).toBe(brand === otherBrand && key === otherKey);
    }),
  );
  expect(campaignIdOf('ab', 'c')).not.toBe(campaignIdOf('a', 'bc'));
});

test('ids and keys are new each time', () => {
  const minted = Array.from({ length: 100 }, () => [newId(), newKey('wk_'), newKey('sk_')]).flat();
  expect(new Set(minted).size).toBe(300);
});

test('a masked key shows its last four characters', () => {
  expect(maskKey('sk_abcdefgh')).toBe('****efgh');
});
