/** What commands are given and what they give back. */
import type { BudgetView, SpendReceipt } from '../../model/budget.ts';
import type { CampaignView } from '../../model/campaign.ts';
import type { CommandAnswer } from '../../model/command.ts';
import type { Failure } from '../../model/errors.ts';
import type { GivenCommand } from '../given.ts';
import type { CampaignState } from './state.ts';
import { viewOf } from './view.ts';

/** What commands answer with: the campaign, its budget, or what became of a reported spend. */
export type AnswerView = CampaignView | BudgetView | SpendReceipt;
export type CampaignAnswer = CommandAnswer<AnswerView>;

/** What the handlers of a campaign's commands are given. */
export interface Given extends GivenCommand {
  readonly ledger: SpendLedger;
}

/** Where reported spend goes besides the state: into the aggregates, and its reference among the memories. */
export interface SpendLedger {
  /** Whether a spend of this reference was recorded before, ever. */
  isRecorded(reference: string): boolean;
  record(micros: number, reference: string | undefined): void;
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
