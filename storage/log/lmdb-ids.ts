/**
 * The ids of the records appended in the last two to four minutes, durable with the records. Two
 * databases take turns: the older one is emptied when the newer one has two minutes in it, which costs
 * the same however many ids there were to forget one by one.
 */
import type { Database, RootDatabase } from 'lmdb';

/** How long the port promises to know an id. */
const MEMORY_MS = 2 * 60_000;
const GENERATION_KEY = 'ids';

interface Generation {
  readonly index: 0 | 1;
  readonly since: number;
}

export class RecordIds {
  readonly #meta: Database<unknown, string>;
  readonly #generations: readonly [Database<number, string>, Database<number, string>];
  #current: Generation;

  /** @param meta where the turn is kept; in the environment of the log */
  constructor(environment: RootDatabase, meta: Database<unknown, string>, now: number) {
    this.#meta = meta;
    const open = (name: string): Database<number, string> =>
      environment.openDB<number, string>(name, { encoding: 'ordered-binary' });
    this.#generations = [open('ids0'), open('ids1')];
    this.#current = (meta.get(GENERATION_KEY) as Generation | undefined) ?? { index: 0, since: now };
  }

  /** The sequence that was given for an id. */
  get(id: string): number | undefined {
    return this.#generations[0].get(id) ?? this.#generations[1].get(id);
  }

  /** Remembers an id. Call it among the writes that store its record. */
  put(id: string, sequence: number): void {
    this.#generations[this.#current.index].put(id, sequence);
  }

  /** Forgets what is old. Call it first among the writes of a commit. */
  rotate(now: number): void {
    if (now - this.#current.since < MEMORY_MS) return;
    this.#current = { index: this.#current.index === 0 ? 1 : 0, since: now };
    this.#generations[this.#current.index].clearAsync();
    this.#meta.put(GENERATION_KEY, this.#current);
  }
}
