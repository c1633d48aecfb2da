/**
 * The commands of a payout. Each either changes the state and answers with the new view, or answers why not and
 * changes nothing. All may come again, and late: what has been done is not done again.
 */
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { Failure } from '../../model/errors.ts';
import type { PayoutView } from '../../model/payout.ts';
import type { GatewayNotice, TransferReport } from '../../model/transfer.ts';
import type { Effects } from './effects.ts';
import { notice, report } from './gateway-says.ts';
import { otherPayout, request } from './request.ts';
import type { PayoutState } from './state.ts';
import { viewOf } from './view.ts';

/** What a command did: the answer, and the state after it if there is a payout. */
export interface CommandOutcome {
  readonly answer: CommandAnswer<PayoutView>;
  readonly state: PayoutState | undefined;
}

/**
 * Handles a command.
 *
 * @param state the payout, or `undefined` if there is none under the command's id
 */
export function handleCommand(
  state: PayoutState | undefined,
  command: Command,
  effects: Effects,
): CommandOutcome {
  switch (command.name) {
    case 'request':
      return requestOnce(state, command, effects);
    case 'report_transfer': {
      const told = command.payload as TransferReport;
      if (state && told.attempt > state.attempts) return refuse(state, neverAsked(state));
      return withPayout(state, command, (payout) => report(payout, told, effects));
    }
    case 'notice':
      if (state && !state.isReserved) return refuse(state, neverAsked(state));
      return withPayout(state, command, (payout) =>
        notice(payout, command.payload as GatewayNotice, effects),
      );
    default:
      return refuse(state, {
        code: 'invalid_argument',
        message: `a payout knows no command ${command.name}`,
      });
  }
}

/** The reference is the key: whoever asks for the same payout again, gets what has become of it. */
function requestOnce(state: PayoutState | undefined, command: Command, effects: Effects): CommandOutcome {
  if (!state) {
    const asked = request(command, effects);
    return 'code' in asked ? refuse(undefined, asked) : succeed(asked);
  }
  const failure = otherPayout(state, command);
  return failure ? refuse(state, failure) : succeed(state);
}

function withPayout(
  state: PayoutState | undefined,
  { actorId: payoutId }: Command,
  change: (state: PayoutState) => void,
): CommandOutcome {
  if (!state)
    return refuse(state, { code: 'not_found', message: `there is no payout ${payoutId}`, payoutId });
  change(state);
  return succeed(state);
}

function neverAsked({ payoutId, status }: PayoutState): Failure {
  return {
    code: 'failed_precondition',
    message: `the gateway was never asked for that by payout ${payoutId}`,
    state: status,
  };
}

function succeed(state: PayoutState): CommandOutcome {
  return { answer: { ok: true, view: viewOf(state) }, state };
}

function refuse(state: PayoutState | undefined, failure: Failure): CommandOutcome {
  return { answer: { ok: false, failure }, state };
}
