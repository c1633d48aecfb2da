/**
 * A partition's own memory of event ids: the last `limits.eventIdWindowMs` of record time, at least.
 *
 * Two generations: ids are added to the younger one and looked up in both; when the younger one is a
 * window old (or full) it becomes the older one, and the older one is dropped. This memory, not the
 * collectors' filter, is what counts every event once.
 */
import { limits } from '../../limits.ts';
import { type EventBatch, UNDECIDED } from '../../model/event-batch.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import type { ActorDocument, DocumentReader } from '../actor.ts';
import { type DroppedSet, deletionsOf, PagedSet } from '../memory/paged-set.ts';

/** Where a generation stands, as the partition's cursor keeps it. */
export interface GenerationJson {
  readonly number: number;
  readonly startedAt: number;
  readonly size: number;
}

/** The window, as the partition's cursor keeps it. */
export interface EventIdsJson {
  /** The older one first. */
  readonly generations: readonly GenerationJson[];
  /** Generations that this cursor no longer needs: whoever has it may delete them. */
  readonly dropped: readonly DroppedSet[];
}

interface Generation {
  readonly number: number;
  readonly startedAt: number;
  readonly set: PagedSet;
}

export class EventIdWindow {
  #younger: Generation | undefined;
  #older: Generation | undefined;
  /** Generations that the next cursor will not need, and those that the last one did not. */
  #dropped: DroppedSet[] = [];
  #deletable: readonly DroppedSet[] = [];

  /**
   * Adds the ids of all rows of a batch that are undecided, before the first of them is decided: the sets are larger
   * than the processor's cache, and it need not wait for one look-up after the other.
   *
   * @param time record time
   * @returns for each row 1 if its id was known, else 0
   */
  addRows(batch: EventBatch, time: number): Uint8Array {
    const { rows, fingerprints, verdicts } = batch;
    const isKnown = new Uint8Array(rows);
    for (const { set } of this.#generations()) set.prefetch(fingerprints);
    let younger: PagedSet | undefined;
    let older: PagedSet | undefined;
    /** How many more the younger generation takes. */
    let room = 0;
    for (let row = 0; row < rows; row++) {
      if (verdicts[row] !== UNDECIDED) continue;
      if (younger === undefined || room === 0) {
        younger = this.#current(time).set;
        older = this.#older?.set;
        room = limits.eventIdsPerGeneration - younger.size;
      }
      const at = row * FINGERPRINT_WORDS;
      if (older?.has(fingerprints, at) || !younger.add(fingerprints, at)) isKnown[row] = 1;
      else room--;
    }
    return isKnown;
  }

  #current(time: number): Generation {
    const younger = this.#younger;
    if (
      younger &&
      time - younger.startedAt < limits.eventIdWindowMs &&
      younger.set.size < limits.eventIdsPerGeneration
    )
      return younger;
    if (this.#older) this.#dropped.push(this.#older.set.dropped());
    this.#older = younger;
    // Idle for longer than a window: what became the older generation is out of the window as well.
    if (this.#older && time - this.#older.startedAt >= 2 * limits.eventIdWindowMs) {
      this.#dropped.push(this.#older.set.dropped());
      this.#older = undefined;
    }
    const number = (younger?.number ?? 0) + 1;
    this.#younger = { number, startedAt: time, set: new PagedSet(setName(number)) };
    return this.#younger;
  }

  /** What changed since the last call: pages, and deletions of pages. To be followed by `toJson`. */
  takeChanges(): ActorDocument[] {
    // Not before a cursor that does without them is there: the next owner may need them.
    const changes = deletionsOf(this.#deletable);
    this.#deletable = this.#dropped;
    this.#dropped = [];
    for (const { set } of this.#generations()) changes.push(...set.takeChanges());
    return changes;
  }

  toJson(): EventIdsJson {
    return {
      generations: this.#generations().map(({ number, startedAt, set }) => ({
        number,
        startedAt,
        size: set.size,
      })),
      dropped: this.#deletable,
    };
  }

  /** The window that `toJson` described, from its pages. */
  static async load({ generations, dropped }: EventIdsJson, read: DocumentReader): Promise<EventIdWindow> {
    const window = new EventIdWindow();
    window.#deletable = dropped;
    for (const { number, startedAt, size } of generations) {
      window.#older = window.#younger;
      window.#younger = { number, startedAt, set: await PagedSet.load(setName(number), size, read) };
    }
    return window;
  }

  #generations(): Generation[] {
    return [this.#older, this.#younger].filter((generation) => generation !== undefined);
  }
}

function setName(generation: number): string {
  return `ids-${generation}`;
}
