/**
 * Confirmations that wait for the next claim to take them along. Nobody waits for them, and a command of its own is
 * a write, a read and a script: with 60 events a claim, of which each has one, that was 4 % of a collector's time.
 */

/** Milliseconds that a confirmation waits for a claim. */
const WAITING_MS = 3;
/** Confirmations that wait; with more of them they leave by themselves. */
const WAITING = 64;

export interface Seals {
  /** Whose claims are to be confirmed. */
  readonly owners: readonly string[];
  /** Must be called when they are, or cannot be. */
  readonly settled: () => void;
}

export const NO_SEALS: Seals = { owners: [], settled: () => undefined };

export class WaitingSeals {
  readonly #send: (seals: Seals) => void;
  #owners: string[] = [];
  #settled: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param send is given what no claim has taken along */
  constructor(send: (seals: Seals) => void) {
    this.#send = send;
  }

  /** Resolves once it was tried to confirm all claims of the owner. */
  add(owner: string): Promise<void> {
    return new Promise((resolve) => {
      this.#owners.push(owner);
      this.#settled.push(resolve);
      if (this.#owners.length >= WAITING) this.flush();
      else this.#timer ??= setTimeout(() => this.flush(), WAITING_MS);
    });
  }

  /** All that wait. */
  take(): Seals {
    if (this.#owners.length === 0) return NO_SEALS;
    clearTimeout(this.#timer);
    const [owners, settled] = [this.#owners, this.#settled];
    this.#timer = undefined;
    this.#owners = [];
    this.#settled = [];
    return {
      owners,
      settled: () => {
        for (const resolve of settled) resolve();
      },
    };
  }

  /** Sends those that wait, if any. */
  flush(): void {
    const seals = this.take();
    if (seals !== NO_SEALS) this.#send(seals);
  }
}
