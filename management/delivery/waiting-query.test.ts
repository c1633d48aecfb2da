import { describe, expect, test } from 'vitest';
import { readingsOf, waitingParameters } from './waiting-query.ts';
import type { Place } from './webhook.ts';

const wish = (places: Readonly<Record<number, Place>>): ReadonlyMap<number, Place> =>
  new Map(Object.entries(places).map(([partition, place]) => [Number(partition), place]));

describe('readings', () => {
  test('are one for all who have read as far', () => {
    const readings = readingsOf([
      ['a', wish({ 0: [5, 0], 1: [9, 1] })],
      ['b', wish({ 1: [9, 1], 2: [3, 0] })],
      ['c', wish({})],
    ]);
    expect(readings).toEqual([{ readers: ['a', 'b'], after: wish({ 0: [5, 0], 1: [9, 1], 2: [3, 0] }) }]);
  });

  test('leave those who lag behind by themselves', () => {
    const readings = readingsOf([
      ['a', wish({ 0: [5, 0] })],
      ['late', wish({ 0: [4, 0] })],
      ['b', wish({ 0: [5, 0] })],
    ]);
    expect(readings.map(({ readers }) => readers)).toEqual([['a', 'b'], ['late']]);
  });

  test('ask nothing of partitions that nobody wants', () => {
    expect(waitingParameters(wish({ 1: [7, 2], 3: [5, 0] }), 10)).toEqual({
      least: 5,
      sequences: [Number.MAX_SAFE_INTEGER, 7, Number.MAX_SAFE_INTEGER, 5],
      indexes: [0, 2, 0, 0],
      count: 10,
    });
  });
});
