import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('so many work at the same time, and all get their turn, in order, whatever fails', async () => {
  const turns = new Turns(3);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const work = async (index: number): Promise<void> => {
    begun.push(index);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (index % 2 === 0) throw new Error('no');
  };
  const all = Array.from({ length: 20 }, (_, index) => turns.take(() => work(index)));
  const results = await Promise.allSettled(all);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10);
  expect(begun).toEqual(begun.map((_, index) => index));
  expect([most, running]).toEqual([3, 0]);
});
