/** What can go wrong with the embedded log, in the words that its users read. */
import { TurnpikeError } from '../../model/errors.ts';

/** What whoever uses a log after it was closed is told. */
export function logClosed(): TurnpikeError {
  return new TurnpikeError({ code: 'unavailable', message: 'the log is closed' });
}

export function logBehind(): TurnpikeError {
  return new TurnpikeError({
    code: 'unavailable',
    message: 'the log is behind: too much waits to be committed',
  });
}

/** A write that the disk did not take; nothing was stored. */
export function notWritten(cause: unknown): TurnpikeError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new TurnpikeError(
    { code: 'unavailable', message: `the storage cannot take writes: ${text}` },
    { cause },
  );
}

export function logInUse(directory: string): TurnpikeError {
  return new TurnpikeError({
    code: 'failed_precondition',
    message: `the log in ${directory} is in use: another process writes to this log, stop one of the two`,
  });
}

/** What was acknowledged once is not there any more as it was. */
export function corruptLog(path: string, offset: number): TurnpikeError {
  return new TurnpikeError({
    code: 'failed_precondition',
    message: `the log is corrupt: ${path} at byte ${offset} does not hold what was written; restore a copy`,
  });
}

export function missingSegments(directory: string, before: number): TurnpikeError {
  return new TurnpikeError({
    code: 'failed_precondition',
    message: `the log is incomplete: ${directory} lacks segments before number ${before}; restore a copy`,
  });
}
