/**
 * Entries in the order of their arrival, each a fixed number of words that begin with a fingerprint, in pages as they
 * are saved: a block rewrites only the last page. In memory there is no slack but in that one.
 */
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import type { Fingerprints } from './fingerprint-index.ts';

/** Entries that a first page has room for: most memories stay small, and there may be some in each campaign. */
const FIRST_ENTRIES = 8;

/** A page to be written: `index` counts from 0. */
export interface EntryPage {
  readonly index: number;
  readonly data: Uint8Array;
  /** Whether it will never change again. */
  readonly isFull: boolean;
}

export class EntryPages implements Fingerprints {
  readonly #wordsPerEntry: number;
  readonly #entriesPerPage: number;
  /** An index divided by the entries of a page: shifted by so many bits, and what remains. */
  readonly #pageBits: number;
  readonly #inPage: number;
  /** All pages but the last are full. */
  readonly #pages: Uint32Array[] = [];
  #size = 0;
  #saved = 0;

  /** @param entriesPerPage a power of two */
  constructor(wordsPerEntry: number, entriesPerPage: number) {
    this.#wordsPerEntry = wordsPerEntry;
    this.#entriesPerPage = entriesPerPage;
    this.#pageBits = Math.log2(entriesPerPage);
    this.#inPage = entriesPerPage - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** How many of the entries the pages taken so far hold. */
  get saved(): number {
    return this.#saved;
  }

  /** Adds the entry whose words begin at `words[at]`. */
  add(words: Uint32Array, at: number): void {
    const number = this.#size >>> this.#pageBits;
    const begin = this.#beginOf(this.#size);
    let page = this.#pages[number];
    if (page === undefined || begin >= page.length) page = this.#lengthen(number);
    for (let i = 0; i < this.#wordsPerEntry; i++) page[begin + i] = words[at + i] as number;
    this.#size++;
  }

  /** A word of an entry. */
  word(index: number, word: number): number {
    return this.#pageOf(index)[this.#beginOf(index) + word] as number;
  }

  firstOf(index: number): number {
    return this.word(index, 0);
  }

  isAt(index: number, words: Uint32Array, at: number): boolean {
    const page = this.#pageOf(index);
    const begin = this.#beginOf(index);
    for (let i = 0; i < FINGERPRINT_WORDS; i++) if (page[begin + i] !== words[at + i]) return false;
    return true;
  }

  /** The pages that changed since the last call. */
  takeChangedPages(): EntryPage[] {
    const changed: EntryPage[] = [];
    const size = this.#size;
    const first = this.#saved >>> this.#pageBits;
    if (this.#saved < size)
      for (let index = first; index * this.#entriesPerPage < size; index++) {
        const entries = Math.min(this.#entriesPerPage, size - index * this.#entriesPerPage);
        const words = (this.#pages[index] as Uint32Array).slice(0, entries * this.#wordsPerEntry);
        const isFull = entries === this.#entriesPerPage;
        changed.push({ index, data: new Uint8Array(words.buffer), isFull });
      }
    this.#saved = size;
    return changed;
  }

  /**
   * Reads saved pages, in order, into an empty memory.
   *
   * @param size how many of their entries count: a page may have been written by a block that was never completed
   * @param added is told the words of the entries of each page, and how many entries came before it
   */
  load(pages: Iterable<Uint8Array>, size: number, added: (words: Uint32Array, before: number) => void): void {
    for (const page of pages) {
      const before = this.#size;
      const held = Math.floor(page.byteLength / (4 * this.#wordsPerEntry));
      const entries = Math.min(size - before, held);
      if (entries > 0 && (before & this.#inPage) !== 0)
        throw new Error('a page that is not the last is not full');
      // A copy of its own, aligned, becomes the page.
      const words = new Uint32Array(new Uint8Array(page).buffer, 0, entries * this.#wordsPerEntry);
      if (entries > 0) this.#pages.push(words);
      this.#size += entries;
      added(words, before);
    }
    if (this.#size !== size) throw new Error(`of ${size} entries only ${this.#size} are in their pages`);
    this.#saved = size;
  }

  #pageOf(index: number): Uint32Array {
    return this.#pages[index >>> this.#pageBits] as Uint32Array;
  }

  #beginOf(index: number): number {
    return (index & this.#inPage) * this.#wordsPerEntry;
  }

  /** Makes room in a page. Only the first one begins small. */
  #lengthen(number: number): Uint32Array {
    const page = this.#pages[number];
    const most = this.#entriesPerPage * this.#wordsPerEntry;
    const first = number === 0 ? FIRST_ENTRIES * this.#wordsPerEntry : most;
    const longer = new Uint32Array(Math.min(most, page ? page.length * 2 : first));
    if (page) longer.set(page);
    this.#pages[number] = longer;
    return longer;
  }
}
