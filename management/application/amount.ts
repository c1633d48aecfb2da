/** An amount that may be a sum. */
export interface Amount {
  readonly micros: bigint;
  readonly currency: string;
}
