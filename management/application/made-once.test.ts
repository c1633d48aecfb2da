import { expect, test } from 'vitest';
import { madeOnce } from './made-once.ts';

test('what is made of an object is made once for each', () => {
  const made = madeOnce(({ name }: { name: string }) => ({ text: name }));
  const [one, other] = [{ name: 'a' }, { name: 'a' }];
  expect(made(one)).toBe(made(one));
  expect(made(other)).toEqual(made(one));
  expect(made(other)).not.toBe(made(one));
});
