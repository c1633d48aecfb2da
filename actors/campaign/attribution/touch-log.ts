/**
 * Touches in the order of their arrival, in pages as they are saved. An index, in memory alone, leads from a visitor
 * to the touches that are remembered of them: the first few and the last few, in a chain from the newest to the
 * oldest. What falls out of a chain stays in its page, and is never found again. Index and chains follow from the
 * pages, so a restored log is the one that was saved.
 *
 * An entry takes 32 bytes, its link 4, and a visitor 4 beside the index.
 */
import { limits } from '../../../limits.ts';
import { FINGERPRINT_WORDS } from '../../../model/fingerprint.ts';
import { type EntryPage, EntryPages } from '../../memory/entry-pages.ts';
import { FingerprintIndex, type Fingerprints } from '../../memory/fingerprint-index.ts';

/** visitor 3 | time 2 (high, low) | nonce 2 | source 1 */
const WORDS = 8;
const TIME = FINGERPRINT_WORDS;
const NONCE = TIME + 2;
const SOURCE = NONCE + 2;
const TWO_32 = 0x1_0000_0000;

const PAGE = limits.touchesPerPage;
const FIRST_ENTRIES = 8;

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

/** The visitors, numbered as they came, by their newest entries. */
class Visitors implements Fingerprints {
  readonly #entries: EntryPages;
  readonly #index = new FingerprintIndex(this);
  /** By number. */
  #newest = new Int32Array(FIRST_ENTRIES);

  constructor(entries: EntryPages) {
    this.#entries = entries;
  }

  /** The newest entry of a visitor, or −1. */
  newest(words: Uint32Array, at: number): number {
    const number = this.#index.find(words, at);
    return number < 0 ? -1 : (this.#newest[number] as number);
  }

  /** Notes the newest entry of a visitor. Gives the one before it, or −1. */
  note(words: Uint32Array, at: number, entry: number): number {
    const { size } = this.#index;
    const number = this.#index.enter(words, at);
    const isNew = number === size;
    if (number === this.#newest.length) this.#newest = longer(this.#newest);
    const before = isNew ? -1 : (this.#newest[number] as number);
    this.#newest[number] = entry;
    return before;
  }

  firstOf(number: number): number {
    return this.#entries.firstOf(this.#newest[number] as number);
  }

  isAt(number: number, words: Uint32Array, at: number): boolean {
    return this.#entries.isAt(this.#newest[number] as number, words, at);
  }
}

export class TouchLog {
  readonly #bounds: ChainBounds;
  readonly #entries = new EntryPages(WORDS, PAGE);
  readonly #visitors = new Visitors(this.#entries);
  /** Of each entry the one before it in its chain, + 1; 0: there is none. */
  #links = new Int32Array(FIRST_ENTRIES);
  /** The entry that is being added. */
  readonly #entry = new Uint32Array(WORDS);

  constructor(bounds: ChainBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many of the entries the pages taken so far hold. */
  get saved(): number {
    return this.#entries.saved;
  }

  static pages(size: number): number {
    return Math.ceil(size / PAGE);
  }

  /** Adds a touch of the visitor whose fingerprint begins at `words[at]`. */
  add(words: Uint32Array, at: number, { touchedAt, nonce, source }: LoggedTouch): void {
    const entry = this.#entry;
    for (let i = 0; i < FINGERPRINT_WORDS; i++) entry[i] = words[at + i] as number;
    entry[TIME] = Math.floor(touchedAt / TWO_32);
    entry[TIME + 1] = touchedAt >>> 0;
    entry[NONCE] = nonce[0];
    entry[NONCE + 1] = nonce[1];
    entry[SOURCE] = source;
    const index = this.#entries.size;
    this.#entries.add(entry, 0);
    this.#chain(entry, 0, index);
  }

  /** The touches of a visitor that are found, the newest first. */
  of(words: Uint32Array, at: number): LoggedTouch[] {
    const found: LoggedTouch[] = [];
    for (let entry = this.#visitors.newest(words, at); entry >= 0; entry = this.#before(entry))
      found.push(this.#touch(entry));
    return found;
  }

  /** The newest of them. */
  latest(words: Uint32Array, at: number): LatestTouch | undefined {
    const newest = this.#visitors.newest(words, at);
    if (newest < 0) return undefined;
    let found = 0;
    for (let entry = newest; entry >= 0; entry = this.#before(entry)) found++;
    return { ...this.#touch(newest), found };
  }

  /** The pages that changed since the last call. */
  takeChangedPages(): EntryPage[] {
    return this.#entries.takeChangedPages();
  }

  /**
   * Fills an empty log from its pages, in order.
   *
   * @param size how many of their entries count: a page may have been written by a block that was never completed
   */
  load(pages: Iterable<Uint8Array>, size: number): void {
    this.#entries.load(pages, size, (words, before) => {
      for (let at = 0; at < words.length; at += WORDS) this.#chain(words, at, before + at / WORDS);
    });
  }

  #touch(index: number): LoggedTouch {
    const word = (of: number): number => this.#entries.word(index, of);
    return {
      touchedAt: word(TIME) * TWO_32 + word(TIME + 1),
      nonce: [word(NONCE), word(NONCE + 1)],
      source: word(SOURCE),
    };
  }

  /** The entry before another in its chain, or −1. */
  #before(entry: number): number {
    return (this.#links[entry] as number) - 1;
  }

  /** Adds an entry, whose words begin at `words[at]`, to the chain of its visitor. */
  #chain(words: Uint32Array, at: number, index: number): void {
    const before = this.#visitors.note(words, at, index);
    if (index === this.#links.length) this.#links = longer(this.#links);
    this.#links[index] = before + 1;
    if (before >= 0) this.#shorten(index);
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
}

function longer(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
