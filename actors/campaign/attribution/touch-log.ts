/**
 * Touches in the order of their arrival, in pages as they are saved: a block rewrites only the last page. An
 * index, in memory alone, leads from a visitor to the touches that are remembered of them: the first few and
 * the last few, in a chain from the newest to the oldest. What falls out of a chain stays in its page, and is
 * never found again. Index and chains follow from the pages, so a restored log is the one that was saved.
 *
 * An entry takes 32 bytes, its link 4, and the index 5 to 11 for each visitor.
 */
import { limits } from '../../../limits.ts';
import { FINGERPRINT_WORDS } from '../../../model/fingerprint.ts';

/** visitor 3 | time 2 (high, low) | nonce 2 | source 1 */
const WORDS = 8;
const TIME = FINGERPRINT_WORDS;
const NONCE = TIME + 2;
const SOURCE = NONCE + 2;
const TWO_32 = 0x1_0000_0000;

const PAGE = limits.touchesPerPage;
const PAGE_WORDS = PAGE * WORDS;
const FIRST_ENTRIES = 8;
const FIRST_SLOTS = 16;
const FULL = 3 / 4;

/** What is remembered of a touch. */
export interface LoggedTouch {
  /** Milliseconds since the epoch. */
  readonly touchedAt: number;
  readonly nonce: readonly [number, number];
  /** Index of its partner and content. */
  readonly source: number;
}

/** The newest touch of a visitor, and how many are found of them. */
export interface LatestTouch extends LoggedTouch {
  readonly found: number;
}

/** How many touches of one visitor are found: the first and the last, by their arrival. */
export interface ChainBounds {
  readonly first: number;
  readonly last: number;
}

export interface TouchPage {
  readonly index: number;
  readonly data: Uint8Array;
  /** Whether it will never change again. */
  readonly isFull: boolean;
}

export class TouchLog {
  readonly #bounds: ChainBounds;
  /** All pages but the last are full. */
  readonly #pages: Uint32Array[] = [];
  /** Of each entry the one before it in its chain, + 1; 0: there is none. */
  #links = new Int32Array(FIRST_ENTRIES);
  /** Of each visitor the newest entry + 1, by hash; 0 is free. The length is a power of two. */
  #slots = new Int32Array(FIRST_SLOTS);
  #visitors = 0;
  #size = 0;
  #saved = 0;

  constructor(bounds: ChainBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#size;
  }

  /** How many of the entries the pages taken so far hold. */
  get saved(): number {
    return this.#saved;
  }

  static pages(size: number): number {
    return Math.ceil(size / PAGE);
  }

  /** Adds a touch of the visitor whose fingerprint begins at `words[at]`. */
  add(words: Uint32Array, at: number, { touchedAt, nonce, source }: LoggedTouch): void {
    const page = this.#lastPage();
    const entry = (this.#size % PAGE) * WORDS;
    for (let i = 0; i < FINGERPRINT_WORDS; i++) page[entry + i] = words[at + i] as number;
    page[entry + TIME] = Math.floor(touchedAt / TWO_32);
    page[entry + TIME + 1] = touchedAt >>> 0;
    page[entry + NONCE] = nonce[0];
    page[entry + NONCE + 1] = nonce[1];
    page[entry + SOURCE] = source;
    this.#enter(words, at);
  }

  /** The touches of a visitor that are found, the newest first. */
  of(words: Uint32Array, at: number): LoggedTouch[] {
    const found: LoggedTouch[] = [];
    let link = this.#slots[this.#find(words, at)] as number;
    for (; link !== 0; link = this.#links[link - 1] as number) found.push(this.#touch(link - 1));
    return found;
  }

  /** The newest of them. */
  latest(words: Uint32Array, at: number): LatestTouch | undefined {
    const newest = this.#slots[this.#find(words, at)] as number;
    if (newest === 0) return undefined;
    let found = 0;
    for (let link = newest; link !== 0; link = this.#links[link - 1] as number) found++;
    return { ...this.#touch(newest - 1), found };
  }

  /** The pages that changed since the last call. */
  takeChangedPages(): TouchPage[] {
    const changed: TouchPage[] = [];
    if (this.#saved === this.#size) return changed;
    for (let index = Math.floor(this.#saved / PAGE); index < TouchLog.pages(this.#size); index++) {
      const end = Math.min(PAGE_WORDS, this.#size * WORDS - index * PAGE_WORDS);
      const words = (this.#pages[index] as Uint32Array).slice(0, end);
      changed.push({ index, data: new Uint8Array(words.buffer), isFull: end === PAGE_WORDS });
    }
    this.#saved = this.#size;
    return changed;
  }

  /**
   * Fills an empty log from its pages, in order.
   *
   * @param size how many of their entries count: a page may have been written by a block that was never completed
   */
  load(pages: Iterable<Uint8Array>, size: number): void {
    for (const data of pages) {
      const entries = new Uint32Array(new Uint8Array(data).buffer);
      for (let at = 0; at < entries.length && this.#size < size; at += WORDS) {
        const page = this.#lastPage();
        const entry = (this.#size % PAGE) * WORDS;
        for (let i = 0; i < WORDS; i++) page[entry + i] = entries[at + i] as number;
        this.#enter(entries, at);
      }
    }
    if (this.#size !== size) throw new Error(`a log of ${size} touches has only ${this.#size} in its pages`);
    this.#saved = size;
  }

  #touch(index: number): LoggedTouch {
    const page = this.#pages[Math.floor(index / PAGE)] as Uint32Array;
    const entry = (index % PAGE) * WORDS;
    return {
      touchedAt: (page[entry + TIME] as number) * TWO_32 + (page[entry + TIME + 1] as number),
      nonce: [page[entry + NONCE] as number, page[entry + NONCE + 1] as number],
      source: page[entry + SOURCE] as number,
    };
  }

  /** Puts the entry that was written last into the chain of its visitor. */
  #enter(words: Uint32Array, at: number): void {
    if (this.#visitors >= this.#slots.length * FULL) this.#growIndex();
    const slot = this.#find(words, at);
    const before = this.#slots[slot] as number;
    if (before === 0) this.#visitors++;
    const index = this.#size++;
    this.#link(index, before);
    this.#slots[slot] = index + 1;
    if (before !== 0) this.#shorten(index);
  }

  #link(index: number, before: number): void {
    if (index >= this.#links.length) {
      const larger = new Int32Array(this.#links.length * 2);
      larger.set(this.#links);
      this.#links = larger;
    }
    this.#links[index] = before;
  }

  /** Takes the entry out of a chain that has become too long: the oldest behind the first ones. */
  #shorten(newest: number): void {
    const { first, last } = this.#bounds;
    const links = this.#links;
    let lastKept = newest;
    let length = 1;
    for (let index = newest; links[index] !== 0; length++) {
      index = (links[index] as number) - 1;
      if (length < last) lastKept = index;
    }
    if (length <= first + last) return;
    const dropped = (links[lastKept] as number) - 1;
    links[lastKept] = links[dropped] as number;
  }

  /** The slot of a visitor, or the free one where it belongs. Linear probing. */
  #find(words: Uint32Array, at: number): number {
    const [one, two, three] = [words[at], words[at + 1], words[at + 2]];
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (one as number) & mask; ; slot = (slot + 1) & mask) {
      const link = slots[slot] as number;
      if (link === 0) return slot;
      const page = this.#pages[Math.floor((link - 1) / PAGE)] as Uint32Array;
      const entry = ((link - 1) % PAGE) * WORDS;
      if (page[entry] === one && page[entry + 1] === two && page[entry + 2] === three) return slot;
    }
  }

  #growIndex(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    const mask = this.#slots.length - 1;
    for (const link of old) {
      if (link === 0) continue;
      const page = this.#pages[Math.floor((link - 1) / PAGE)] as Uint32Array;
      let slot = (page[((link - 1) % PAGE) * WORDS] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = link;
    }
  }

  /** The page that takes the next entry. */
  #lastPage(): Uint32Array {
    const number = Math.floor(this.#size / PAGE);
    const page = this.#pages[number];
    if (page && (this.#size % PAGE) * WORDS < page.length) return page;
    const fresh = number === 0 ? FIRST_ENTRIES * WORDS : PAGE_WORDS;
    const larger = new Uint32Array(page ? Math.min(PAGE_WORDS, page.length * 2) : fresh);
    if (page) larger.set(page);
    this.#pages[number] = larger;
    return larger;
  }
}
