/**
 * Where the filter's keys lie in Redis, and how those of one call are shared out among script calls.
 *
 * Keys are fields of a hash, the *generation* of `redis-scripts.ts`, by the 12 bytes of their fingerprints: a script
 * is told all of them in one argument, just as they lie in memory.
 *
 * A single server has one generation at a time. A cluster runs a script only where all that it looks at shares a
 * hash slot, so there the keys have a fixed number of shares, each with a generation of its own: the part of its name
 * in braces decides the slot. The tags' slots lie evenly over the range of all 16,384, so that the nodes of a cluster
 * share the work evenly.
 */
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import type { DedupKeys } from './port.ts';

/** The tag of share i lies in the middle of the i-th sixteenth of the slots. */
const TAGS = [
  ...['18', '5x', 'dj', '3r', 'd2', 'pv', 'uh', 'iy'],
  ...['ly', 'h9', 'uv', 'q6', '9s', '5f', 'dt', 'ha'],
];

/** Shares of the keys, each with a hash slot of its own. A power of two. */
export const SHARES = TAGS.length;

/** The generation of a single server. */
export const GENERATION = 'tp';
/** Follows the name of a generation in that of the one before it. */
export const BEFORE = '<';

/** Keys that one script call handles. */
export interface ScriptKeys {
  /** The share that all of them belong to; the first one's if they are of several. */
  readonly share: number;
  /** Fingerprints, one after the other. */
  readonly packed: Buffer;
  readonly count: number;
  /** Where each stands in the call's keys; `undefined`: in the same order from the first on. */
  readonly positions: readonly number[] | undefined;
}

/** All keys together, for a server that runs any of them in one script. */
export function together(keys: DedupKeys): ScriptKeys {
  const count = keys.length / FINGERPRINT_WORDS;
  // A copy: what is under way may have to be sent again.
  return { share: shareOf(keys, 0), packed: bytesOf(keys.slice()), count, positions: undefined };
}

/** The keys by their shares. A key that occurs twice is in the same share twice, in order. */
export function byShare(keys: DedupKeys): ScriptKeys[] {
  const found: number[][] = Array.from({ length: SHARES }, () => []);
  for (let i = 0; i < keys.length / FINGERPRINT_WORDS; i++) found[shareOf(keys, i)]?.push(i);
  return found.flatMap((positions, share) => {
    if (positions.length === 0) return [];
    const own = new Uint32Array(positions.length * FINGERPRINT_WORDS);
    for (const [i, position] of positions.entries()) {
      const at = position * FINGERPRINT_WORDS;
      own.set(keys.subarray(at, at + FINGERPRINT_WORDS), i * FINGERPRINT_WORDS);
    }
    return [{ share, packed: bytesOf(own), count: positions.length, positions }];
  });
}

/** The name of a share's generation on a cluster. */
export function generationOf(share: number): string {
  return `${GENERATION}{${TAGS[share]}}`;
}

/** A name in the share's slot that is no generation's. */
export function probeName(share: number): string {
  return `${generationOf(share)}probe`;
}

function bytesOf(keys: DedupKeys): Buffer {
  return Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength);
}

function shareOf(keys: DedupKeys, index: number): number {
  const at = index * FINGERPRINT_WORDS;
  // All of a fingerprint's words have a say: keys that are not random are spread too.
  const mixed = (keys[at] as number) ^ (keys[at + 1] as number) ^ (keys[at + 2] as number);
  return mixed & (SHARES - 1);
}
