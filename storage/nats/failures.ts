/** What failures of NATS mean: the one place where they are told apart. */
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { type ErrorCode, TurnpikeError } from '../../model/errors.ts';

/**
 * What became of a message whose publication failed:
 *
 * - `absent`: it is not stored, and nobody was there to take it; the same may succeed soon
 * - `refused`: it is not stored, and the server said why
 * - `conflict`: it is not stored: the subject's last message is another than expected
 * - `unknown`: it may be stored
 */
export type Fate = 'absent' | 'refused' | 'conflict' | 'unknown';

/** The server is there but cannot answer yet: it starts, or a cluster elects. */
const TEMPORARILY_UNAVAILABLE = 10008;

export function fateOf(error: unknown): Fate {
  const api = apiErrorOf(error);
  if (api) {
    switch (api.code) {
      case JetStreamApiCodes.StreamWrongLastSequence:
      case JetStreamApiCodes.StreamWrongLastSequenceUnknown:
        return 'conflict';
      case TEMPORARILY_UNAVAILABLE:
        return 'absent';
      default:
        return 'refused';
    }
  }
  if (isCausedBy(error, errors.NoRespondersError)) return 'absent';
  // Too large for the server or not permitted, or the connection was closed by us: nothing was sent.
  if (error instanceof errors.InvalidArgumentError || error instanceof errors.ClosedConnectionError)
    return 'refused';
  if (isCausedBy(error, errors.PermissionViolationError)) return 'refused';
  return 'unknown';
}

/** What JetStream itself answered, if it did: the error or its cause. */
export function apiErrorOf(error: unknown): JetStreamApiError | undefined {
  if (error instanceof JetStreamApiError) return error;
  return error instanceof Error && error.cause instanceof JetStreamApiError ? error.cause : undefined;
}

function isCausedBy(error: unknown, type: abstract new (...args: never[]) => Error): boolean {
  if (!(error instanceof Error)) return false;
  return isCausedBy(error.cause, type) || error instanceof type;
}

/** An operational failure with NATS' own error as its cause. */
export function natsFailure(code: ErrorCode, message: string, cause?: unknown): TurnpikeError {
  const reason = cause instanceof Error && cause.message !== '' ? `${message}: ${cause.message}` : message;
  return new TurnpikeError({ code, message: reason }, { cause });
}
