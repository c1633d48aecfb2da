/**
 * The state of a campaign: all that its decisions depend on, and nothing else. It is a pure function of
 * the log; `decide.ts`, `evolve.ts` and `commands.ts` are the only ones that read or change it.
 */
import type { CampaignDefinition, CampaignStatus, FinalFigures } from '../../model/campaign.ts';
import { leastClickMicros } from '../../model/commission-plan.ts';
import { REASONS, type ReasonCode } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { leastPriceMicros, priceMicros } from '../../model/terms.ts';
import type { RememberedAnswer } from '../remembered-answers.ts';
import type { BudgetBook } from './budget/budget-book.ts';
import { planDay } from './budget/budget-pace.ts';
import { exhaustedFor } from './budget/budget-room.ts';
import { type CapUse, openPeriods, reopensAt } from './budget/caps.ts';
import { UNCLEAR } from './budget/clearance.ts';
import { endOfDay } from './calendar.ts';
import type { KpiState } from './kpi-state.ts';
import type { MicrosSum } from './micros-sum.ts';
import type { OpenTotals } from './open-totals.ts';
import type { AnswerView } from './outcome.ts';
import type { PastTerms } from './terms.ts';

export interface CampaignState {
  readonly campaignId: string;
  definition: CampaignDefinition;
  /** Terms that the definition had before, as long as events may be judged by them; oldest first. */
  pastTerms: readonly PastTerms[];
  status: CampaignStatus;
  createdAt: number;
  updatedAt: number;
  /** Grows with every command that changed the campaign: its etag. */
  version: number;
  /** Log sequence of the last change that collectors must know of. */
  revision: number;
  statusReason: string | undefined;
  statusChangedBy: string | undefined;
  /** Set when the campaign is completed. */
  final: FinalFigures | undefined;
  readonly totals: OpenTotals;
  readonly today: DaySpend;
  readonly budget: BudgetBook;
  /**
   * What may be spent on events, in micros, before any rule about money has something to say: refuses one, tells a
   * threshold, finds the budget used up. Below 0: that is to be looked at with each event. Follows from the rest, and
   * is not saved; see `clearanceOf`.
   */
  clearMicros: number;
  /** Of the definition's caps, in their order. */
  capUse: CapUse[];
  /** The latest grant of its partner's slot that it has seen; 0: none. */
  grant: number;
  /** Threshold of the budget that was reached last, in percent; 0: none. Each is told once. */
  reachedPercent: number;
  kpis: KpiState;
  /** Oldest first, at most `limits.commandAnswers`. */
  readonly answers: RememberedAnswer<AnswerView>[];
}

/** What was spent on the present day, in the campaign's time zone, by record time. */
export interface DaySpend {
  /** Milliseconds since the epoch. */
  endsAt: number;
  readonly spend: MicrosSum;
}

/** Why there is no room for another click or paid event, or `undefined` if there is. */
export function exhaustion(state: CampaignState): ReasonCode | undefined {
  if (state.clearMicros >= 0) return undefined;
  const { cost } = state.definition;
  const refusal = cost && exhaustedFor(state, leastPriceMicros(cost));
  return refusal ?? (fullUntil(state) === undefined ? undefined : REASONS.cap_reached);
}

/** When the caps let another click in again; `undefined`: they do. */
export function fullUntil({ definition, capUse }: CampaignState): number | undefined {
  const { caps, cost, commission } = definition;
  if (!caps) return undefined;
  return reopensAt(capUse, caps, {
    spendMicros: cost ? priceMicros(cost, EventType.click, 0) : 0,
    commissionMicros: commission ? leastClickMicros(commission) : 0,
  });
}

/** Whether the campaign has come to its end, after which nothing counts any more. */
export function isOver({ status }: CampaignState): boolean {
  return status === 'COMPLETED' || status === 'CANCELLED';
}

/** Brings what is counted by day or month to the time of a record: a new one begins with nothing. */
export function openDay(state: CampaignState, time: number): void {
  if (state.capUse.length > 0) openPeriods(state.capUse, state.definition, time);
  if (time < state.today.endsAt) return;
  state.today.endsAt = endOfDay(time, zoneOf(state.definition));
  state.today.spend.micros = 0n;
  state.clearMicros = UNCLEAR;
  planDay(state);
}

/** The time zone of a campaign's days. */
export function zoneOf({ timeZone = 'UTC' }: CampaignDefinition): string {
  return timeZone;
}

/** Whether the campaign is paused when its total budget is used up. */
export function pausesWhenExhausted({ definition }: CampaignState): boolean {
  return definition.whenExhausted === 'pause';
}
