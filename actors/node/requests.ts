/** Requests to worker threads that wait for their reply, each with a deadline. */
import { type Failure, TurnpikeError } from '../../model/errors.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  /** Who was asked: its death ends the wait. */
  readonly worker: number;
}

export class Requests {
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Sends a request and waits for the reply.
   *
   * @param withinMs milliseconds until the wait is given up
   * @param send is given the id under which the reply must come
   * @throws TurnpikeError `deadline_exceeded`, or the failure that was the reply
   */
  ask(worker: number, withinMs: number, send: (id: number) => void): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          this.reply(id, undefined, {
            code: 'deadline_exceeded',
            message: 'the actors did not answer in time; try again',
          }),
        withinMs,
      );
      this.#waiting.set(id, { resolve, reject, timer, worker });
      send(id);
    });
  }

  reply(id: number, value: unknown, failure: Failure | undefined): void {
    const waiting = this.#take(id);
    if (failure) waiting?.reject(new TurnpikeError(failure));
    else waiting?.resolve(value);
  }

  /** Ends all that wait for this worker. */
  abandon(worker: number): void {
    for (const [id, waiting] of this.#waiting)
      if (waiting.worker === worker)
        this.reply(id, undefined, { code: 'unavailable', message: 'the actors are restarting; try again' });
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting) clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}
