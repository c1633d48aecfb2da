/**
 * A server that processes talk to over a network. The seed decides what happens to each request: it may
 * be refused, get lost, arrive late or twice, its answer may get lost, and its sender may die between any
 * two of these steps.
 */
import { TurnpikeError } from '../../model/errors.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

/** How often, from 0 to 1, what goes wrong with a request. */
export interface Odds {
  /** Refused: certainly not done. */
  readonly refused: number;
  /** Lost on the way there. */
  readonly lost: number;
  /** Of the lost ones: arrives after the sender has given up. */
  readonly late: number;
  /** Arrives twice. */
  readonly doubled: number;
  /** Done, but the answer is lost. */
  readonly unanswered: number;
  /** The sender dies with the request on its way, or with the answer. */
  readonly fatal: number;
}

export const NOTHING_GOES_WRONG: Odds = {
  refused: 0,
  lost: 0,
  late: 0,
  doubled: 0,
  unanswered: 0,
  fatal: 0,
};

/** A request that arrives after its sender has given up arrives within this time. */
const LATE_MS = 5_000;

export class Service {
  readonly name: string;
  readonly world: World;
  odds: Odds = NOTHING_GOES_WRONG;
  /** Refuses everything. */
  isDown = false;
  /** Takes nothing and answers nothing. */
  isSilent = false;
  /** When senders give up waiting. */
  readonly timeoutMs: number;

  constructor(world: World, name: string, timeoutMs: number) {
    this.world = world;
    this.name = name;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Sends a request.
   *
   * @param what for the trace
   * @param effect what the server does with it; may throw its refusal
   * @param mayRepeat whether the network may bring it twice, or late: only where that is harmless by the
   *   server's own means
   * @throws TurnpikeError `unavailable`: not done; `deadline_exceeded`: perhaps done
   */
  ask<T>(process: SimulatedProcess, what: () => string, effect: () => T, mayRepeat = false): Promise<T> {
    const { world, odds } = this;
    const { random } = world;
    return new Promise<T>((resolve, reject) => {
      if (!process.isAlive) return;
      const isFatal = process.isMortal && random.chance(odds.fatal);
      if (isFatal && random.chance(0.5)) {
        world.note(this.name, `${what()} dies with its sender on the way`);
        process.kill();
        if (random.chance(0.5)) return;
      }
      const answer = (delayMs: number, settle: () => void): void =>
        world.after(delayMs, () => process.deliver(settle));
      const giveUp = (): void =>
        answer(this.timeoutMs, () =>
          reject(new TurnpikeError({ code: 'deadline_exceeded', message: `${this.name} does not answer` })),
        );
      world.after(world.latency(), () => {
        if (this.isDown || random.chance(odds.refused)) {
          world.note(this.name, `${what()} refused`);
          const error = new TurnpikeError({ code: 'unavailable', message: `${this.name} refuses` });
          return answer(world.latency(), () => reject(error));
        }
        if (this.isSilent || random.chance(odds.lost)) {
          const isLate = mayRepeat && random.chance(odds.late);
          world.note(this.name, `${what()} lost${isLate ? ' for now' : ''}`);
          if (isLate) world.after(random.integer(0, LATE_MS), () => this.#again(what, effect));
          return giveUp();
        }
        let settle: () => void;
        try {
          const value = effect();
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error);
        }
        if (mayRepeat && random.chance(odds.doubled))
          world.after(world.latency(), () => this.#again(what, effect));
        if (isFatal) process.kill();
        if (random.chance(odds.unanswered)) {
          world.note(this.name, `${what()} done, answer lost`);
          return giveUp();
        }
        answer(world.latency(), settle);
      });
    });
  }

  #again(what: () => string, effect: () => unknown): void {
    if (this.isDown) return;
    this.world.note(this.name, `${what()} once more`);
    effect();
  }
}
