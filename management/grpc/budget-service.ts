/** The methods of `turnpike.v1.BudgetService`: thin over the application. */
import {
  type BudgetServiceServer,
  type BudgetStatus as ProtoBudget,
  type SpendForecast as ProtoForecast,
  PacingStatus as ProtoPacingStatus,
} from '../../proto/generated/turnpike/v1/budget_service.ts';
import type { Money } from '../../proto/generated/turnpike/v1/money.ts';
import type { AllocationsDraft } from '../application/budgets/budget-drafts.ts';
import type { BudgetStatus, PacingStatus } from '../application/budgets/budget-status.ts';
import type { BudgetForecast, Budgets } from '../application/budgets/budgets.ts';
import { refuse } from '../application/violations.ts';
import { PACINGS } from './campaigns/present.ts';
import { contextOf } from './context.ts';
import { decimalOf, protoMoney } from './money.ts';
import { named } from './request.ts';
import { spelled } from './spelled.ts';
import { type UnaryDependencies, unary } from './unary.ts';

const PACING_STATUSES: Readonly<Record<PacingStatus, ProtoPacingStatus>> = {
  ahead: ProtoPacingStatus.AHEAD,
  on_track: ProtoPacingStatus.ON_TRACK,
  behind: ProtoPacingStatus.BEHIND,
};

export function budgetService(budgets: Budgets, dependencies: UnaryDependencies): BudgetServiceServer {
  return {
    getBudget: unary(dependencies, 'GetBudget', async ({ campaignId }) =>
      protoBudget(await budgets.get(named(campaignId))),
    ),
    allocateBudget: unary(dependencies, 'AllocateBudget', async (request) =>
      spelled(async () => {
        const allocations = request.allocations.map(
          ({ name, amount, match }, i): AllocationsDraft['allocations'][number] => ({
            name,
            amount: moneyOf(amount, `allocations[${i}].amount`),
            ...(match && { match: { field: match.field, value: match.value } }),
          }),
        );
        const context = contextOf(request.requestId, request.etag);
        return protoBudget(await budgets.allocate(named(request.campaignId), { allocations }, context));
      }),
    ),
    reallocateBudget: unary(dependencies, 'ReallocateBudget', async (request) =>
      spelled(async () => {
        const { amount, from, to } = request;
        const draft = { amount: moneyOf(amount, 'amount'), ...(from && { from }), ...(to && { to }) };
        const context = contextOf(request.requestId, request.etag);
        return protoBudget(await budgets.reallocate(named(request.campaignId), draft, context));
      }),
    ),
    authorizeExtraBudget: unary(dependencies, 'AuthorizeExtraBudget', async (request) =>
      spelled(async () => {
        const draft = { amount: moneyOf(request.amount, 'amount'), reason: request.reason };
        const context = contextOf(request.requestId, request.etag);
        return protoBudget(await budgets.authorizeExtra(named(request.campaignId), draft, context));
      }),
    ),
    recordSpend: unary(dependencies, 'RecordSpend', async (request) =>
      spelled(async () => {
        const { amount, allocation, description, reference } = request;
        const draft = {
          amount: moneyOf(amount, 'amount'),
          ...(allocation && { allocation }),
          ...(description && { description }),
          ...(reference && { reference }),
        };
        const context = contextOf(request.requestId, request.etag);
        const { isRepeat, budget } = await budgets.recordSpend(named(request.campaignId), draft, context);
        return { recorded: !isRepeat, budget: protoBudget(budget) };
      }),
    ),
    forecastSpend: unary(dependencies, 'ForecastSpend', async ({ campaignId, days }) =>
      protoForecast(await budgets.forecast(named(campaignId), days || undefined)),
    ),
  };
}

function moneyOf(money: Money | undefined, field: string): { amount: string; currency: string } {
  // As drafts name it: messages have no amount within an amount.
  if (money === undefined) refuse([{ field: `${field}.amount`, description: 'is required' }]);
  return { amount: decimalOf(money), currency: money.currencyCode };
}

function protoBudget(budget: BudgetStatus): ProtoBudget {
  const { currency, dailyMicros, pace } = budget;
  const money = (micros: number): Money => protoMoney(micros, currency);
  const maybe = (micros: number | undefined): Money | undefined =>
    micros === undefined ? undefined : money(micros);
  return {
    campaignId: budget.campaignId,
    etag: budget.etag,
    total: money(budget.totalMicros),
    extra: money(budget.extraMicros),
    spent: money(budget.spentMicros),
    reported: money(budget.reportedMicros),
    left: money(budget.leftMicros),
    utilization: budget.utilization,
    daily: maybe(dailyMicros),
    spentToday: money(budget.spentTodayMicros),
    allocations: budget.allocations.map(({ name, amountMicros, spentMicros, leftMicros, match }) => ({
      name,
      amount: money(amountMicros),
      match: match && { field: match.field, value: match.value },
      spent: money(spentMicros),
      left: money(leftMicros),
    })),
    unallocated: money(budget.unallocatedMicros),
    thresholds: budget.thresholds.map(({ percent, isReached }) => ({ percent, reached: isReached })),
    pace: {
      pacing: PACINGS[pace.pacing],
      today: maybe(pace.todayMicros),
      expected: maybe(pace.expectedMicros),
      status: pace.status ? PACING_STATUSES[pace.status] : ProtoPacingStatus.UNSPECIFIED,
    },
  };
}

function protoForecast({
  campaignId,
  currency,
  days,
  leftMicros,
  records,
  forecast,
}: BudgetForecast): ProtoForecast {
  const money = (micros: number | bigint | undefined): Money | undefined =>
    micros === undefined ? undefined : protoMoney(micros, currency);
  return {
    campaignId,
    days,
    left: money(leftMicros),
    records: BigInt(records),
    insufficientData: forecast === undefined,
    basisDays: forecast?.basisDays ?? 0,
    dailyMean: money(forecast?.dailyMeanMicros),
    expectedSpend: money(forecast?.expectedMicros),
    projectedTotal: money(forecast?.projectedMicros),
    overspendProbability: forecast?.overspendProbability ?? 0,
    recommendedDaily: money(forecast?.recommendedDailyMicros),
    confidence: forecast?.confidence ?? 0,
  };
}
