import { describe, expect, it } from 'vitest';
import { median, percentile, spread } from './statistics.ts';

describe('statistics', () => {
  it('take the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('leave the values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('know no median of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  it('tell the spread as the median distance from the median, as a share of it', () => {
    expect(spread([90, 100, 120])).toBeCloseTo(0.1);
    expect(spread([100, 100, 9_000])).toBe(0);
    expect(spread([0, 0, 1])).toBe(0);
  });

  it('tell the value that a share of all does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 1)).toBe(100);
    expect(percentile([7], 0)).toBe(7);
  });
});
