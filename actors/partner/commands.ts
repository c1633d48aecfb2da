/**
 * The commands of a partner. Each either changes the state and answers with the new view, or answers why not and
 * changes nothing. A command that is repeated gets its first answer.
 */

import type { GivenCommand as Given } from '../given.ts';
import { rememberAnswer, rememberedAnswer } from '../remembered-answers.ts';
import { associateContent } from './contents.ts';
import { activateContract, validate } from './integration.ts';
import { type CommandOutcome, refuse } from './outcome.ts';
import { associate, register, update } from './registration.ts';
import { settleSlot, takeSlot } from './slots.ts';
import type { PartnerState } from './state.ts';

/** What can be asked whether there is a partner or not. */
const FOUNDING: ReadonlyMap<string, (state: PartnerState | undefined, given: Given) => CommandOutcome> =
  new Map([
    ['register', register],
    ['activate_contract', activateContract],
    ['validate', validate],
  ]);

/** What can be asked of a partner that is there. */
const HANDLERS: ReadonlyMap<string, (state: PartnerState, given: Given) => CommandOutcome> = new Map([
  ['update', update],
  ['associate', associate],
  ['associate_content', associateContent],
  ['take_slot', takeSlot],
  ['settle_slot', settleSlot],
]);

/**
 * Handles a command.
 *
 * @param state the partner, or `undefined` if there is none under the command's id
 */
export function handleCommand(state: PartnerState | undefined, given: Given): CommandOutcome {
  const { command } = given;
  const first = state && rememberedAnswer(state.answers, command);
  if (first) return { answer: first, state };
  const outcome = perform(state, given);
  if (outcome.state) rememberAnswer(outcome.state.answers, command, outcome.answer);
  return outcome;
}

function perform(state: PartnerState | undefined, given: Given): CommandOutcome {
  const { command } = given;
  const found = FOUNDING.get(command.name);
  if (found) return found(state, given);
  const handler = HANDLERS.get(command.name);
  if (!handler)
    return refuse(state, { code: 'invalid_argument', message: `a partner knows no command ${command.name}` });
  const { actorId: partnerId } = command;
  if (!state)
    return refuse(state, { code: 'not_found', message: `there is no partner ${partnerId}`, partnerId });
  if (command.etag !== undefined && command.etag !== String(state.version))
    return refuse(state, {
      code: 'aborted',
      message: `the partner has changed: its etag is now "${state.version}"; read it again and repeat`,
    });
  return handler(state, given);
}
