/**
 * Finds fingerprints, which are numbered from 0 on as they come, and are kept elsewhere. It follows from them, and is
 * never saved; it takes 5 to 11 bytes for each.
 */
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';

const FIRST_SLOTS = 16;
/** How full the index may be. */
const FULL = 3 / 4;

/** Where the fingerprints are kept. */
export interface Fingerprints {
  /** The first word of the one of a number. */
  firstOf(number: number): number;
  /** Whether the one of a number is that which begins at `words[at]`. */
  isAt(number: number, words: Uint32Array, at: number): boolean;
}

export class FingerprintIndex {
  readonly #fingerprints: Fingerprints;
  /**
   * By the low bits of a fingerprint's first word: the other bits of that word, and in place of the low ones its
   * number + 1; 0 is free. The length is a power of two. With a part of the word at hand, others that lie on the way
   * are passed without a look at their pages, each of which would be a cache miss: that was a tenth of a replay.
   */
  #slots = new Int32Array(FIRST_SLOTS);
  #size = 0;
  /** Means nothing: what was looked at ahead of time, kept so that the compiler keeps the look. */
  seen = 0;

  constructor(fingerprints: Fingerprints) {
    this.#fingerprints = fingerprints;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Makes room for so many in an index that is empty: one that is loaded need not grow on the way. */
  reserve(size: number): void {
    let slots = FIRST_SLOTS;
    while (size > slots * FULL) slots *= 2;
    this.#slots = new Int32Array(slots);
  }

  /** The number of a fingerprint, or −1. */
  find(words: Uint32Array, at: number): number {
    const slots = this.#slots;
    return ((slots[this.#slotOf(words, at)] as number) & (slots.length - 1)) - 1;
  }

  /** The number of a fingerprint. One that is new gets the next, and has to be kept before there is another one. */
  enter(words: Uint32Array, at: number): number {
    let slot = this.#slotOf(words, at);
    let mask = this.#slots.length - 1;
    const found = this.#slots[slot] as number;
    if (found !== 0) return (found & mask) - 1;
    if (this.#size >= this.#slots.length * FULL) {
      this.#grow();
      slot = this.#slotOf(words, at);
      mask = this.#slots.length - 1;
    }
    this.#slots[slot] = ((words[at] as number) & ~mask) | (this.#size + 1);
    return this.#size++;
  }

  /**
   * Looks at the slots that many fingerprints will be looked for in, so that they are in the processor's cache then.
   * Loads that do not depend on each other are under way at the same time: adding 500 after this takes 95 ns each
   * where it took 175, in a set of a million.
   *
   * @param words the fingerprints, one behind the other
   */
  prefetch(words: Uint32Array): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let seen = 0;
    for (let at = 0; at < words.length; at += FINGERPRINT_WORDS)
      seen |= slots[(words[at] as number) & mask] as number;
    this.seen = seen;
  }

  /** The slot of a fingerprint, or the free one where it belongs. Linear probing. */
  #slotOf(words: Uint32Array, at: number): number {
    const first = words[at] as number;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = first & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot] as number;
      if (found === 0) return slot;
      if (((found ^ first) & ~mask) === 0 && this.#fingerprints.isAt((found & mask) - 1, words, at))
        return slot;
    }
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const first = this.#fingerprints.firstOf(number);
      let slot = first & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = (first & ~mask) | (number + 1);
    }
    this.#slots = slots;
  }
}
