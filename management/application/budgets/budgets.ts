/** What management does with campaigns' money, whichever protocol asks. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { BudgetAccount, BudgetView, SpendReceipt } from '../../../model/budget.ts';
import { daysLeft, minorMicros } from '../../../model/budget-pace.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { newId as mintId } from '../identity.ts';
import { noCampaign } from '../outcome.ts';
import {
  type AllocationsDraft,
  allocationsOf,
  type ExtraDraft,
  extraOf,
  forecastDaysOf,
  type ReallocationDraft,
  reallocationOf,
  type SpendDraft,
  spendOf,
} from './budget-drafts.ts';
import { forecastSpend, type SpendForecast } from './budget-forecast.ts';
import { type BudgetStatus, budgetStatus, dayOf } from './budget-status.ts';

/** What became of a reported spend. */
export interface RecordedSpend {
  /** Its reference was recorded before: nothing was changed. */
  readonly isRepeat: boolean;
  readonly budget: BudgetStatus;
}

/** A forecast, or that there is too little to make one. */
export interface BudgetForecast {
  readonly campaignId: string;
  readonly currency: string;
  /** Days looked ahead. */
  readonly days: number;
  readonly leftMicros: number;
  /** Spend recorded so far: charged events, and reports. */
  readonly records: number;
  readonly forecast?: SpendForecast;
}

/**
 * All methods throw `TurnpikeError`: `invalid_argument` naming each field at fault, `not_found` where there is no
 * such campaign or it has no budget, `failed_precondition` naming what is left, `aborted` for another etag.
 * Drafts may be unchecked: they are checked here.
 */
export interface Budgets {
  get(campaignId: string): Promise<BudgetStatus>;
  /** Replaces a campaign's allocations. */
  allocate(campaignId: string, draft: AllocationsDraft, context: CommandContext): Promise<BudgetStatus>;
  /** Moves money from one allocation to another. */
  reallocate(campaignId: string, draft: ReallocationDraft, context: CommandContext): Promise<BudgetStatus>;
  /** Raises the total. */
  authorizeExtra(campaignId: string, draft: ExtraDraft, context: CommandContext): Promise<BudgetStatus>;
  /** Records spend that no event stands for; all of it or nothing. */
  recordSpend(campaignId: string, draft: SpendDraft, context: CommandContext): Promise<RecordedSpend>;
  /** @param days to look ahead; 30 if absent */
  forecast(campaignId: string, days: number | undefined): Promise<BudgetForecast>;
}

export interface BudgetsDependencies {
  readonly gateway: Pick<ActorGateway, 'execute' | 'query'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

export function createBudgets({ gateway, now, newId = mintId }: BudgetsDependencies): Budgets {
  const execute = async (
    campaignId: string,
    name: string,
    payload: unknown,
    context: CommandContext,
  ): Promise<unknown> => {
    const order = { actorKind: 'campaign', actorId: campaignId, name, payload } as const;
    return viewOf(await gateway.execute(commandOf(newId(), order, context)));
  };
  const statusOf = (view: BudgetView): BudgetStatus => budgetStatus(view, totalOf(view), now());
  const account = async (campaignId: string): Promise<BudgetAccount> => {
    const found = await gateway.query(campaignId, { kind: 'budget' });
    if (found === undefined) throw noCampaign(campaignId);
    return found;
  };

  return {
    get: async (campaignId) => statusOf(await account(campaignId)),

    // The gateway carries answers of every kind of actor; these commands' are those that are named here.
    async allocate(campaignId, draft, context) {
      return statusOf((await execute(campaignId, 'allocate', allocationsOf(draft), context)) as BudgetView);
    },
    async reallocate(campaignId, draft, context) {
      return statusOf(
        (await execute(campaignId, 'reallocate', reallocationOf(draft), context)) as BudgetView,
      );
    },
    async authorizeExtra(campaignId, draft, context) {
      return statusOf((await execute(campaignId, 'authorize_extra', extraOf(draft), context)) as BudgetView);
    },
    async recordSpend(campaignId, draft, context) {
      const view = await execute(campaignId, 'record_spend', spendOf(draft), context);
      const { isRepeat, budget } = view as SpendReceipt;
      return { isRepeat, budget: statusOf(budget) };
    },

    async forecast(campaignId, asked) {
      const days = forecastDaysOf(asked);
      const found = await account(campaignId);
      const totalMicros = totalOf(found);
      const { currency, spentMicros, records, firstDay, endsAt, timeZone } = found;
      const today = dayOf(found, now());
      const forecast = forecastSpend(
        {
          totalMicros,
          spentMicros,
          records,
          today,
          ...(firstDay !== undefined && { firstDay }),
          days: found.days,
          ...(endsAt !== undefined && { daysLeft: daysLeft({ day: today, endsAt, timeZone }) }),
          minorMicros: minorMicros(currency),
        },
        days,
      );
      const leftMicros = totalMicros - spentMicros;
      return { campaignId, currency, days, leftMicros, records, ...(forecast && { forecast }) };
    },
  };
}

/** @throws TurnpikeError `not_found` for a campaign that has no budget */
function totalOf({ campaignId, totalMicros }: BudgetView): number {
  if (totalMicros !== undefined) return totalMicros;
  throw new TurnpikeError({ code: 'not_found', message: `campaign ${campaignId} has no budget` });
}
