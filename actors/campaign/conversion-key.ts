/** What a conversion is known by, for ever: its transaction, or its click and goal where it has none. */
import type { Click } from '../../model/click-id.ts';
import { Domain, type FingerprintKey, fingerprint } from '../../model/fingerprint.ts';

/** Puts the fingerprint of a transaction at the beginning of `words`. */
export function transactionKey(
  key: FingerprintKey,
  campaignId: string,
  transactionId: string,
  words: Uint32Array,
): void {
  fingerprint(key, Domain.transaction, campaignId, transactionId, words, 0);
}

/** Puts the fingerprint of a click and a goal at the beginning of `words`. */
export function clickGoalKey(key: FingerprintKey, { nonce }: Click, goal: string, words: Uint32Array): void {
  fingerprint(key, Domain.clickGoal, `${nonce[0]}.${nonce[1]}`, goal, words, 0);
}
