/**
 * A set of fingerprints that an actor remembers, kept in the order of insertion and persisted in pages:
 * only pages that changed since the last snapshot are written again, so remembering one more of a
 * million costs one page. A set only grows; what need not last for ever is dropped as a whole.
 *
 * In memory the pages are what they are when saved: 12 bytes a fingerprint, beside its index.
 */
import { limits } from '../../limits.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import { type EntryPage, EntryPages } from './entry-pages.ts';
import { FingerprintIndex } from './fingerprint-index.ts';

const PAGE = limits.fingerprintsPerPage;

export class FingerprintSet {
  readonly #entries = new EntryPages(FINGERPRINT_WORDS, PAGE);
  readonly #index = new FingerprintIndex(this.#entries);

  get size(): number {
    return this.#entries.size;
  }

  /** How many of the entries the pages taken so far hold. */
  get saved(): number {
    return this.#entries.saved;
  }

  /** Pages of a set of this size, and how many of them are full. */
  static pages(size: number): number {
    return Math.ceil(size / PAGE);
  }

  static fullPages(size: number): number {
    return Math.floor(size / PAGE);
  }

  has(words: Uint32Array, at: number): boolean {
    return this.#index.find(words, at) >= 0;
  }

  /** The place of the fingerprint in the order of insertion, from 0 on; −1 if it is not there. */
  indexOf(words: Uint32Array, at: number): number {
    return this.#index.find(words, at);
  }

  /** To be called before many are looked for or added; see `FingerprintIndex`. */
  prefetch(words: Uint32Array): void {
    this.#index.prefetch(words);
  }

  /** Adds the fingerprint at `words[at]…`; `false` if it was there. */
  add(words: Uint32Array, at: number): boolean {
    if (this.#index.enter(words, at) < this.#entries.size) return false;
    this.#entries.add(words, at);
    return true;
  }

  /** The pages that changed since the last call. */
  takeChangedPages(): EntryPage[] {
    return this.#entries.takeChangedPages();
  }

  /**
   * Fills an empty set from its pages, in order.
   *
   * @param size how many of their fingerprints count: a page may have been written by a block that was
   *   never completed
   */
  load(pages: Iterable<Uint8Array>, size: number): void {
    this.#index.reserve(size);
    this.#entries.load(pages, size, (words) => {
      this.#index.prefetch(words);
      for (let at = 0; at < words.length; at += FINGERPRINT_WORDS) this.#index.enter(words, at);
    });
  }
}
