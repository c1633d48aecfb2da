/**
 * The state of a campaign: all that its decisions depend on, and nothing else. It is a pure function of
 * the log; `decide.ts`, `evolve.ts` and `commands.ts` are the only ones that read or change it.
 */
import type { CampaignDefinition, CampaignStatus, CampaignView, Totals } from '../../model/campaign.ts';
import type { CommandAnswer } from '../../model/command.ts';

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
  readonly totals: Totals;
  /** Oldest first, at most `limits.commandAnswers`. */
  readonly answers: RememberedAnswer[];
}

/** Totals of nothing. */
export function emptyTotals(): Totals {
  return {
    received: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    pending: 0,
    impressions: 0,
    clicks: 0,
    uniqueClicks: 0,
    conversions: 0,
    revenueMicros: 0n,
    spendMicros: 0n,
    commissionMicros: 0n,
  };
}

/** The price of one event of the campaign's cost model, in micros; 0 without a cost. */
export function unitCostMicros(definition: CampaignDefinition): number {
  const { cost } = definition;
  if (!cost) return 0;
  // A CPM rate is a multiple of 1,000 micros, so that one impression has an exact price.
  return cost.model === 'CPM' ? cost.rate.micros / 1_000 : cost.rate.micros;
}

/** Whether the budget has no room for another paid event. */
export function isExhausted(state: CampaignState): boolean {
  const { budgetTotal } = state.definition;
  const unit = unitCostMicros(state.definition);
  return (
    budgetTotal !== undefined &&
    unit > 0 &&
    state.totals.spendMicros + BigInt(unit) > BigInt(budgetTotal.micros)
  );
}

/** The currency of a campaign's money: that of its budget, else of its rate, else none yet. */
export function currencyOf(definition: CampaignDefinition): string | undefined {
  return definition.budgetTotal?.currency ?? definition.cost?.rate.currency;
}
