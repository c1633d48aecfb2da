import { expect, test } from 'vitest';
import { GatheredInserts } from './gathered-inserts.ts';
import type { WarehouseBlock } from './port.ts';

const block = (token: string): WarehouseBlock => ({
  table: 'aggregates',
  rows: 1,
  token,
  data: Buffer.from(token),
});

/** Inserts that end when they are told to. */
function slowInserts() {
  const inserted: string[] = [];
  const ends: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const gathered = new GatheredInserts((bodies) => {
    inserted.push(bodies.map((body) => Buffer.from(body).toString()).join('+'));
    return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
  });
  return { inserted, ends, gathered };
}

test('blocks that come while an insert is under way go in together, in the order in which they came', async () => {
  const { inserted, ends, gathered } = slowInserts();
  const first = gathered.add(block('a'));
  await Promise.resolve();
  const others = ['b', 'c', 'd'].map((token) => gathered.add(block(token)));
  expect(inserted).toEqual(['a']);
  ends[0]?.resolve();
  await first;
  await expect.poll(() => inserted).toEqual(['a', 'b+c+d']);
  ends[1]?.resolve();
  await Promise.all(others);
});

test('a block that is given again while it waits goes in once', async () => {
  const { inserted, ends, gathered } = slowInserts();
  const first = gathered.add(block('a'));
  await Promise.resolve();
  const others = ['b', 'b'].map((token) => gathered.add(block(token)));
  ends[0]?.resolve();
  await first;
  await expect.poll(() => inserted).toEqual(['a', 'b']);
  ends[1]?.resolve();
  await Promise.all(others);
});

test('a failure is that of those who went together, and not of those who come next', async () => {
  const { inserted, ends, gathered } = slowInserts();
  const failing = [gathered.add(block('a')), gathered.add(block('b'))];
  await Promise.resolve();
  const next = gathered.add(block('c'));
  ends[0]?.reject(new Error('away'));
  for (const one of failing) await expect(one).rejects.toThrow('away');
  await expect.poll(() => inserted).toEqual(['a+b', 'c']);
  ends[1]?.resolve();
  await next;
});
