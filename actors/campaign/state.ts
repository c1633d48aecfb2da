/**
 * The state of a campaign: all that its decisions depend on, and nothing else. It is a pure function of
 * the log; `decide.ts`, `evolve.ts` and `commands.ts` are the only ones that read or change it.
 */
import type {
  CampaignDefinition,
  CampaignStatus,
  CampaignView,
  FinalFigures,
  Totals,
} from '../../model/campaign.ts';
import type { CommandAnswer } from '../../model/command.ts';
import { REASONS, type ReasonCode } from '../../model/decision.ts';

const DAY_MS = 86_400_000;

/** An answer that a repeated command gets again. */
export interface RememberedAnswer {
  readonly requestId: string;
  readonly name: string;
  readonly answer: CommandAnswer<CampaignView>;
}

export interface CampaignState {
  readonly campaignId: string;
  definition: CampaignDefinition;
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
  readonly totals: Totals;
  readonly today: DaySpend;
  /** Oldest first, at most `limits.commandAnswers`. */
  readonly answers: RememberedAnswer[];
}

/** What was spent on one day: days since the epoch, UTC, of record time. */
export interface DaySpend {
  day: number;
  spendMicros: bigint;
}

/** The price of one event of the campaign's cost model, in micros; 0 without a cost. */
export function unitCostMicros(definition: CampaignDefinition): number {
  const { cost } = definition;
  if (!cost) return 0;
  // A CPM rate is a multiple of 1,000 micros, so that one impression has an exact price.
  return cost.model === 'CPM' ? cost.rate.micros / 1_000 : cost.rate.micros;
}

/** Why the budget has no room for another paid event, or `undefined` if it has. Never a part of one. */
export function exhaustion(state: CampaignState): ReasonCode | undefined {
  const { budgetTotal, budgetDaily } = state.definition;
  const unit = BigInt(unitCostMicros(state.definition));
  if (unit === 0n) return undefined;
  if (budgetTotal && state.totals.spendMicros + unit > BigInt(budgetTotal.micros))
    return REASONS.budget_exhausted;
  if (budgetDaily && state.today.spendMicros + unit > BigInt(budgetDaily.micros))
    return REASONS.daily_budget_exhausted;
  return undefined;
}

/** Brings the day's spend to the day of `time`: a new day begins with nothing spent. */
export function openDay(state: CampaignState, time: number): void {
  const day = dayOf(time);
  if (day === state.today.day) return;
  state.today.day = day;
  state.today.spendMicros = 0n;
}

/** Days since the epoch, UTC. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

/** When a day begins, milliseconds since the epoch. */
export function startOfDay(day: number): number {
  return day * DAY_MS;
}
