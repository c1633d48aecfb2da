/**
 * Keyed 96-bit fingerprints of identifiers.
 *
 * The core is HalfSipHash (the 32-bit member of the SipHash family by Aumasson and Bernstein: 2 rounds
 * a word, 4 to finish), which suits JavaScript's 32-bit integers, finished once more for a third word.
 * It is keyed with a secret of the cluster, so that nobody outside can make two identifiers collide.
 * With 10^9 identifiers the chance that any two share a fingerprint is about 6 in 10^12.
 */

/** Words of 32 bits in a fingerprint. */
export const FINGERPRINT_WORDS = 3;

export interface FingerprintKey {
  readonly k0: number;
  readonly k1: number;
}

/** The key in the first eight bytes of a secret. */
export function fingerprintKey(secret: Uint8Array): FingerprintKey {
  const view = new DataView(secret.buffer, secret.byteOffset, secret.byteLength);
  return { k0: view.getInt32(0, true), k1: view.getInt32(4, true) };
}

// What is hashed, as words: gathered first, so that the hash itself is one loop over numbers.
let words = new Int32Array(512);
/** Words besides those of the texts: the domain, an odd character and the length of either. */
const MORE_WORDS = 5;
/** Marks of the three times that the hash is finished, where the first goes into `v2` and the others into `v1`. */
const [FIRST_MARK, SECOND_MARK, THIRD_MARK] = [0xee, 0xdd, 0xbb];

/**
 * Writes the fingerprint of (`domain`, `first`, `second`) to `out[at]`, `out[at + 1]`, `out[at + 2]`.
 *
 * The state is in four local variables, and a round stands here once: with the state in the module's variables
 * and a function for the round, all fingerprints took twice as long, and a fifth of a batch.
 *
 * @param domain what kind of identifier it is; the same text in two domains gives unrelated fingerprints
 */
export function fingerprint(
  key: FingerprintKey,
  domain: number,
  first: string,
  second: string,
  out: Uint32Array,
  at: number,
): void {
  const most = (first.length + second.length) / 2 + MORE_WORDS;
  if (most > words.length) words = new Int32Array(2 * most);
  words[0] = domain;
  const count = gather(second, gather(first, 1));
  let v0 = key.k0;
  let v1 = key.k1;
  let v2 = key.k0 ^ 0x6c796765;
  let v3 = key.k1 ^ 0x74656462;
  for (let step = 0; step < count + FINGERPRINT_WORDS; step++) {
    const isText = step < count;
    const word = isText ? (words[step] as number) : 0;
    v3 ^= word;
    if (step === count) v2 ^= FIRST_MARK;
    else if (step > count) v1 ^= step === count + 1 ? SECOND_MARK : THIRD_MARK;
    for (let rounds = isText ? 2 : 4; rounds > 0; rounds--) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    v0 ^= word;
    if (!isText) out[at + step - count] = v1 ^ v3;
  }
}

/** Puts a text into `words` from `at` on, two UTF-16 units in each. Gives where it ends. */
function gather(text: string, at: number): number {
  const { length } = text;
  const pairs = length & ~1;
  let end = at;
  for (let i = 0; i < pairs; i += 2) words[end++] = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
  if (length & 1) words[end++] = text.charCodeAt(length - 1);
  // The length separates fields: ("ab","c") and ("a","bc") differ.
  words[end++] = length;
  return end;
}

/** Kinds of identifier that are fingerprinted. */
export const Domain = {
  event: 1,
  visitor: 2,
  transaction: 3,
  clickGoal: 4,
  spendReference: 5,
  user: 6,
  anonymous: 7,
  letter: 8,
} as const;

/** The partition of a campaign: FNV-1a over the UTF-16 units of its id, modulo the partitions. Not secret. */
export function partitionOf(campaignId: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < campaignId.length; i++) hash = Math.imul(hash ^ campaignId.charCodeAt(i), 0x01000193);
  // FNV's low bits are its weakest: mix before the modulo (the finaliser of MurmurHash3).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}
