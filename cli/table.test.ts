import { expect, test } from 'vitest';
import { table } from './table.ts';

test('a table lines its columns up, text at the left and numbers at the right', () => {
  const rows = [
    ['name', 'count', ''],
    ['a', '1,000', 'USD'],
    ['long name', '7'],
  ];
  expect(table(rows, ['name', '']).split('\n')).toEqual([
    'name       count',
    '─────────  ─────  ───',
    'a          1,000  USD',
    'long name      7',
  ]);
});
