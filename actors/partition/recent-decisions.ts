/** The decisions of the last records of a partition, row by row, for those who wait for one. */
import { limits } from '../../limits.ts';
import type { ReasonCode } from '../../model/decision.ts';

export class RecentDecisions {
  /** By sequence; insertion order is age. */
  readonly #reasons = new Map<number, Uint16Array>();

  put(sequence: number, reasons: Uint16Array): void {
    this.#reasons.set(sequence, reasons);
    if (this.#reasons.size > limits.recordsRemembered)
      this.#reasons.delete(this.#reasons.keys().next().value as number);
  }

  /** The reason given for a row, if it is still known. */
  get(sequence: number, row: number): ReasonCode | undefined {
    return this.#reasons.get(sequence)?.[row] as ReasonCode | undefined;
  }
}
