/** Budgets as REST shows them: schemas, and the way there from the application. */
import { type Static, Type } from 'typebox';
import { ALLOCATION_FIELDS, PACINGS } from '../../../model/budget.ts';
import { moneyJson } from '../../../model/money.ts';
import { type BudgetStatus, PACING_STATUSES } from '../../application/budgets/budget-status.ts';
import type { BudgetForecast, RecordedSpend } from '../../application/budgets/budgets.ts';
import { count, Money, shared, words } from '../schema-parts.ts';

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

const AllocationResource = Type.Object({
  name: Type.String({ description: 'Its name.' }),
  amount: Money,
  match: Type.Optional(
    Type.Object(
      { field: words(ALLOCATION_FIELDS), value: Type.String() },
      { description: 'Which paid events it pays for; absent: only reported spend.' },
    ),
  ),
  spent: Money,
  left: Money,
});

export const BudgetResource = Type.Object(
  {
    campaign_id: Type.String({ description: 'The campaign.' }),
    etag: Type.String({ description: "The campaign's etag." }),
    total: Money,
    extra: Money,
    spent: Money,
    reported: Money,
    left: Money,
    utilization: share('What is spent of the total.'),
    daily: Type.Optional(Money),
    spent_today: Money,
    allocations: Type.Array(AllocationResource, {
      description: 'What the money is kept for, in the order in which events are matched.',
    }),
    unallocated: Money,
    thresholds: Type.Array(
      Type.Object({
        percent: Type.Integer({ description: 'Share of the total.' }),
        reached: Type.Boolean({ description: 'Whether it was reached.' }),
      }),
      { description: 'Shares of the total that are told when they are spent.' },
    ),
    pace: Type.Object(
      {
        pacing: words(PACINGS, 'How fast the total may be spent.'),
        today: Type.Optional(Money),
        expected: Type.Optional(Money),
        status: Type.Optional(words(PACING_STATUSES)),
      },
      {
        description:
          'How fast the money goes. `today`: what paid events may spend today, where it is paced. `expected`: what a ' +
          'steady pace from the launch to the end would have spent by now; `status` compares the spend with it: on ' +
          'track is within a tenth of it, or a hundredth of the total. Both are absent without an end.',
      },
    ),
  },
  {
    $id: 'Budget',
    description:
      'How a budget stands. `extra` is the part of the total that was authorised beside the first one, `reported` ' +
      'the part of the spend that was reported.',
  },
);
export type BudgetResource = Static<typeof BudgetResource>;

export const RecordedSpendResource = Type.Object(
  {
    recorded: Type.Boolean({
      description: 'False: its reference was recorded before, and nothing was changed.',
    }),
    budget: shared(BudgetResource),
  },
  { $id: 'RecordedSpend', description: 'What became of a reported spend.' },
);
export type RecordedSpendResource = Static<typeof RecordedSpendResource>;

export const ForecastResource = Type.Object(
  {
    campaign_id: Type.String({ description: 'The campaign.' }),
    days: count('Days looked ahead.'),
    left: Money,
    records: count('Spend recorded so far: charged events, and reports.'),
    insufficient_data: Type.Boolean({
      description: 'Whether there are fewer than three records: then nothing below is said.',
    }),
    basis_days: Type.Optional(count('Days that the mean is of: the last complete ones, at most seven.')),
    daily_mean: Type.Optional(Money),
    expected_spend: Type.Optional(Money),
    projected_total: Type.Optional(Money),
    overspend_probability: Type.Optional(
      share('How likely it is that more would be spent than is left, if nothing stopped it.'),
    ),
    recommended_daily: Type.Optional(Money),
    confidence: Type.Optional(share('How much the forecast is worth.')),
  },
  { $id: 'SpendForecast', description: 'What will be spent if it goes on as in the last days.' },
);
export type ForecastResource = Static<typeof ForecastResource>;

export function budgetResource(budget: BudgetStatus): BudgetResource {
  const { currency, dailyMicros, pace } = budget;
  const money = (micros: number) => moneyJson(micros, currency);
  return {
    campaign_id: budget.campaignId,
    etag: budget.etag,
    total: money(budget.totalMicros),
    extra: money(budget.extraMicros),
    spent: money(budget.spentMicros),
    reported: money(budget.reportedMicros),
    left: money(budget.leftMicros),
    utilization: budget.utilization,
    ...(dailyMicros !== undefined && { daily: money(dailyMicros) }),
    spent_today: money(budget.spentTodayMicros),
    allocations: budget.allocations.map(({ name, amountMicros, spentMicros, leftMicros, match }) => ({
      name,
      amount: money(amountMicros),
      ...(match && { match: { field: match.field, value: match.value } }),
      spent: money(spentMicros),
      left: money(leftMicros),
    })),
    unallocated: money(budget.unallocatedMicros),
    thresholds: budget.thresholds.map(({ percent, isReached }) => ({ percent, reached: isReached })),
    pace: {
      pacing: pace.pacing,
      ...(pace.todayMicros !== undefined && { today: money(pace.todayMicros) }),
      ...(pace.expectedMicros !== undefined && { expected: money(pace.expectedMicros) }),
      ...(pace.status && { status: pace.status }),
    },
  };
}

export function recordedSpendResource({ isRepeat, budget }: RecordedSpend): RecordedSpendResource {
  return { recorded: !isRepeat, budget: budgetResource(budget) };
}

export function forecastResource(found: BudgetForecast): ForecastResource {
  const { currency, forecast } = found;
  const money = (micros: number | bigint) => moneyJson(micros, currency);
  return {
    campaign_id: found.campaignId,
    days: found.days,
    left: money(found.leftMicros),
    records: found.records,
    insufficient_data: forecast === undefined,
    ...(forecast && {
      basis_days: forecast.basisDays,
      daily_mean: money(forecast.dailyMeanMicros),
      expected_spend: money(forecast.expectedMicros),
      projected_total: money(forecast.projectedMicros),
      overspend_probability: forecast.overspendProbability,
      recommended_daily: money(forecast.recommendedDailyMicros),
      confidence: forecast.confidence,
    }),
  };
}
