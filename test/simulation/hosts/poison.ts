/** Actors whose handling of some events fails, as a bug would, until it is mended. */
import type { ActorFactory, EventActor } from '../../../actors/actor.ts';
import { FIELD, UNDECIDED } from '../../../model/event-batch.ts';

/** How the ids of such events begin. */
export const POISON = 'poison-';

/**
 * `factory`, but for events whose id begins with `POISON`.
 *
 * @param mendedAt record time from which on they fail no more: by the log, so that a replay fails alike
 */
export function poisonable(factory: ActorFactory<EventActor>, mendedAt: number): ActorFactory<EventActor> {
  return {
    async load(...given) {
      const actor = await factory.load(...given);
      const event = actor.event.bind(actor);
      actor.event = (batch, isRepeat, time, ...rest) => {
        event(batch, isRepeat, time, ...rest);
        if (isRepeat || time >= mendedAt) return;
        if (batch.verdict === UNDECIDED && batch.string(FIELD.eventId)?.startsWith(POISON))
          throw new Error('a bug, for once');
      };
      return actor;
    },
  };
}
