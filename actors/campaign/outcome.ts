/** What commands are given and what they give back. */
import type { BudgetView, SpendReceipt } from '../../model/budget.ts';
import type { CampaignView } from '../../model/campaign.ts';
import type { CommandAnswer } from '../../model/command.ts';
import type { RefundReceipt } from '../../model/commissions.ts';
import type { Failure } from '../../model/errors.ts';
import type { GivenCommand } from '../given.ts';
import type { FoundConversion } from './conversion-book.ts';
import type { CampaignState } from './state.ts';
import { viewOf } from './view.ts';

/** What commands answer with: the campaign, its budget, what became of a reported spend, or what a refund has taken back. */
export type AnswerView = CampaignView | BudgetView | SpendReceipt | RefundReceipt;
export type CampaignAnswer = CommandAnswer<AnswerView>;

/** What the handlers of a campaign's commands are given. */
export interface Given extends GivenCommand {
  readonly ledger: SpendLedger;
  readonly refunds: RefundLedger;
}

/** Where reported spend goes besides the state: into the aggregates, and its reference among the memories. */
export interface SpendLedger {
  /** Whether a spend of this reference was recorded before, ever. */
  isRecorded(reference: string): boolean;
  record(micros: number, reference: string | undefined): void;
}

/** Where a refund goes besides the state: out of the aggregates, among the memories, and to whoever has earned something. */
export interface RefundLedger {
  /** The conversion that the command names; `undefined`: none that counted. */
  readonly found: FoundConversion | undefined;
  /** @param reason why; empty: nobody said */
  record(conversion: FoundConversion, reason: string): void;
}

/** What a command did: the answer, and the state after it if there is a campaign. */
export interface CommandOutcome {
  readonly answer: CampaignAnswer;
  readonly state: CampaignState | undefined;
}

/** The command has done what it was to do. */
export function succeed(state: CampaignState): CommandOutcome {
  return { answer: { ok: true, view: viewOf(state) }, state };
}

/** The command has changed nothing. */
export function refuse(state: CampaignState | undefined, failure: Failure): CommandOutcome {
  return { answer: { ok: false, failure }, state };
}

/** Notes that a command has changed the campaign: its etag is another one, and collectors must hear of it. */
export function markChanged(
  state: CampaignState,
  { time, sequence }: Pick<Given, 'time' | 'sequence'>,
): void {
  state.updatedAt = time;
  state.version++;
  state.revision = sequence;
}
