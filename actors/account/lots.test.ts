import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Lot, Lots } from './lots.ts';
import { HOUR } from './test-account.ts';

const lot = fc
  .record({
    campaignId: fc.constantFrom('c1', 'c2', 'c3'),
    hour: fc.nat({ max: 200 }),
    micros: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(
    ({ campaignId, hour, micros }): Lot => ({
      campaignId,
      since: hour * HOUR,
      releaseAt: hour * HOUR,
      micros: BigInt(micros),
    }),
  );

function lotsOf(list: readonly Lot[]): Lots {
  const lots = new Lots();
  for (const each of list) lots.add(each);
  return lots;
}

const sum = (lots: Iterable<Lot>): bigint => [...lots].reduce((total, { micros }) => total + micros, 0n);

describe('lots', () => {
  it('are the same in whatever order they come, and when some go and come back', () => {
    fc.assert(
      fc.property(fc.array(lot), fc.nat({ max: 5_000 }), (list, micros) => {
        const lots = lotsOf(list);
        expect([...lotsOf([...list].reverse())]).toEqual([...lots]);
        const taken = lots.takeFirst(BigInt(micros));
        expect(sum(taken) + lots.micros).toBe(sum(list));
        for (const each of taken) lots.add(each);
        expect([...lots]).toEqual([...lotsOf(list)]);
      }),
    );
  });

  it('are put together beyond a bound, of one campaign each and never released sooner', () => {
    fc.assert(
      fc.property(fc.array(lot, { maxLength: 120 }), fc.integer({ min: 8, max: 60 }), (list, bound) => {
        const lots = lotsOf(list);
        const before = [...lots];
        lots.fit(bound);
        expect(lots.size).toBeLessThanOrEqual(bound);
        expect(lots.micros).toBe(sum(list));
        expect(sum(lots)).toBe(sum(list));
        for (const { campaignId, releaseAt, micros } of before) {
          const keeper = [...lots].find(
            (each) =>
              each.campaignId === campaignId && each.since <= releaseAt && releaseAt <= each.releaseAt,
          );
          expect(keeper?.micros).toBeGreaterThanOrEqual(micros);
        }
      }),
    );
  });

  it('give what there is of a commission, wherever it was put', () => {
    fc.assert(
      fc.property(fc.array(lot, { minLength: 1, maxLength: 80 }), fc.nat(), (list, index) => {
        const lots = lotsOf(list);
        lots.fit(20);
        const { campaignId, releaseAt, micros } = list[index % list.length] as Lot;
        expect(lots.takeOf(campaignId, releaseAt, micros)).toBe(micros);
        expect(lots.micros).toBe(sum(list) - micros);
      }),
    );
  });
});
