/**
 * The ids of the records appended in the last two to four minutes, durable with the records. Two
 * databases take turns: the older one is emptied when the newer one has two minutes in it, which costs
 * the same however many ids there were to forget one by one.
 *
 * What a collector sends to several partitions together has one id, and is one entry here: with one for each
 * record, a commit of 12 of them wrote a third more, in 29 pieces instead of 23.
 */
import type { Database, RootDatabase } from 'lmdb';

/** How long the port promises to know an id. */
const MEMORY_MS = 2 * 60_000;
const GENERATION_KEY = 'ids';

interface Generation {
  readonly index: 0 | 1;
  readonly since: number;
}

/** Partitions and sequences in turn: where the records of one id are. */
type Places = readonly number[];

export class RecordIds {
  readonly #meta: Database<unknown, string>;
  readonly #generations: readonly [Database<Places, string>, Database<Places, string>];
  #current: Generation;
  /** Of the commit that is being put together, by id. */
  readonly #added = new Map<string, number[]>();

  /** @param meta where the turn is kept; in the environment of the log */
  constructor(environment: RootDatabase, meta: Database<unknown, string>, now: number) {
    this.#meta = meta;
    const open = (name: string): Database<Places, string> =>
      environment.openDB<Places, string>(name, { encoding: 'ordered-binary' });
    this.#generations = [open('ids0'), open('ids1')];
    this.#current = (meta.get(GENERATION_KEY) as Generation | undefined) ?? { index: 0, since: now };
  }

  /** The sequence that the partition's record with this id was given. */
  get(partition: number, id: string): number | undefined {
    const places = this.#places(id);
    if (places === undefined) return undefined;
    for (let at = 0; at < places.length; at += 2) if (places[at] === partition) return places[at + 1];
    return undefined;
  }

  /** Remembers an id, once `write` is called. */
  add(partition: number, id: string, sequence: number): void {
    const places = this.#added.get(id);
    if (places === undefined) this.#added.set(id, [...(this.#places(id) ?? []), partition, sequence]);
    else places.push(partition, sequence);
  }

  /** Writes what was added. Call it among the writes that store the records. */
  write(): void {
    const current = this.#generations[this.#current.index];
    for (const [id, places] of this.#added) current.put(id, places);
    this.#added.clear();
  }

  /** Begins a commit, and forgets what is old. Call it first among its writes. */
  begin(now: number): void {
    this.#added.clear();
    if (now - this.#current.since < MEMORY_MS) return;
    this.#current = { index: this.#current.index === 0 ? 1 : 0, since: now };
    this.#generations[this.#current.index].clearAsync();
    this.#meta.put(GENERATION_KEY, this.#current);
  }

  #places(id: string): Places | undefined {
    const { index } = this.#current;
    return this.#generations[index].get(id) ?? this.#generations[1 - index]?.get(id);
  }
}
