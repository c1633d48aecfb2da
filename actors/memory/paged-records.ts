/**
 * Records of an actor that are too many for memory: lines of text, appended one by one and found again by their
 * index, in pages among the snapshots. In memory are the last page, which grows, and pages that are not saved
 * yet; what is in no other is read when it is asked for.
 *
 * Pages are written before the state that says how many of their records count, and the two need not both get
 * there, as with a `PagedSet`: a page may hold more than counts. It grows by whole lines, and always by the same
 * ones: the longer of two has the shorter one in it.
 */
import { limits } from '../../limits.ts';
import { type ActorDocument, type DocumentReader, missing } from '../actor.ts';
import type { Stored } from '../stored.ts';
import { pageName } from './paged-set.ts';

const PAGE = limits.recordsPerPage;

/** A page in memory. */
interface Page {
  readonly lines: string[];
  readonly stored: Stored;
  /** As it was handed out last, if it was. */
  written: WrittenPage | undefined;
  isChanged: boolean;
}

/**
 * Hears when a page is saved as it was handed out. Who writes it sets the revision: first to what a look-up has
 * found, if none was known, then to that of the write.
 */
class WrittenPage implements Stored {
  readonly #stored: Stored;
  readonly #saved: (written: WrittenPage) => void;

  constructor(stored: Stored, saved: (written: WrittenPage) => void) {
    this.#stored = stored;
    this.#saved = saved;
  }

  get revision(): number | undefined {
    return this.#stored.revision;
  }

  set revision(revision: number | undefined) {
    const isWritten = this.#stored.revision !== undefined;
    this.#stored.revision = revision;
    if (isWritten) this.#saved(this);
  }

  /** Says whether what was found has all of this page and more: then it need not be written. */
  isIn(found: Uint8Array, { byteLength }: Uint8Array): boolean {
    const isIn = found.byteLength > byteLength;
    if (isIn) this.#saved(this);
    return isIn;
  }
}

export class PagedRecords {
  readonly name: string;
  /** Pages in memory, by index, in order. */
  readonly #pages = new Map<number, Page>();
  #size = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Records appended, ever. */
  get size(): number {
    return this.#size;
  }

  /** How many of them are in memory. */
  get inMemory(): number {
    let records = 0;
    for (const { lines } of this.#pages.values()) records += lines.length;
    return records;
  }

  /** @param record a line without its end; it may be empty */
  append(record: string): void {
    const page = this.#lastPage();
    page.lines.push(record);
    page.isChanged = true;
    this.#size++;
  }

  /**
   * The record of an index below `size`.
   *
   * @throws Error if its page is missing: another owner has gone on meanwhile
   */
  async at(index: number, read: DocumentReader): Promise<string> {
    const number = Math.floor(index / PAGE);
    const name = pageName(this.name, number);
    const lines = this.#pages.get(number)?.lines ?? linesOf((await read(name)) ?? missing(name));
    return lines[index % PAGE] ?? missing(`${name} of record ${index}`);
  }

  /** The pages that changed since the last call. */
  takeChanges(): ActorDocument[] {
    const changes: ActorDocument[] = [];
    for (const [index, page] of this.#pages) if (page.isChanged) changes.push(this.#handOut(index, page));
    return changes;
  }

  #handOut(index: number, page: Page): ActorDocument {
    const written = new WrittenPage(page.stored, (saved) => {
      // An earlier state of it may be saved while it grows, or waits to be saved again.
      const isWhole = page.written === saved && page.lines.length === PAGE;
      if (isWhole && !page.isChanged) this.#pages.delete(index);
    });
    page.written = written;
    page.isChanged = false;
    const value = Buffer.from(page.lines.map((line) => `${line}\n`).join(''));
    const isOlderThan = (found: Uint8Array): boolean => written.isIn(found, value);
    return { name: pageName(this.name, index), value, stored: written, isOlderThan };
  }

  /** The page that takes the next record. */
  #lastPage(): Page {
    const index = Math.floor(this.#size / PAGE);
    const known = this.#pages.get(index);
    if (known) return known;
    const page: Page = { lines: [], stored: { revision: undefined }, written: undefined, isChanged: false };
    this.#pages.set(index, page);
    return page;
  }

  /**
   * Restores records.
   *
   * @param size how many of those in the pages count
   * @throws Error if the page that grows is missing: another owner has gone on meanwhile
   */
  static async load(name: string, size: number, read: DocumentReader): Promise<PagedRecords> {
    const records = new PagedRecords(name);
    records.#size = size;
    const left = size % PAGE;
    if (left === 0) return records;
    const index = Math.floor(size / PAGE);
    const document = (await read(pageName(name, index))) ?? missing(pageName(name, index));
    const lines = linesOf(document).slice(0, left);
    if (lines.length < left) missing(`${pageName(name, index)} of record ${size - 1}`);
    const { revision } = document;
    records.#pages.set(index, { lines, stored: { revision }, written: undefined, isChanged: false });
    return records;
  }
}

function linesOf({ value }: { readonly value: Uint8Array }): string[] {
  const lines = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString().split('\n');
  // Each ends with a line break: behind the last there is nothing.
  lines.pop();
  return lines;
}
