import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountOf,
  COUNTS,
  type Counts,
  countsOfReasons,
  differencesOfLive,
  differencesOfRows,
  NO_SLACK,
  OUTCOME_COUNTS,
  slackBetween,
} from './conservation-account.ts';

const counts = (changes: Partial<Counts> = {}): Counts => ({
  received: 20,
  accepted: 10,
  duplicates: 5,
  rejected: 3,
  pending: 2,
  ...changes,
});

describe('an account', () => {
  it('balances where everything received has an outcome', () => {
    expect(accountOf(counts())).toEqual({ ...counts(), sum: 20, balanced: true });
    expect(accountOf(counts({ rejected: 2 }))).toMatchObject({ received: 20, sum: 19, balanced: false });
  });

  it('of rows balances unless a reason stands for no outcome', () => {
    const rows = [
      { code: 100, events: 4 },
      { code: 210, events: 3 },
      { code: 302, events: 2 },
      { code: 400, events: 1 },
    ];
    expect(accountOf(countsOfReasons(rows))).toMatchObject({ received: 10, sum: 10, balanced: true });
    const strange = [...rows, { code: 7, events: 1 }, { code: 700, events: 1 }];
    expect(accountOf(countsOfReasons(strange))).toMatchObject({ received: 12, sum: 10, balanced: false });
  });
});

describe('aggregates and rows', () => {
  it('agree where the aggregates have more duplicates: the filter has stopped them', () => {
    expect(differencesOfRows(counts(), counts({ duplicates: 1, received: 16 }), NO_SLACK)).toEqual([]);
  });

  it('differ where rows have duplicates that the aggregates do not count', () => {
    expect(differencesOfRows(counts(), counts({ duplicates: 7 }), NO_SLACK)).toEqual([
      { count: 'duplicates', sources: ['aggregates', 'decided_events'], by: -2 },
    ]);
  });

  it('differ by what events that arrived meanwhile do not explain', () => {
    const slack = { ...NO_SLACK, accepted: 2 };
    expect(differencesOfRows(counts(), counts({ accepted: 8 }), slack)).toEqual([]);
    expect(differencesOfRows(counts(), counts({ accepted: 13 }), slack)).toEqual([
      { count: 'accepted', sources: ['aggregates', 'decided_events'], by: -1 },
    ]);
  });
});

describe('the actor and the aggregates', () => {
  it('agree where the aggregates lie between two looks at the actor', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_000), fc.nat(100), fc.nat(100)), { minLength: 5, maxLength: 5 }),
        (values) => {
          const pick = (of: (value: readonly [number, number, number]) => number): Counts =>
            Object.fromEntries(
              COUNTS.map((count, i) => [count, of(values[i] as [number, number, number])]),
            ) as Counts;
          const before = pick(([first]) => first);
          const aggregates = pick(([first, second]) => first + second);
          const after = pick(([first, second, third]) => first + second + third);
          expect(differencesOfLive(before, aggregates, after)).toEqual([]);
        },
      ),
    );
  });

  it('differ by the distance to the nearer look', () => {
    const after = counts({ accepted: 12 });
    const by = (accepted: number) => differencesOfLive(counts(), counts({ accepted }), after);
    expect(by(9)).toEqual([{ count: 'accepted', sources: ['live', 'aggregates'], by: 1 }]);
    expect(by(15)).toEqual([{ count: 'accepted', sources: ['live', 'aggregates'], by: -3 }]);
  });

  it('may have moved by what came between the looks', () => {
    expect(slackBetween(counts(), counts({ received: 25, pending: 7 }))).toEqual({
      ...NO_SLACK,
      received: 5,
      pending: 5,
    });
    expect(OUTCOME_COUNTS.every((count) => slackBetween(counts(), counts())[count] === 0)).toBe(true);
  });
});
