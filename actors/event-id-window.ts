/**
 * A partition's own memory of event ids: the last `limits.eventIdWindowMs` of record time, at least.
 *
 * Two generations: ids are added to the younger one and looked up in both; when the younger one is a
 * window old (or full) it becomes the older one, and the older one is dropped. This memory, not the
 * collectors' filter, is what counts every event once.
 */
import { limits } from '../limits.ts';
import type { ActorDocument } from './actor.ts';
import { FingerprintSet } from './fingerprint-set.ts';

/** Where a generation stands, as the partition's cursor keeps it. */
export interface GenerationJson {
  readonly number: number;
  readonly startedAt: number;
  readonly size: number;
}

interface Generation {
  readonly number: number;
  readonly startedAt: number;
  readonly set: FingerprintSet;
}

export class EventIdWindow {
  #younger: Generation | undefined;
  #older: Generation | undefined;
  #dropped: string[] = [];

  /** Adds an id at record time `time`; `false` if it was known. */
  add(words: Uint32Array, at: number, time: number): boolean {
    const younger = this.#current(time);
    if (this.#older?.set.has(words, at)) return false;
    return younger.set.add(words, at);
  }

  #current(time: number): Generation {
    const younger = this.#younger;
    if (
      younger &&
      time - younger.startedAt < limits.eventIdWindowMs &&
      younger.set.size < limits.eventIdsPerGeneration
    )
      return younger;
    if (this.#older) this.#drop(this.#older);
    this.#older = younger;
    // Idle for longer than a window: what became the older generation is out of the window as well.
    if (this.#older && time - this.#older.startedAt >= 2 * limits.eventIdWindowMs) {
      this.#drop(this.#older);
      this.#older = undefined;
    }
    this.#younger = { number: (younger?.number ?? 0) + 1, startedAt: time, set: new FingerprintSet() };
    return this.#younger;
  }

  #drop(generation: Generation): void {
    for (let page = 0; page < FingerprintSet.pages(generation.set.size); page++)
      this.#dropped.push(pageName(generation.number, page));
  }

  /** What changed since the last call: pages, and deletions of pages. */
  takeChanges(): ActorDocument[] {
    const changes: ActorDocument[] = this.#dropped.map((name) => ({ name, value: undefined }));
    this.#dropped = [];
    for (const generation of this.#generations())
      for (const page of generation.set.takeChangedPages())
        changes.push({ name: pageName(generation.number, page.index), value: page.data });
    return changes;
  }

  toJson(): GenerationJson[] {
    return this.#generations().map(({ number, startedAt, set }) => ({ number, startedAt, size: set.size }));
  }

  /** The window that `toJson` described, from its pages. */
  static async load(
    generations: readonly GenerationJson[],
    read: (name: string) => Promise<Uint8Array | undefined>,
  ): Promise<EventIdWindow> {
    const window = new EventIdWindow();
    for (const { number, startedAt, size } of generations) {
      const set = new FingerprintSet();
      const pages: Uint8Array[] = [];
      for (let page = 0; page < FingerprintSet.pages(size); page++) {
        const data = await read(pageName(number, page));
        if (data) pages.push(data);
      }
      set.load(pages, size);
      window.#older = window.#younger;
      window.#younger = { number, startedAt, set };
    }
    return window;
  }

  #generations(): Generation[] {
    return [this.#older, this.#younger].filter((generation) => generation !== undefined);
  }
}

function pageName(generation: number, page: number): string {
  return `ids-${generation}/${page}`;
}
