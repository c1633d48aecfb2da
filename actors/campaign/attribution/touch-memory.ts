/**
 * What a campaign remembers of its visitors' clicks, or of their views: two generations of touches. Touches go
 * into the younger one and are looked for in both. When the younger one is as old as the campaign looks back, or
 * full, it becomes the older one, and the older one is dropped as a whole. So a touch is remembered for as long
 * as the campaign looks back, at least, unless there are more touches than the bounds allow.
 */
import { limits } from '../../../limits.ts';
import { type ActorDocument, type DocumentReader, missing } from '../../actor.ts';
import { type DroppedSet, pageName } from '../../memory/paged-set.ts';
import type { Stored } from '../../stored.ts';
import { type ChainBounds, type LatestTouch, TouchLog } from './touch-log.ts';
import { TouchSources } from './touch-sources.ts';

/** What a memory of touches may hold. */
export interface TouchBounds extends ChainBounds {
  readonly touchesPerGeneration: number;
  /** Whether touches of one visitor that are near to each other are one in any case, and not only where they are many. */
  readonly mergesNear: boolean;
}

/** A touch with whom it leads to. */
export interface RememberedTouch {
  readonly partnerId: string;
  readonly contentId: string;
  /** Milliseconds since the epoch. */
  readonly touchedAt: number;
  readonly nonce: readonly [number, number];
}

/** Where a generation stands: number, record time of its beginning, touches and sources that count. */
export type TouchGenerationJson = readonly [number: number, startedAt: number, size: number, sources: number];

interface Generation {
  readonly number: number;
  readonly startedAt: number;
  readonly touches: TouchLog;
  readonly sources: TouchSources;
  /** Pages that may be written again, by name. */
  readonly stored: Map<string, Stored>;
}

export class TouchMemory {
  readonly #name: string;
  readonly #bounds: TouchBounds;
  #younger: Generation | undefined;
  #older: Generation | undefined;
  #dropped: DroppedSet[] = [];

  /** @param name of its pages among the actor's documents */
  constructor(name: string, bounds: TouchBounds) {
    this.#name = name;
    this.#bounds = bounds;
  }

  /**
   * Remembers a touch of the visitor whose fingerprint begins at `words[at]`.
   *
   * @param time record time, milliseconds since the epoch
   * @param lookBackMs how far back the campaign looks
   */
  add(words: Uint32Array, at: number, touch: RememberedTouch, time: number, lookBackMs: number): void {
    const { partnerId, contentId, touchedAt, nonce } = touch;
    const { touches, sources } = this.#current(touch, time, lookBackMs);
    const source = sources.indexOf(partnerId, contentId);
    if (this.#isNoNews(touches.latest(words, at), touchedAt, source)) return;
    touches.add(words, at, { touchedAt, nonce, source });
  }

  /** The touches that are remembered of a visitor, in no order that means anything. */
  of(words: Uint32Array, at: number): RememberedTouch[] {
    return this.#generations().flatMap(({ touches, sources }) =>
      touches.of(words, at).map(({ touchedAt, nonce, source }) => {
        const [partnerId, contentId] = sources.at(source);
        return { partnerId, contentId, touchedAt, nonce };
      }),
    );
  }

  /** Forgets everything, for good: nobody will ask any more. */
  clear(): void {
    for (const generation of this.#generations()) this.#drop(generation);
    this.#older = undefined;
    this.#younger = undefined;
  }

  /** The pages that changed since the last call. To be followed by `toJson`. */
  takeChanges(): ActorDocument[] {
    return this.#generations().flatMap((generation) => {
      const { touches, sources } = generation;
      return [
        ...changesOf(generation, this.#touchesName(generation.number), touches.takeChangedPages()),
        ...changesOf(generation, this.#sourcesName(generation.number), sources.takeChangedPages()),
      ];
    });
  }

  /** What was dropped since the last call. */
  takeDropped(): DroppedSet[] {
    const dropped = this.#dropped;
    this.#dropped = [];
    return dropped;
  }

  /** The older generation first. */
  toJson(): TouchGenerationJson[] {
    return this.#generations().map(({ number, startedAt, touches, sources }) => [
      number,
      startedAt,
      touches.size,
      sources.size,
    ]);
  }

  /**
   * The memory that `toJson` described, from its pages.
   *
   * @throws Error if a page is missing: another owner has gone on meanwhile
   */
  static async load(
    name: string,
    bounds: TouchBounds,
    generations: readonly TouchGenerationJson[],
    read: DocumentReader,
  ): Promise<TouchMemory> {
    const memory = new TouchMemory(name, bounds);
    for (const [number, startedAt, size, sources] of generations) {
      memory.#older = memory.#younger;
      const generation = memory.#generation(number, startedAt);
      memory.#younger = generation;
      const { stored } = generation;
      const pages = await readPages(memory.#touchesName(number), TouchLog.pages(size), stored, read);
      generation.touches.load(pages, size);
      const texts = await readPages(memory.#sourcesName(number), TouchSources.pages(sources), stored, read);
      generation.sources.load(texts, sources);
    }
    return memory;
  }

  /** The generation that takes a touch. */
  #current({ partnerId, contentId }: RememberedTouch, time: number, lookBackMs: number): Generation {
    const younger = this.#younger;
    if (
      younger &&
      time - younger.startedAt < lookBackMs &&
      younger.touches.size < this.#bounds.touchesPerGeneration &&
      (younger.sources.size < limits.touchSourcesPerGeneration || younger.sources.has(partnerId, contentId))
    )
      return younger;
    if (this.#older) this.#drop(this.#older);
    this.#older = younger;
    // Nobody came for longer than the campaign looks back: what became the older one is of no use either.
    if (this.#older && time - this.#older.startedAt >= 2 * lookBackMs) {
      this.#drop(this.#older);
      this.#older = undefined;
    }
    const fresh = this.#generation((younger?.number ?? 0) + 1, time);
    this.#younger = fresh;
    return fresh;
  }

  /** Whether a touch adds nothing: a visitor who comes again and again must not push others out. */
  #isNoNews(known: LatestTouch | undefined, touchedAt: number, source: number): boolean {
    if (!known || Math.abs(touchedAt - known.touchedAt) >= limits.touchesApartMs) return false;
    const { first, last, mergesNear } = this.#bounds;
    return mergesNear ? known.source === source : known.found >= first + last;
  }

  #drop({ number, touches, sources }: Generation): void {
    this.#dropped.push(
      { name: this.#touchesName(number), pages: TouchLog.pages(touches.saved) },
      { name: this.#sourcesName(number), pages: TouchSources.pages(sources.saved) },
    );
  }

  #generation(number: number, startedAt: number): Generation {
    const touches = new TouchLog(this.#bounds);
    return { number, startedAt, touches, sources: new TouchSources(), stored: new Map() };
  }

  #generations(): Generation[] {
    return [this.#older, this.#younger].filter((generation) => generation !== undefined);
  }

  #touchesName(generation: number): string {
    return `${this.#name}-${generation}`;
  }

  #sourcesName(generation: number): string {
    return `${this.#name}-sources-${generation}`;
  }
}

interface ChangedPage {
  readonly index: number;
  readonly data: Uint8Array;
  readonly isFull: boolean;
}

function changesOf(
  { stored: known }: Generation,
  set: string,
  pages: readonly ChangedPage[],
): ActorDocument[] {
  return pages.map(({ index, data, isFull }) => {
    const name = pageName(set, index);
    const stored = known.get(name) ?? { revision: undefined };
    if (isFull) known.delete(name);
    else known.set(name, stored);
    // Pages only grow, and always in the same order: the longer one has the shorter one in it.
    const isOlderThan = (found: Uint8Array): boolean => found.byteLength > data.byteLength;
    return { name, value: data, stored, isOlderThan };
  });
}

async function readPages(
  set: string,
  count: number,
  stored: Map<string, Stored>,
  read: DocumentReader,
): Promise<Uint8Array[]> {
  const pages: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const name = pageName(set, index);
    const { value, revision } = (await read(name)) ?? missing(name);
    pages.push(value);
    if (index === count - 1) stored.set(name, { revision });
  }
  return pages;
}
