import { describe, expect, test } from 'vitest';
import type { BudgetView } from '../../../model/budget.ts';
import { budgetStatus, type PaceStatus } from './budget-status.ts';

const DAY = 86_400_000;
const MIDNIGHT = Date.UTC(2026, 5, 2);
const UNIT = 1_000_000;

/** A campaign of ten days that began at midnight. */
const view = (overrides: Partial<BudgetView> = {}): BudgetView => ({
  campaignId: 'c1',
  etag: '3',
  currency: 'USD',
  timeZone: 'UTC',
  totalMicros: 1_000 * UNIT,
  extraMicros: 0,
  spentMicros: 250 * UNIT,
  reportedMicros: 0,
  today: { day: MIDNIGHT / DAY, endsAt: MIDNIGHT + DAY, spentMicros: 40 * UNIT },
  allocations: [],
  thresholds: [50, 90],
  reachedPercent: 50,
  pacing: 'asap',
  launchedAt: MIDNIGHT,
  endsAt: MIDNIGHT + 10 * DAY,
  ...overrides,
});
const at = (days: number, overrides: Partial<BudgetView> = {}) =>
  budgetStatus(view(overrides), 1_000 * UNIT, MIDNIGHT + days * DAY);
const pace = (days: number, overrides: Partial<BudgetView> = {}): PaceStatus => at(days, overrides).pace;

describe('how a budget stands', () => {
  test('is what is left, of the whole and of each part', () => {
    const allocations = [
      { name: 'a', amountMicros: 300 * UNIT, spentMicros: 100 * UNIT },
      { name: 'b', amountMicros: 50 * UNIT, spentMicros: 50 * UNIT },
    ];
    expect(at(0.5, { allocations })).toMatchObject({
      leftMicros: 750 * UNIT,
      utilization: 0.25,
      unallocatedMicros: 550 * UNIT,
      allocations: [{ leftMicros: 200 * UNIT }, { leftMicros: 0 }],
      thresholds: [
        { percent: 50, isReached: true },
        { percent: 90, isReached: false },
      ],
    });
  });

  test('counts a day until it is over, whenever the last record came', () => {
    expect(at(0.9).spentTodayMicros).toBe(40 * UNIT);
    expect(at(1).spentTodayMicros).toBe(0);
  });

  test('compares the spend with a steady pace', () => {
    expect(pace(2.5)).toEqual({ pacing: 'asap', expectedMicros: 250 * UNIT, status: 'on_track' });
    expect(pace(2.2)).toMatchObject({ expectedMicros: 220 * UNIT, status: 'ahead' });
    expect(pace(2.9)).toMatchObject({ status: 'behind' });
  });

  test('expects nothing before the launch, all of it after the end, and nothing without an end', () => {
    const { launchedAt: _, ...unlaunched } = view();
    expect(budgetStatus(unlaunched, 1_000 * UNIT, MIDNIGHT).pace).toEqual({ pacing: 'asap' });
    expect(pace(20)).toMatchObject({ expectedMicros: 1_000 * UNIT });
    const { endsAt: __, ...endless } = view();
    expect(budgetStatus(endless, 1_000 * UNIT, MIDNIGHT).pace).toEqual({ pacing: 'asap' });
  });

  test('tells the share of a day that has had no record yet', () => {
    const even = { pacing: 'even', paceMicros: 100 * UNIT } as const;
    expect(pace(0.5, even).todayMicros).toBe(100 * UNIT);
    expect(pace(5, even).todayMicros).toBe(150 * UNIT);
  });
});
