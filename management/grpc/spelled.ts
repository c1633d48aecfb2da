/** Faults in the spelling of messages. */
import { TurnpikeError } from '../../model/errors.ts';
import { invalid } from '../application/violations.ts';
import { inMessages } from './money.ts';

/** @throws TurnpikeError with the fields at fault as messages have them */
export async function spelled<A>(run: () => Promise<A>): Promise<A> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.violations === undefined) throw error;
    if (error.failure.code !== 'invalid_argument') throw error;
    throw invalid(error.failure.violations.map(inMessages));
  }
}
