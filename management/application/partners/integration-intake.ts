/** Takes integration events from their feed: what is wrong with one is told once, and it does not come again. */
import { TurnpikeError } from '../../../model/errors.ts';
import type { IntegrationFeed, Taken } from '../../../storage/integration/port.ts';
import type { IntegrationEvents } from './integration-events.ts';

/** @returns ends it, and resolves when the event under way is done */
export function takeFrom(
  feed: Pick<IntegrationFeed, 'take'>,
  events: IntegrationEvents,
): () => Promise<void> {
  return feed.take(async (event): Promise<Taken> => {
    try {
      await events.take(event);
      return { kind: 'done' };
    } catch (error) {
      if (error instanceof TurnpikeError && !isOfTheMoment(error))
        return { kind: 'refused', reason: error.message };
      throw error;
    }
  });
}

function isOfTheMoment(error: TurnpikeError): boolean {
  return error.retryable || error.failure.code === 'aborted';
}
