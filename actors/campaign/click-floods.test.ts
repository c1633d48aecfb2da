import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { ClickFloods } from './click-floods.ts';

const MINUTE = 60_000;

/** How many of a minute's clicks lie beyond. */
function beyond(floods: ClickFloods, clicks: number, minute: number, partnerId = 'p'): number {
  let count = 0;
  for (let i = 0; i < clicks; i++) if (floods.add(partnerId, minute * MINUTE + i)) count++;
  return count;
}

/** Mean and variance of minutes that count alike. */
function direct(counts: readonly number[]): { mean: number; variance: number } {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
  return { mean, variance };
}

const allowed = ({ mean, variance }: { mean: number; variance: number }): number =>
  Math.max(29, mean + 4 * Math.sqrt(Math.max(variance, mean)));

describe('a flood of clicks', () => {
  it('is what lies beyond four standard deviations of the earlier minutes', () => {
    const floods = new ClickFloods();
    for (const [minute, clicks] of [90, 110, 100, 90, 110].entries()) beyond(floods, clicks, minute);
    // The deviation is 8.9; that of random arrivals would be 10, and 4 of them are 40.
    expect(beyond(floods, 140, 5)).toBe(0);
    expect(beyond(floods, 60, 5)).toBe(60);
  });

  it('needs five earlier minutes, and thirty clicks', () => {
    const floods = new ClickFloods();
    for (let minute = 0; minute < 4; minute++) beyond(floods, 1, minute);
    expect(beyond(floods, 500, 4)).toBe(0);
    const small = new ClickFloods();
    for (let minute = 0; minute < 5; minute++) beyond(small, 1, minute);
    expect(beyond(small, 29, 5)).toBe(0);
    expect(beyond(small, 1, 5)).toBe(1);
  });

  it('does not become usual by lasting', () => {
    const floods = new ClickFloods();
    for (let minute = 0; minute < 10; minute++) beyond(floods, 10, minute);
    for (let minute = 10; minute < 20; minute++) expect(beyond(floods, 1_000, minute)).toBeGreaterThan(600);
  });

  it('is not what comes after a night without clicks', () => {
    const floods = new ClickFloods();
    for (let minute = 0; minute < 10; minute++) beyond(floods, 100, minute);
    expect(beyond(floods, 120, 600)).toBe(0);
  });

  it('is that of one partner', () => {
    const floods = new ClickFloods();
    for (let minute = 0; minute < 5; minute++) beyond(floods, 1, minute);
    expect(beyond(floods, 100, 5, 'q')).toBe(0);
    expect(beyond(floods, 100, 5)).toBe(71);
  });

  it('is told of the partners that were active last, and of no more than there is room for', () => {
    const floods = new ClickFloods();
    for (let n = 0; n < limits.floodPartners; n++) floods.add(`p${n}`, 0);
    floods.add('p0', MINUTE);
    floods.add('new', MINUTE);
    const known = floods.toJson().map(([partnerId]) => partnerId);
    expect(known).toHaveLength(limits.floodPartners);
    expect(known).toEqual(expect.arrayContaining(['p0', 'new', 'p2']));
    expect(known).not.toContain('p1');
  });
});

describe('what is known of earlier minutes', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 59 });

  it('is their mean and variance, a flood counting no more than it might have had', () => {
    fc.assert(
      fc.property(counts, (minutes) => {
        const floods = new ClickFloods();
        const learnt: number[] = [];
        for (const [minute, clicks] of minutes.entries()) {
          const limit = learnt.length < 5 ? Number.POSITIVE_INFINITY : allowed(direct(learnt));
          const found = beyond(floods, clicks, minute);
          // A limit that is a whole number may be a hair off, by either way of reckoning.
          expect(Math.abs(found - Math.max(0, clicks - Math.floor(limit)))).toBeLessThanOrEqual(1);
          learnt.push(Math.min(clicks, limit));
        }
        floods.add('p', minutes.length * MINUTE);
        const [[, , , held, mean, variance] = []] = floods.toJson();
        const expected = direct(learnt);
        expect(held).toBe(minutes.length);
        expect(mean).toBeCloseTo(expected.mean, 6);
        expect(variance).toBeCloseTo(expected.variance, 4);
      }),
      { numRuns: 200 },
    );
  });

  it('is forgotten by a sixtieth with each minute beyond an hour', () => {
    const floods = new ClickFloods();
    for (let minute = 0; minute < 60; minute++) beyond(floods, 100, minute);
    beyond(floods, 40, 60);
    floods.add('p', 61 * MINUTE);
    expect(floods.toJson()[0]?.slice(3, 5)).toEqual([60, 99]);
  });

  it('is the same after it was saved', () => {
    fc.assert(
      fc.property(counts, counts, (before, after) => {
        const straight = new ClickFloods();
        for (const [minute, clicks] of before.entries()) beyond(straight, clicks, minute);
        const restored = ClickFloods.fromJson(JSON.parse(JSON.stringify(straight.toJson())));
        for (const [index, clicks] of after.entries()) {
          const minute = before.length - 1 + index;
          expect(beyond(restored, clicks, minute)).toBe(beyond(straight, clicks, minute));
        }
        expect(restored.toJson()).toEqual(straight.toJson());
      }),
      { numRuns: 100 },
    );
  });
});
