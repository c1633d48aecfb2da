/** The actors of a partition that are in memory: loaded on demand, passivated when idle and saved. */
import { limits } from '../../limits.ts';
import type { ActorKind } from '../../model/command.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { type ActorFactories, type ActorsByKind, type DocumentReader, STATE_DOCUMENT } from '../actor.ts';
import { keys } from '../keys.ts';
import type { ReadDocument } from '../stored.ts';
import { Cell } from './cell.ts';

export class Cells {
  readonly #partition: number;
  readonly #snapshots: Pick<Snapshots, 'get'>;
  readonly #factories: ActorFactories;
  readonly #mostInMemory: number;
  /** By kind and id. */
  readonly #cells = new Map<ActorKind, Map<string, Cell>>();
  #size = 0;
  /** Counts uses, so that it is known which actor was used last. */
  #uses = 0;
  /** Loads under way: a record and a query may want the same actor, and there must be only one. */
  readonly #loading = new Map<string, Promise<Cell>>();

  /** @param mostInMemory actors that are kept, those apart that are still to be saved */
  constructor(
    partition: number,
    snapshots: Pick<Snapshots, 'get'>,
    factories: ActorFactories,
    mostInMemory: number = limits.actorsInMemory,
  ) {
    this.#partition = partition;
    this.#snapshots = snapshots;
    this.#factories = factories;
    this.#mostInMemory = mostInMemory;
  }

  get size(): number {
    return this.#size;
  }

  /** The actor if it is in memory. */
  get<K extends ActorKind>(kind: K, id: string): Cell<ActorsByKind[K]> | undefined {
    // What lies under a kind was made by its factory.
    return this.#cells.get(kind)?.get(id) as Cell<ActorsByKind[K]> | undefined;
  }

  /** The actor, loaded if need be. One that was never created is loaded empty. */
  async load<K extends ActorKind>(kind: K, id: string): Promise<Cell<ActorsByKind[K]>> {
    const known = this.get(kind, id);
    if (known) return known;
    const key = `${kind}/${id}`;
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#load(kind, id).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading as Promise<Cell<ActorsByKind[K]>>;
  }

  async #load(kind: ActorKind, id: string): Promise<Cell> {
    let revision = 0;
    const read: DocumentReader = async (name) => {
      const key = keys.actorDocument(this.#partition, kind, id, name);
      const snapshot = await this.#snapshots.get(key);
      if (name === STATE_DOCUMENT) revision = snapshot?.revision ?? 0;
      return snapshot;
    };
    const actor = await this.#factories[kind].load(id, read, this.#partition);
    // It may have been created meanwhile: then what was read is older.
    const known = this.get(kind, id);
    if (known) return known;
    const cell = new Cell(this.#partition, kind, actor, revision);
    this.touch(cell);
    return cell;
  }

  /** Reads the saved documents of an actor. */
  readerOf(cell: Cell): DocumentReader {
    return (name) => this.#snapshots.get(cell.documentKey(name));
  }

  /** A document of the partition itself. */
  ownDocument(name: string): Promise<ReadDocument | undefined> {
    return this.#snapshots.get(keys.partitionDocument(this.#partition, name));
  }

  /** Lets go of an actor that was asked for but does not exist. */
  forget(cell: Cell): void {
    if (!cell.actor.exists) this.#drop(cell);
  }

  /**
   * Marks an actor as used just now. It is in memory then, in any case: whoever has asked for it while it did not exist
   * may have let go of it before the record that creates it was applied.
   */
  touch(cell: Cell): void {
    cell.lastUse = ++this.#uses;
    if (this.get(cell.kind, cell.actor.id) !== cell) this.#keep(cell);
  }

  #keep(cell: Cell): void {
    const { kind, actor } = cell;
    const cells = this.#cells.get(kind) ?? new Map<string, Cell>();
    if (cells.size === 0) this.#cells.set(kind, cells);
    if (!cells.has(actor.id)) this.#size++;
    cells.set(actor.id, cell);
  }

  /**
   * Lets go of actors that need not be in memory: the least recently used beyond those that are kept, and all that
   * were never created. To be called while no block is open.
   */
  passivate(): void {
    for (const cell of this.#unpinned()) if (!cell.actor.exists) this.#drop(cell);
    const excess = this.#size - this.#mostInMemory;
    if (excess <= 0) return;
    const byUse = [...this.#unpinned()].sort((one, other) => one.lastUse - other.lastUse);
    for (const cell of byUse.slice(0, excess)) this.#drop(cell);
  }

  *#unpinned(): Generator<Cell> {
    for (const cells of this.#cells.values())
      for (const cell of cells.values()) if (cell.pins === 0) yield cell;
  }

  #drop({ kind, actor }: Cell): void {
    if (this.#cells.get(kind)?.delete(actor.id)) this.#size--;
  }
}
