/** The partners and contents of touches: each pair once, in the order of arrival, in pages of JSON. */
import { limits } from '../../../limits.ts';

const PAGE = limits.touchSourcesPerPage;

export type TouchSource = readonly [partnerId: string, contentId: string];

export interface SourcePage {
  readonly index: number;
  readonly data: Uint8Array;
  readonly isFull: boolean;
}

export class TouchSources {
  readonly #sources: TouchSource[] = [];
  readonly #indexes = new Map<string, number>();
  #saved = 0;

  get size(): number {
    return this.#sources.length;
  }

  get saved(): number {
    return this.#saved;
  }

  static pages(size: number): number {
    return Math.ceil(size / PAGE);
  }

  /** The index of a pair, which is new if it was not there. */
  indexOf(partnerId: string, contentId: string): number {
    const key = keyOf(partnerId, contentId);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    this.#indexes.set(key, this.#sources.length);
    return this.#sources.push([partnerId, contentId]) - 1;
  }

  has(partnerId: string, contentId: string): boolean {
    return this.#indexes.has(keyOf(partnerId, contentId));
  }

  at(index: number): TouchSource {
    return this.#sources[index] as TouchSource;
  }

  /** The pages that changed since the last call. */
  takeChangedPages(): SourcePage[] {
    const changed: SourcePage[] = [];
    if (this.#saved === this.size) return changed;
    for (let index = Math.floor(this.#saved / PAGE); index < TouchSources.pages(this.size); index++) {
      const pairs = this.#sources.slice(index * PAGE, (index + 1) * PAGE);
      changed.push({ index, data: Buffer.from(JSON.stringify(pairs)), isFull: pairs.length === PAGE });
    }
    this.#saved = this.size;
    return changed;
  }

  /** @param size how many of the pages' pairs count */
  load(pages: Iterable<Uint8Array>, size: number): void {
    for (const data of pages)
      for (const [partnerId, contentId] of JSON.parse(Buffer.from(data).toString()) as TouchSource[])
        if (this.size < size) this.indexOf(partnerId, contentId);
    if (this.size !== size)
      throw new Error(`of ${size} sources of touches only ${this.size} are in their pages`);
    this.#saved = size;
  }
}

/** The length keeps pairs apart, whatever the texts hold. */
function keyOf(partnerId: string, contentId: string): string {
  return `${partnerId.length}:${partnerId}${contentId}`;
}
