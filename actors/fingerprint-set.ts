/**
 * A set of fingerprints that an actor remembers, kept in the order of insertion and persisted in pages:
 * only pages that changed since the last snapshot are written again, so remembering one more of a
 * million costs one page. A set only grows; what need not last for ever is dropped as a whole.
 *
 * In memory a fingerprint takes 12 bytes plus 8 for the index at the usual load of one half.
 */
import { limits } from '../limits.ts';
import { FINGERPRINT_WORDS } from '../model/fingerprint.ts';

const PAGE_WORDS = limits.fingerprintsPerPage * FINGERPRINT_WORDS;
const FIRST_CAPACITY = 8;

/** A page to be written: `index` counts from 0. */
export interface FingerprintPage {
  readonly index: number;
  readonly data: Uint8Array;
}

export class FingerprintSet {
  #entries = new Uint32Array(FIRST_CAPACITY * FINGERPRINT_WORDS);
  /** Index of an entry + 1, by hash; 0 is free. Twice as long as the entries' capacity. */
  #slots = new Int32Array(FIRST_CAPACITY * 2);
  #size = 0;
  #saved = 0;

  get size(): number {
    return this.#size;
  }

  /** Pages of a set of this size. */
  static pages(size: number): number {
    return Math.ceil(size / limits.fingerprintsPerPage);
  }

  has(words: Uint32Array, at: number): boolean {
    return this.#slots[this.#find(words, at)] !== 0;
  }

  /** Adds the fingerprint at `words[at]…`; `false` if it was there. */
  add(words: Uint32Array, at: number): boolean {
    let slot = this.#find(words, at);
    if (this.#slots[slot] !== 0) return false;
    if (this.#size * 2 >= this.#slots.length) {
      this.#grow();
      slot = this.#find(words, at);
    }
    const entry = this.#size * FINGERPRINT_WORDS;
    for (let i = 0; i < FINGERPRINT_WORDS; i++) this.#entries[entry + i] = words[at + i] as number;
    this.#slots[slot] = ++this.#size;
    return true;
  }

  /** The pages that changed since the last call. */
  takeChangedPages(): FingerprintPage[] {
    const pages: FingerprintPage[] = [];
    if (this.#saved === this.#size) return pages;
    for (
      let index = Math.floor(this.#saved / limits.fingerprintsPerPage);
      index < FingerprintSet.pages(this.#size);
      index++
    ) {
      const words = this.#entries.slice(
        index * PAGE_WORDS,
        Math.min((index + 1) * PAGE_WORDS, this.#size * FINGERPRINT_WORDS),
      );
      pages.push({ index, data: new Uint8Array(words.buffer) });
    }
    this.#saved = this.#size;
    return pages;
  }

  /**
   * Fills an empty set from its pages, in order.
   *
   * @param size how many of their fingerprints count: a page may have been written by a block that was
   *   never completed
   */
  load(pages: Iterable<Uint8Array>, size: number): void {
    for (const page of pages) {
      const words = new Uint32Array(new Uint8Array(page).buffer);
      for (let at = 0; at < words.length && this.#size < size; at += FINGERPRINT_WORDS) this.add(words, at);
    }
    if (this.#size !== size)
      throw new Error(`a fingerprint set of ${size} has only ${this.#size} in its pages`);
    this.#saved = size;
  }

  /** The slot of the fingerprint, or the free one where it belongs. Linear probing. */
  #find(words: Uint32Array, at: number): number {
    const [first, second, third] = [words[at], words[at + 1], words[at + 2]];
    const mask = this.#slots.length - 1;
    for (let slot = (first as number) & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number;
      if (index === 0) return slot;
      const entry = (index - 1) * FINGERPRINT_WORDS;
      if (
        this.#entries[entry] === first &&
        this.#entries[entry + 1] === second &&
        this.#entries[entry + 2] === third
      )
        return slot;
    }
  }

  #grow(): void {
    const entries = new Uint32Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let index = 1; index <= this.#size; index++) {
      let slot = (entries[(index - 1) * FINGERPRINT_WORDS] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = index;
    }
  }
}
