/**
 * A fingerprint set and its pages among the snapshots.
 *
 * Pages are written before the state that says how many of their fingerprints count, and the two need not
 * both get there: a page may hold more than counts, and pages may be there of which the state knows nothing.
 * They are written by compare-and-set: an owner that has lost the partition must not put back an older page.
 */
import { type ActorDocument, type DocumentReader, missing } from '../actor.ts';
import type { Stored } from '../stored.ts';
import { FingerprintSet } from './fingerprint-set.ts';

/** A set that is no longer needed, and how many pages there are of it. */
export interface DroppedSet {
  readonly name: string;
  readonly pages: number;
}

export class PagedSet {
  readonly name: string;
  readonly #set = new FingerprintSet();
  /** Pages that were written or read and may be written again, by index: those that are not full. */
  readonly #pages = new Map<number, Stored>();

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#set.size;
  }

  has(words: Uint32Array, at: number): boolean {
    return this.#set.has(words, at);
  }

  /** The place of a fingerprint in the order of insertion, from 0 on; −1 if it is not there. */
  indexOf(words: Uint32Array, at: number): number {
    return this.#set.indexOf(words, at);
  }

  /** To be called before many are looked for or added; see `FingerprintSet`. */
  prefetch(words: Uint32Array): void {
    this.#set.prefetch(words);
  }

  /** Adds a fingerprint; `false` if it was there. */
  add(words: Uint32Array, at: number): boolean {
    return this.#set.add(words, at);
  }

  /** The pages that changed since the last call. */
  takeChanges(): ActorDocument[] {
    return this.#set.takeChangedPages().map(({ index, data, isFull }) => {
      const stored = this.#pages.get(index) ?? { revision: undefined };
      if (isFull) this.#pages.delete(index);
      else this.#pages.set(index, stored);
      // A set only grows, and always in the same order: the longer page has the shorter one in it.
      const isOlderThan = (found: Uint8Array): boolean => found.byteLength > data.byteLength;
      return { name: pageName(this.name, index), value: data, stored, isOlderThan };
    });
  }

  /** What there is to be deleted once nothing refers to the set any more. */
  dropped(): DroppedSet {
    return { name: this.name, pages: FingerprintSet.pages(this.#set.saved) };
  }

  /**
   * Restores a set.
   *
   * @param size how many of the fingerprints in its pages count
   * @throws Error if a page is missing: another owner has gone on meanwhile
   */
  static async load(name: string, size: number, read: DocumentReader): Promise<PagedSet> {
    const paged = new PagedSet(name);
    const pages: Uint8Array[] = [];
    for (let index = 0; index < FingerprintSet.pages(size); index++) {
      const { value, revision } = (await read(pageName(name, index))) ?? missing(pageName(name, index));
      pages.push(value);
      if (index >= FingerprintSet.fullPages(size)) paged.#pages.set(index, { revision });
    }
    paged.#set.load(pages, size);
    return paged;
  }
}

/** Deletions of sets that nothing refers to any more. */
export function deletionsOf(dropped: readonly DroppedSet[]): ActorDocument[] {
  return dropped.flatMap(({ name, pages }) =>
    Array.from({ length: pages }, (_, index) => ({ name: pageName(name, index), value: undefined })),
  );
}

/** The name of a page of a set among the documents of its owner. */
export function pageName(set: string, index: number): string {
  return `${set}/${index}`;
}
