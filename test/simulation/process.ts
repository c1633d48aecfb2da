/**
 * One life of a process. What it waits for reaches it only through `deliver`, so when it is killed its
 * continuations never run again, and while it is paused they wait.
 */
import type { Clock } from '../../model/clock.ts';
import type { World } from './world.ts';

export class SimulatedProcess {
  readonly name: string;
  readonly world: World;
  readonly clock: Clock;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #backlog: (() => void)[] = [];
  #whenKilled: (() => void)[] = [];

  /** Whether the seed may kill it. */
  readonly isMortal: boolean;

  /** @param skewMs how far its clock is ahead of the world's */
  constructor(world: World, name: string, skewMs: number, isMortal = true) {
    this.world = world;
    this.name = name;
    this.isMortal = isMortal;
    this.clock = {
      now: () => world.now + skewMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          const wake = (): void => {
            signal?.removeEventListener('abort', wake);
            resolve();
          };
          signal?.addEventListener('abort', wake);
          if (signal?.aborted) wake();
          else world.after(ms, () => this.deliver(wake));
        }),
    };
  }

  get isAlive(): boolean {
    return this.#state !== 'dead';
  }

  get isPaused(): boolean {
    return this.#state === 'paused';
  }

  /** Lets the process go on with `work`: now, when it is resumed, or never. */
  deliver(work: () => void): void {
    if (this.#state === 'running') work();
    else if (this.#state === 'paused') this.#backlog.push(work);
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.world.note(this.name, 'PAUSED');
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.world.note(this.name, 'RESUMED');
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const work of backlog) this.world.after(0, () => this.deliver(work));
  }

  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.world.note(this.name, 'KILLED');
    this.#backlog = [];
    for (const tell of this.#whenKilled) tell();
  }

  /** Calls `tell` when the process is killed. */
  whenKilled(tell: () => void): void {
    this.#whenKilled.push(tell);
  }
}
