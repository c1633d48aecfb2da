/**
 * An exact sum of amounts that most often is added to, and seldom asked for. A `bigint` is a new object after each
 * addition: three of them a paid event were a tenth of a replay. So it is added to as a number as long as that is exact.
 */
export class MicrosSum {
  #whole: bigint;
  /** What was added since: an integer that is safe, or a single amount. */
  #rest = 0;

  constructor(micros = 0n) {
    this.#whole = micros;
  }

  /** @param micros an integer from 0 on */
  add(micros: number): void {
    if (this.#rest > Number.MAX_SAFE_INTEGER - micros) this.#fold();
    this.#rest += micros;
  }

  get micros(): bigint {
    if (this.#rest !== 0) this.#fold();
    return this.#whole;
  }

  set micros(micros: bigint) {
    this.#whole = micros;
    this.#rest = 0;
  }

  #fold(): void {
    this.#whole += BigInt(this.#rest);
    this.#rest = 0;
  }
}
