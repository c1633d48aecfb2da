/**
 * Fingerprints of clicks' visitors. All clicks of a request mostly come from one visitor, whose text is long, and go to
 * few campaigns: each is hashed once. That took 2 % of a batch.
 */
import { Domain, FINGERPRINT_WORDS, type FingerprintKey, fingerprint } from '../model/fingerprint.ts';

/** Campaigns of one visitor that are remembered. */
const CAMPAIGNS = 1_024;

/** By campaign, of the one visitor who came last. */
const known = new Map<string, Uint32Array>();
let lastVisitor = '';
let lastKey: FingerprintKey | undefined;

/** Writes the visitor's fingerprint in the campaign to `out[at]` and the words after it. */
export function visitorFingerprint(
  key: FingerprintKey,
  campaignId: string,
  visitor: string,
  out: Uint32Array,
  at: number,
): void {
  if (visitor !== lastVisitor || key !== lastKey) {
    lastVisitor = visitor;
    lastKey = key;
    known.clear();
    // Most never come again: nothing is kept before the second time.
    fingerprint(key, Domain.visitor, campaignId, visitor, out, at);
    return;
  }
  let words = known.get(campaignId);
  if (words === undefined) {
    words = new Uint32Array(FINGERPRINT_WORDS);
    fingerprint(key, Domain.visitor, campaignId, visitor, words, 0);
    if (known.size < CAMPAIGNS) known.set(campaignId, words);
  }
  for (let i = 0; i < FINGERPRINT_WORDS; i++) out[at + i] = words[i] as number;
}
