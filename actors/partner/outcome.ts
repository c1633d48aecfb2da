/** What commands are given and what they give back. */
import type { CommandAnswer } from '../../model/command.ts';
import type { Failure } from '../../model/errors.ts';
import type { PartnerView } from '../../model/partner.ts';
import type { GivenCommand as Given } from '../given.ts';
import { announceUpdate } from './announce.ts';
import type { PartnerState } from './state.ts';
import { viewOf } from './view.ts';

/** What a command did: the answer, and the state after it if there is a partner. */
export interface CommandOutcome {
  readonly answer: CommandAnswer<PartnerView>;
  readonly state: PartnerState | undefined;
}

/** The command has done what it was to do. */
export function succeed(state: PartnerState): CommandOutcome {
  return { answer: { ok: true, view: viewOf(state) }, state };
}

/** The command has changed nothing. */
export function refuse(state: PartnerState | undefined, failure: Failure): CommandOutcome {
  return { answer: { ok: false, failure }, state };
}

/**
 * Notes what a command has changed of the partner itself, and makes it known.
 *
 * @param changed parts that are other than before, as clients know them; none: nothing has changed
 */
export function noteChange(
  state: PartnerState,
  changed: readonly string[],
  { command, time, sequence, announce }: Given,
): void {
  if (changed.length === 0) return;
  state.updatedAt = time;
  state.updatedBy = command.principal.subject;
  state.version++;
  state.revision = sequence;
  announceUpdate(state, changed, announce);
}
