/** The commands of an account: how the partner is paid. */
import type { PayoutTerms, PayoutTermsView } from '../../model/account.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import { rememberAnswer, rememberedAnswer } from '../remembered-answers.ts';
import { nextPayout } from './schedule.ts';
import type { AccountState } from './state.ts';
import { termsView } from './view.ts';

/**
 * Handles a command. One that is repeated gets its first answer.
 *
 * @param time record time, milliseconds since the epoch
 */
export function handleCommand(
  state: AccountState,
  command: Command,
  time: number,
): CommandAnswer<PayoutTermsView> {
  const first = rememberedAnswer(state.answers, command);
  if (first) return first;
  if (command.name !== 'set_terms')
    return {
      ok: false,
      failure: { code: 'invalid_argument', message: `an account knows no command ${command.name}` },
    };
  if (command.etag !== undefined && command.etag !== String(state.version))
    return {
      ok: false,
      failure: {
        code: 'aborted',
        message: `the payout terms have changed: their etag is now "${state.version}"; read them again and repeat`,
      },
    };
  setTerms(state, command.payload as PayoutTerms, time);
  const answer = { ok: true, view: termsView(state) } as const;
  rememberAnswer(state.answers, command, answer);
  return answer;
}

/** Terms that are as they were change nothing, not even when the partner is paid next. */
function setTerms(state: AccountState, { schedule, minimums, destination }: PayoutTerms, time: number): void {
  const terms = { schedule, minimums, ...(destination !== undefined && { destination }) };
  if (JSON.stringify(terms) === JSON.stringify(state.terms)) return;
  if (schedule !== state.terms.schedule) state.nextPayoutAt = nextPayout(schedule, time);
  state.terms = terms;
  state.version++;
}
