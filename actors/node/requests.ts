/** Requests to worker threads that wait for their reply, all for the same time at most. */
import { type Failure, TurnpikeError } from '../../model/errors.ts';
import type { KnownAnswer } from './known-answers.ts';
import type { Reply } from './thread-messages.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** By `performance.now()`. */
  readonly deadline: number;
  /** Who was asked: its death ends the wait. */
  readonly worker: number;
  /** What is known of the answer, and learns what comes. */
  readonly known: KnownAnswer | undefined;
}

/** Threads tell answers in their order, so this cannot be; if it is, a second question is told the whole answer. */
const LOST: Failure = { code: 'unavailable', message: 'the answer was lost; try again' };

export class Requests {
  /** In the order of their deadlines, as they all wait equally long: one timer, for the first of them, does. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #withinMs: number;
  #timer: NodeJS.Timeout | undefined;
  #nextId = 1;

  /** @param withinMs milliseconds until a wait is given up */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Sends a request and waits for the reply.
   *
   * @param send is given the id under which the reply must come
   * @param known what is known of the answer: it learns what comes, and is the answer where the reply says that it holds
   * @throws TurnpikeError `deadline_exceeded`, or the failure that was the reply
   */
  ask(worker: number, send: (id: number) => void, known?: KnownAnswer): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.#withinMs;
      this.#waiting.set(id, { resolve, reject, deadline, worker, known });
      this.#timer ??= setTimeout(() => this.#expire(), this.#withinMs);
      send(id);
    });
  }

  reply({ id, value, as, failure }: Omit<Reply, 'kind'>): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const { known, resolve, reject } = waiting;
    if (failure) reject(new TurnpikeError(failure));
    else if (as === undefined || value !== undefined) {
      if (known && as !== undefined) Object.assign(known, { as, value });
      resolve(value);
    } else if (known?.as === as) resolve(known.value);
    else reject(new TurnpikeError(LOST));
  }

  /** Ends all that wait for this worker. */
  abandon(worker: number): void {
    for (const [id, waiting] of this.#waiting)
      if (waiting.worker === worker)
        this.reply({
          id,
          failure: { code: 'unavailable', message: 'the actors are restarting; try again' },
        });
  }

  /** Gives up what has waited long enough, and sets the timer for what is next. */
  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [id, { deadline }] of this.#waiting) {
      if (deadline > now) {
        this.#timer = setTimeout(() => this.#expire(), deadline - now);
        return;
      }
      this.reply({
        id,
        failure: { code: 'deadline_exceeded', message: 'the actors did not answer in time; try again' },
      });
    }
  }
}

/** For what finds too many of its kind under way. */
export function tooMany(what: string): TurnpikeError {
  return new TurnpikeError({ code: 'resource_exhausted', message: `too many ${what} under way; try again` });
}
