/** Requests to worker threads that wait for their reply, each with a deadline. */
import { type Failure, TurnpikeError } from '../model/errors.ts';

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
   * @param send is given the id under which the reply must come
   * @param expired gives the outcome when `ms` milliseconds have passed
   */
  ask<T>(worker: number, ms: number, send: (id: number) => void, expired: () => T): Promise<T> {
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        try {
          resolve(expired());
        } catch (error) {
          reject(error);
        }
      }, ms);
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject, timer, worker });
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
