/** The failures of calls. */
import { TurnpikeError } from '../../model/errors.ts';

export function nobodyServes(partition: number): TurnpikeError {
  return new TurnpikeError({
    code: 'unavailable',
    message: `nobody works partition ${partition} at the moment; try again`,
  });
}

export function notInTime(partition: number): TurnpikeError {
  return new TurnpikeError({
    code: 'deadline_exceeded',
    message: `partition ${partition} did not answer in time; try again`,
  });
}
