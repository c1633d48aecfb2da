/**
 * A world with a time of its own. Everything that waits in it is a task with a moment; the tasks run one
 * after the other, and time jumps from moment to moment. Whatever is left to chance is drawn from one
 * seeded source, so a seed tells the whole story.
 */
import { Random } from '../support/random.ts';
import { TaskQueue } from './task-queue.ts';

/** Something happened that must not. */
export class Violation extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'Violation';
  }
}

export class World {
  readonly random: Random;
  /** Milliseconds since the epoch. */
  now: number;
  /** What happened, line by line, if it is to be told. */
  readonly trace: string[] | undefined;
  /** Answers take this long, in milliseconds; now and then much longer. */
  latencyMs = 3;
  /** How often an answer takes much longer. */
  stragglers = 0;
  /** How far clocks are off, at most. */
  skewMs = 0;
  /** How often a message between processes is lost. */
  lostMessages = 0;
  readonly #startedAt: number;
  readonly #tasks = new TaskQueue();
  #steps = 0;
  #leapt = 0;

  constructor(seed: number, startedAt: number, isTraced: boolean) {
    this.random = new Random(seed);
    this.now = startedAt;
    this.#startedAt = startedAt;
    this.trace = isTraced ? [] : undefined;
  }

  /** Tasks run so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.now - this.#startedAt;
  }

  /** Runs `work` in `ms` milliseconds. */
  after(ms: number, work: () => void): void {
    this.#tasks.put(this.now + ms, work);
  }

  /** Lets time go by in which nothing runs: what was due meanwhile happens afterwards, at once. */
  leap(ms: number): void {
    this.now += ms;
    this.#leapt += ms;
    this.note('world', `SLEEPS for ${ms / 60_000} minutes`);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** How long a message is on its way. */
  latency(): number {
    const { random } = this;
    if (this.stragglers > 0 && random.chance(this.stragglers)) return random.integer(20, 900);
    return random.integer(0, this.latencyMs);
  }

  /** How far a machine's clock is ahead. */
  clockSkew(): number {
    return this.random.integer(-this.skewMs, this.skewMs);
  }

  /** Notes what happened. */
  note(who: string, what: string): void {
    this.trace?.push(`${(this.elapsed / 1_000).toFixed(3).padStart(9)}  ${who.padEnd(16)} ${what}`);
  }

  /**
   * Lets the world go on until `script` is done.
   *
   * @throws Violation if it is not by `deadlineMs` since the beginning, leaps left out, or nothing is left to happen
   */
  drive(script: Promise<void>, deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let isDone = false;
      script.then(
        () => {
          isDone = true;
          resolve();
        },
        (error: unknown) => {
          isDone = true;
          reject(error);
        },
      );
      const step = (): void => {
        if (isDone) return;
        try {
          this.#next(deadlineMs);
        } catch (error) {
          reject(error);
          return;
        }
        // The next task runs when everything that follows from this one has happened: Node empties the
        // queue of microtasks before it looks at the next tick.
        queueMicrotask(() => process.nextTick(step));
      };
      step();
    });
  }

  /** Runs the next task. */
  #next(deadlineMs: number): void {
    const task = this.#tasks.take();
    if (task === undefined) throw new Violation('the world stands still: nothing is left to do');
    this.now = Math.max(this.now, task.at);
    if (this.elapsed - this.#leapt > deadlineMs)
      throw new Violation(`not at rest after ${deadlineMs / 1_000} s`);
    this.#steps++;
    task.work();
  }
}
