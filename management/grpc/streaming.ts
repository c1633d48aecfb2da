/** One call, many answers: what all streaming methods have in common. */
import { status as Code, type handleServerStreamingCall } from '@grpc/grpc-js';
import { TurnpikeError } from '../../model/errors.ts';
import { statusOf } from './status.ts';
import { checkedMessage, resourceOf, type UnaryDependencies } from './unary.ts';

/** The answers of one call. */
export interface AnswerStream<A> {
  /** Sends an answer. One that finds the client busy waits, and gives way to the next: the newest counts. */
  send(answer: A): void;
  /** Ends the call with an error. */
  fail(error: unknown): void;
}

/**
 * A handler from a function that begins to answer.
 *
 * @param begin is given the request, and gives what ends its work
 */
export function streaming<Q extends object, A>(
  { logger, observe }: UnaryDependencies,
  method: string,
  begin: (request: Q, stream: AnswerStream<A>) => () => void,
): handleServerStreamingCall<Q, A> {
  return (call) => {
    const started = performance.now();
    let stop: (() => void) | undefined;
    let isBusy = false;
    let waiting: A | undefined;
    let hasEnded = false;
    const end = (code: Code): void => {
      if (hasEnded) return;
      hasEnded = true;
      observe('grpc', method, Code[code], (performance.now() - started) / 1_000);
      stop?.();
    };
    const send = (answer: A): void => {
      if (hasEnded) return;
      if (isBusy) waiting = answer;
      else isBusy = !call.write(answer);
    };
    const fail = (error: unknown): void => {
      if (hasEnded) return;
      if (!(error instanceof TurnpikeError)) logger.error({ err: error, method }, 'call failed');
      const status = statusOf(error, resourceOf(call.request));
      end(status.code);
      call.emit('error', status);
    };
    call.on('drain', () => {
      isBusy = false;
      const next = waiting;
      waiting = undefined;
      if (next !== undefined) send(next);
    });
    call.on('cancelled', () => end(Code.CANCELLED));
    call.on('close', () => end(Code.OK));
    try {
      stop = begin(checkedMessage(call.request), { send, fail });
      if (hasEnded) stop();
    } catch (error) {
      fail(error);
    }
  };
}
