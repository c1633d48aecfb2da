/**
 * An exact sum of amounts that most often is added to, and seldom asked for. A `bigint` is a new object after each
 * addition: three of them a paid event were a twentieth of a replay. So what was added last is kept as a number.
 */

/** Up to here a number is no object of its own either. */
const MOST_ADDED = 2 ** 30 - 1;

export class MicrosSum {
  #whole: bigint;
  /** What was added since that, at most `MOST_ADDED`. */
  #added = 0;

  constructor(micros = 0n) {
    this.#whole = micros;
  }

  /** @param micros an integer from 0 on */
  add(micros: number): void {
    if (micros <= MOST_ADDED - this.#added) this.#added += micros;
    else this.micros += BigInt(micros);
  }

  get micros(): bigint {
    if (this.#added !== 0) this.micros = this.#whole + BigInt(this.#added);
    return this.#whole;
  }

  set micros(micros: bigint) {
    this.#whole = micros;
    this.#added = 0;
  }
}
