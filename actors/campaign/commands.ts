/**
 * The commands of a campaign. Each either changes the state and answers with the new view, or answers
 * why not and changes nothing. A command that is repeated gets its first answer.
 */
import { rememberAnswer, rememberedAnswer } from '../remembered-answers.ts';
import { BUDGET_COMMANDS } from './budget/budget-commands.ts';
import { recordSpend } from './budget/spend-command.ts';
import { create, type LifecycleVerb, move, TRANSITIONS } from './lifecycle.ts';
import { type CommandOutcome, type Given, refuse } from './outcome.ts';
import { REFUND, refund } from './refund-command.ts';
import { lackOfGrant, seeGrant, useGrant } from './slot.ts';
import { type CampaignState, openDay } from './state.ts';
import { update } from './update.ts';

type Handler = (state: CampaignState, given: Given) => CommandOutcome;

/** What can be asked of a campaign that is there. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ...Object.keys(TRANSITIONS).map(
    (verb) => [verb, (state, given) => move(state, verb as LifecycleVerb, given)] satisfies [string, Handler],
  ),
  ['update', update],
  ...BUDGET_COMMANDS,
  ['record_spend', recordSpend],
  [REFUND, refund],
  ['see_grant', seeGrant],
]);

/**
 * Handles a command.
 *
 * @param state the campaign, or `undefined` if there is none under the command's id
 */
export function handleCommand(state: CampaignState | undefined, given: Given): CommandOutcome {
  const { command } = given;
  const first = state && rememberedAnswer(state.answers, command);
  if (first) return { answer: first, state };
  if (state) openDay(state, given.time);
  const outcome = perform(state, given);
  if (outcome.state) rememberAnswer(outcome.state.answers, command, outcome.answer);
  return outcome;
}

function perform(state: CampaignState | undefined, given: Given): CommandOutcome {
  const { command } = given;
  if (command.name === 'create') return create(state, given);
  if (!state) return refuse(state, { code: 'not_found', message: `there is no campaign ${command.actorId}` });
  if (command.etag !== undefined && command.etag !== String(state.version))
    return refuse(state, {
      code: 'aborted',
      message: `the campaign has changed: its etag is now "${state.version}"; read it again and repeat`,
    });
  const handler = HANDLERS.get(command.name);
  if (!handler)
    return refuse(state, {
      code: 'invalid_argument',
      message: `a campaign knows no command ${command.name}`,
    });
  const lacking = lackOfGrant(state, command);
  if (lacking) return refuse(state, lacking);
  const outcome = handler(state, given);
  if (outcome.answer.ok) useGrant(state, command);
  return outcome;
}
