/**
 * Questions that wait until something happens to actors: whoever follows their figures asks again each time it was
 * answered. Looked at whenever the partition says how far it is, so that nobody has to ask in vain.
 */
import { limits } from '../../limits.ts';
import { ASKED_KIND, type Seen } from '../../model/actor-gateway.ts';
import type { Question } from '../node/thread-messages.ts';
import type { Cells } from './cells.ts';

export type WatchQuestion = Extract<Question, { readonly kind: 'watch' }>;

/** Where the actors are, and the record time to which they have come. */
export interface Actors {
  readonly cells: Cells;
  readonly time: number;
}

interface Watch {
  readonly question: WatchQuestion;
  /** Wall-clock time at which it is answered that nothing has happened. */
  readonly until: number;
  readonly resolve: (seen: Seen | undefined | Promise<Seen | undefined>) => void;
}

export class Watches {
  readonly #waiting = new Set<Watch>();
  #hasEnded = false;

  /**
   * What was asked, at once if it is newer than what is known, or else as soon as it is; `undefined` if nothing
   * happens for `limits.watchMs`.
   *
   * @param now wall-clock time, milliseconds since the epoch
   */
  async watch(question: WatchQuestion, actors: Actors, now: number): Promise<Seen | undefined> {
    await load(question, actors);
    const { after } = question;
    // From here to where it waits nothing happens in between that it could miss.
    if (after === undefined || sequenceOf(question, actors) > after) return seenOf(question, actors);
    if (this.#hasEnded) return undefined;
    return new Promise((resolve) => {
      this.#waiting.add({ question, until: now + limits.watchMs, resolve });
    });
  }

  /** Answers those to whose actors something has happened. */
  progressed(actors: Actors): void {
    for (const watch of this.#waiting) {
      if (sequenceOf(watch.question, actors) <= (watch.question.after ?? 0)) continue;
      this.#waiting.delete(watch);
      watch.resolve(look(watch.question, actors));
    }
  }

  /** Answers those that have waited long enough. */
  expire(now: number): void {
    for (const watch of this.#waiting) {
      if (watch.until > now) continue;
      this.#waiting.delete(watch);
      watch.resolve(undefined);
    }
  }

  /** Answers all: nobody looks at their actors here any more. */
  end(): void {
    this.#hasEnded = true;
    this.expire(Number.POSITIVE_INFINITY);
  }
}

/** Sequence of the last record that changed one of the actors that are in memory: the others have not changed. */
function sequenceOf({ actorId, queries }: WatchQuestion, { cells }: Actors): number {
  let at = 0;
  for (const query of queries) at = Math.max(at, cells.get(ASKED_KIND[query], actorId)?.actor.applied ?? 0);
  return at;
}

async function look(question: WatchQuestion, actors: Actors): Promise<Seen> {
  await load(question, actors);
  return seenOf(question, actors);
}

/** Has the actors in memory. */
function load({ actorId, queries }: WatchQuestion, { cells }: Actors): Promise<unknown> {
  return Promise.all(queries.map((query) => cells.load(ASKED_KIND[query], actorId)));
}

/** What the actors say, which are in memory. */
function seenOf(question: WatchQuestion, { cells, time }: Actors): Seen {
  const at = sequenceOf(question, { cells, time });
  const answers = question.queries.map((query) => {
    const cell = cells.get(ASKED_KIND[query], question.actorId);
    const answer = cell?.actor.query(query, time);
    if (cell) cells.forget(cell);
    return [query, answer];
  });
  return { at, answers: Object.fromEntries(answers) };
}
