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

// The state lives in module variables: an object per call would cost more than the hash itself.
let v0 = 0;
let v1 = 0;
let v2 = 0;
let v3 = 0;

function round(): void {
  v0 = (v0 + v1) | 0;
  v1 = (v1 << 5) | (v1 >>> 27);
  v1 ^= v0;
  v0 = (v0 << 16) | (v0 >>> 16);
  v2 = (v2 + v3) | 0;
  v3 = (v3 << 8) | (v3 >>> 24);
  v3 ^= v2;
  v0 = (v0 + v3) | 0;
  v3 = (v3 << 7) | (v3 >>> 25);
  v3 ^= v0;
  v2 = (v2 + v1) | 0;
  v1 = (v1 << 13) | (v1 >>> 19);
  v1 ^= v2;
  v2 = (v2 << 16) | (v2 >>> 16);
}

function absorb(word: number): void {
  v3 ^= word;
  round();
  round();
  v0 ^= word;
}

function absorbText(text: string): void {
  const pairs = text.length & ~1;
  for (let i = 0; i < pairs; i += 2) absorb(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  if (text.length & 1) absorb(text.charCodeAt(text.length - 1));
  // The length separates fields: ("ab","c") and ("a","bc") differ.
  absorb(text.length);
}

/**
 * Writes the fingerprint of (`domain`, `first`, `second`) to `out[at]`, `out[at + 1]`, `out[at + 2]`.
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
  v0 = key.k0;
  v1 = key.k1;
  v2 = key.k0 ^ 0x6c796765;
  v3 = key.k1 ^ 0x74656462;
  absorb(domain);
  absorbText(first);
  absorbText(second);
  v2 ^= 0xee;
  finish();
  out[at] = v1 ^ v3;
  v1 ^= 0xdd;
  finish();
  out[at + 1] = v1 ^ v3;
  v1 ^= 0xbb;
  finish();
  out[at + 2] = v1 ^ v3;
}

function finish(): void {
  round();
  round();
  round();
  round();
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
