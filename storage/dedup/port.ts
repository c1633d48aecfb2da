/**
 * The deduplication filter: a fast memory of identifiers, shared by the collectors. It is a filter and
 * never an authority: forgetting all of it costs work, not correctness.
 */

/**
 * - `new`: nobody else holds the key; it is now claimed for this token (or was already, by it);
 * - `duplicate`: the key is confirmed, or occurs earlier in the same call;
 * - `uncertain`: another token holds an unconfirmed claim, or the filter is out of reach.
 */
export const Claim = { new: 0, duplicate: 1, uncertain: 2 } as const;
export type ClaimResult = (typeof Claim)[keyof typeof Claim];

/** Keys of one call: fingerprints of three 32-bit words each, one after the other. */
export type DedupKeys = Uint32Array;

export interface Dedup {
  /** Whether it answers at the moment; while it does not, all claims are `uncertain`. */
  readonly isReachable: boolean;

  /**
   * Claims every key of the batch for `token`, atomically per key, in one round trip. A claim that is
   * not confirmed may be taken over after `limits.pendingClaimMs`. Never rejects: where the filter is
   * out of reach every answer is `uncertain`.
   *
   * @param keys not changed before they are confirmed or released
   * @returns a `ClaimResult` per key, in order
   */
  claim(keys: DedupKeys, token: string): Promise<Uint8Array>;

  /** Makes the token's claims permanent, for `limits.claimMs`. Never rejects. */
  confirm(keys: DedupKeys, token: string): Promise<void>;

  /** Gives the token's unconfirmed claims back. Never rejects. */
  release(keys: DedupKeys, token: string): Promise<void>;

  close(): Promise<void>;
}
