/**
 * Names of the filter's keys in Redis, and how those of one call are shared out among script calls.
 *
 * Every key is a string of its own that expires by itself. Many to a hash would take less memory where
 * traffic is heavy, but a field has no expiry of its own, the names would no longer be known to the caller
 * (a cluster wants that), and a call would cost the server nearly twice as much.
 *
 * A cluster runs a script only where all of its keys share a hash slot. So there is a fixed number of
 * shares: each has a tag, and the part of a name in braces decides the slot. The tags' slots lie evenly
 * over the range of all 16,384, so that the nodes of a cluster share the work evenly.
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

/** With the 16 letters of a fingerprint 22 bytes: what fits one size of Redis' allocator. */
const PREFIXES = TAGS.map((tag) => `tp{${tag}}`);
/** Letters of a name before what is the key's own. */
export const PREFIX_LENGTH = 'tp{..}'.length;
/** Letters of a fingerprint in base64: 96 bits fill them without padding. */
const LETTERS = 16;

/** Keys that one script call handles. */
export interface ScriptKeys {
  /** The share that all of them belong to; the first one's if they are of several. */
  readonly share: number;
  readonly names: string[];
  /** Where each stands in the call's keys; `undefined`: in the same order from the first on. */
  readonly positions: number[] | undefined;
}

/** All keys together, for a server that runs any of them in one script. */
export function together(keys: DedupKeys): ScriptKeys {
  const letters = inLetters(keys);
  const names: string[] = new Array(letters.length / LETTERS);
  for (let i = 0; i < names.length; i++) names[i] = nameOf(letters, i, shareOf(keys, i));
  return { share: shareOf(keys, 0), names, positions: undefined };
}

/** The keys by their shares. A key that occurs twice is in the same share twice, in order. */
export function byShare(keys: DedupKeys): ScriptKeys[] {
  const letters = inLetters(keys);
  const count = letters.length / LETTERS;
  const shares: (ScriptKeys & { readonly positions: number[] })[] = [];
  const found: (typeof shares)[number][] = new Array(SHARES);
  for (let i = 0; i < count; i++) {
    const share = shareOf(keys, i);
    let group = found[share];
    if (group === undefined) {
      group = { share, names: [], positions: [] };
      found[share] = group;
      shares.push(group);
    }
    group.names.push(nameOf(letters, i, share));
    group.positions.push(i);
  }
  return shares;
}

/** How seals begin on a single server: each owner has one. */
export const SEAL_PREFIX = 'tp~';

/**
 * The seals of an owner of these keys, each with a key before it: one, or on a cluster one in each of their shares,
 * where a script over the keys of a share finds it.
 */
export function sealsOf(keys: DedupKeys, owner: string, isCluster: boolean): ScriptKeys[] {
  const letters = inLetters(keys);
  const seals: ScriptKeys[] = [];
  let found = 0;
  for (let i = 0; i < keys.length / FINGERPRINT_WORDS; i++) {
    const share = shareOf(keys, i);
    if (found & (1 << share)) continue;
    found |= 1 << share;
    const seal = (isCluster ? `${PREFIXES[share]}~` : SEAL_PREFIX) + owner;
    seals.push({ share, names: [nameOf(letters, i, share), seal], positions: undefined });
    if (!isCluster) break;
  }
  return seals;
}

/** A name in the share that is no key's. */
export function probeName(share: number): string {
  return `${PREFIXES[share]}probe`;
}

function inLetters(keys: DedupKeys): string {
  return Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength).toString('base64');
}

function nameOf(letters: string, index: number, share: number): string {
  return (PREFIXES[share] as string) + letters.slice(index * LETTERS, (index + 1) * LETTERS);
}

function shareOf(keys: DedupKeys, index: number): number {
  const at = index * FINGERPRINT_WORDS;
  // All of a fingerprint's words have a say: keys that are not random are spread too.
  const mixed = (keys[at] as number) ^ (keys[at + 1] as number) ^ (keys[at + 2] as number);
  return mixed & (SHARES - 1);
}
