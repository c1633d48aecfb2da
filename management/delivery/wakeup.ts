/** A bell: rung while somebody waits it wakes them, rung before that it spares them the waiting. */
import type { Clock } from '../../model/clock.ts';

export class Wakeup {
  readonly #clock: Clock;
  #isRung = false;
  #waking: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#isRung = true;
    this.#waking?.abort();
  }

  /** Resolves when it is rung, after `ms` milliseconds at most. */
  async wait(ms: number): Promise<void> {
    if (!this.#isRung) {
      this.#waking = new AbortController();
      await this.#clock.sleep(ms, this.#waking.signal);
      this.#waking = undefined;
    }
    this.#isRung = false;
  }
}
