import { expect, test } from 'vitest';
import { IdTable, idTag } from './id-table.ts';

const placesOf = (table: IdTable, tag: number): number[] => {
  const places: number[] = [];
  table.find(tag, (place) => {
    places.push(place);
    return undefined;
  });
  return places;
};

test('a table finds the place of each of very many ids', () => {
  const table = new IdTable();
  for (let n = 1; n <= 20_000; n++) table.add(idTag(`id-${n}`), n);
  const isFound = (n: number): boolean => placesOf(table, idTag(`id-${n}`)).includes(n);
  expect(Array.from({ length: 20_000 }, (_, index) => index + 1).every(isFound)).toBe(true);
  expect(placesOf(table, idTag('unknown'))).toEqual([]);
});

test('a table gives all places of a tag, each once, and asks no more when it was told', () => {
  const table = new IdTable();
  for (const place of [10, 20, 10, 30]) table.add(5, place);
  table.add(6, 40);
  expect(placesOf(table, 5)).toEqual([10, 20, 30]);
  expect(table.find(5, (place) => (place === 20 ? 'found' : undefined))).toBe('found');
  expect(table.size).toBe(4);
});
