/** Callers that wait until a partition has come to a sequence. */
interface Waiter {
  readonly sequence: number;
  readonly run: () => void;
}

export class Waiters {
  #waiting: Waiter[] = [];
  /** −1: nothing can be asked yet, not even of an empty log. */
  #reached = -1;

  /** Calls `run` once `sequence` is reached: at once if it is. */
  when(sequence: number, run: () => void): void {
    if (sequence <= this.#reached) run();
    else this.#waiting.push({ sequence, run });
  }

  /** Lets everybody wait until `reached` is called again. */
  suspend(): void {
    this.#reached = -1;
  }

  /** Says how far the partition is. It may fall back after a restart; who was called is not called again. */
  reached(sequence: number): void {
    this.#reached = sequence;
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting.filter((waiter) => waiter.sequence <= sequence);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => waiter.sequence > sequence);
    for (const waiter of ready) waiter.run();
  }
}
