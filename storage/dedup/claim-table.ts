/**
 * A hash table from 96-bit fingerprints to a 32-bit mark, over typed arrays: about 30 bytes a key, no
 * object per key. Keys are never removed one by one.
 *
 * Cache misses are nearly all of the cost of a large table, and most keys that are looked for are not
 * there. So the hash index (open addressing, linear probing) holds four bytes a slot, half of them from
 * the key's hash, and entries are appended, one behind the other: a key that is not there costs one miss,
 * its insertion none.
 *
 * The table is divided into shards that grow one at a time, so that no insertion ever waits for the
 * whole table to be copied.
 */
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';

/** Words of an entry: the fingerprint and the mark. */
const ENTRY_WORDS = FINGERPRINT_WORDS + 1;
const MARK = FINGERPRINT_WORDS;
const SHARD_BITS = 8;
const SHARDS = 1 << SHARD_BITS;
const FIRST_ENTRIES = 4;
/** Entry numbers, from 1, take the lower half of an index slot. */
const NUMBER_MASK = 0xffff;
const ENTRIES_PER_SHARD = NUMBER_MASK;

/** The mark of a key that is not in the table. */
export const ABSENT = 0;

class Shard {
  /** Tag << 16 | entry number, or 0: empty. At most two thirds full: beyond that, probing gets long. */
  index = new Uint32Array(2 * FIRST_ENTRIES);
  entries = new Uint32Array(FIRST_ENTRIES * ENTRY_WORDS);
  count = 0;
}

/**
 * Looks keys up one at a time: `find` positions the table on a key, then `update` or `insert` changes
 * what is there. This keeps the hot path free of allocation.
 */
export class ClaimTable {
  readonly #shards: readonly Shard[] = Array.from({ length: SHARDS }, () => new Shard());
  #size = 0;
  #fullest = 0;
  /** Where `find` stopped: the hash, the index slot, and the entry's first word if there is one. */
  #hash = 0;
  #slot = 0;
  #entry = 0;

  /** Keys in the table. */
  get size(): number {
    return this.#size;
  }

  /** Whether no further key may fit. */
  get isFull(): boolean {
    return this.#fullest === ENTRIES_PER_SHARD;
  }

  /** Positions the table on the key at `keys[at]`; gives its mark, or `ABSENT`. */
  find(keys: Uint32Array, at: number): number {
    const k0 = keys[at] as number;
    const k1 = keys[at + 1] as number;
    const k2 = keys[at + 2] as number;
    const hash = mix(k0, k1, k2);
    const tag = tagOf(hash);
    const { index, entries } = this.#shards[shardOf(hash)] as Shard;
    const last = index.length - 1;
    let slot = hash & last;
    for (;;) {
      const found = index[slot] as number;
      if (found === 0) break;
      if (found >>> 16 === tag) {
        const entry = ((found & NUMBER_MASK) - 1) * ENTRY_WORDS;
        if (entries[entry] === k0 && entries[entry + 1] === k1 && entries[entry + 2] === k2) {
          this.#hash = hash;
          this.#entry = entry;
          return entries[entry + MARK] as number;
        }
      }
      slot = (slot + 1) & last;
    }
    this.#hash = hash;
    this.#slot = slot;
    return ABSENT;
  }

  /** Sets the mark of the key that the last `find` found; it is not `ABSENT`. */
  update(mark: number): void {
    const { entries } = this.#shards[shardOf(this.#hash)] as Shard;
    entries[this.#entry + MARK] = mark;
  }

  /** Adds the key that the last `find` did not find. The table must not be full. */
  insert(keys: Uint32Array, at: number, mark: number): void {
    const shard = this.#shards[shardOf(this.#hash)] as Shard;
    let { entries } = shard;
    const entry = shard.count * ENTRY_WORDS;
    if (entry === entries.length) {
      entries = new Uint32Array(2 * entry);
      entries.set(shard.entries);
      shard.entries = entries;
    }
    entries[entry] = keys[at] as number;
    entries[entry + 1] = keys[at + 1] as number;
    entries[entry + 2] = keys[at + 2] as number;
    entries[entry + MARK] = mark;
    shard.count++;
    shard.index[this.#slot] = slotValue(this.#hash, shard.count);
    if (shard.count * 3 > shard.index.length * 2) growIndex(shard);
    this.#size++;
    if (shard.count > this.#fullest) this.#fullest = shard.count;
  }
}

function growIndex(shard: Shard): void {
  const index = new Uint32Array(shard.index.length * 2);
  const last = index.length - 1;
  const { entries } = shard;
  for (let number = 1, word = 0; number <= shard.count; number++, word += ENTRY_WORDS) {
    const hash = mix(entries[word] as number, entries[word + 1] as number, entries[word + 2] as number);
    let slot = hash & last;
    while (index[slot] !== 0) slot = (slot + 1) & last;
    index[slot] = slotValue(hash, number);
  }
  shard.index = index;
}

/** Fingerprints are random already; the mixing keeps the table fast for keys that are not. */
function mix(k0: number, k1: number, k2: number): number {
  let hash = Math.imul(k0, 0x9e3779b1) ^ Math.imul(k1, 0x85ebca77) ^ Math.imul(k2, 0xc2b2ae3d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

// The shard comes from the hash's highest bits, the slot from its lowest, the tag from those between.
function shardOf(hash: number): number {
  return hash >>> (32 - SHARD_BITS);
}

function tagOf(hash: number): number {
  return (hash >>> 8) & 0xffff;
}

function slotValue(hash: number, number: number): number {
  return ((tagOf(hash) << 16) | number) >>> 0;
}
