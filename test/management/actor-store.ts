/** Actors in memory and the documents that they have saved: what the runtime's cells and snapshots are elsewhere. */
import {
  type Actor,
  type ActorDocument,
  type ActorFactories,
  type ActorsByKind,
  type DocumentReader,
  STATE_DOCUMENT,
} from '../../actors/actor.ts';
import type { ActorKind } from '../../model/command.ts';

interface Entry {
  readonly kind: ActorKind;
  readonly id: string;
  readonly documents: Map<string, Uint8Array>;
  actor: Actor | undefined;
  dueAt: number | undefined;
}

export class ActorStore {
  readonly #factories: ActorFactories;
  readonly #entries = new Map<string, Entry>();

  constructor(factories: ActorFactories) {
    this.#factories = factories;
  }

  /** The actor, loaded from its documents if need be. One that was never created is loaded empty. */
  async actor<K extends ActorKind>(kind: K, id: string): Promise<ActorsByKind[K]> {
    const entry = this.#entry(kind, id);
    entry.actor ??= await this.#factories[kind].load(id, this.readerOf(kind, id));
    // What lies under a kind was made by its factory.
    return entry.actor as ActorsByKind[K];
  }

  readerOf(kind: ActorKind, id: string): DocumentReader {
    const { documents } = this.#entry(kind, id);
    return async (name) => {
      const value = documents.get(name);
      return value && { value, revision: 1 };
    };
  }

  save(kind: ActorKind, id: string, changes: readonly ActorDocument[]): void {
    const entry = this.#entry(kind, id);
    for (const { name, value } of changes) {
      if (value) entry.documents.set(name, value);
      else entry.documents.delete(name);
    }
    entry.dueAt = entry.actor?.dueAt();
  }

  /** Changes the saved state of an actor that is there; it is read again when it is needed. */
  change(kind: ActorKind, id: string, change: (state: Uint8Array) => Uint8Array): void {
    const entry = this.#entry(kind, id);
    const state = entry.documents.get(STATE_DOCUMENT);
    if (!state) throw new Error(`there is no ${kind} ${id}`);
    entry.documents.set(STATE_DOCUMENT, change(state));
    entry.actor = undefined;
  }

  /** Those that want to be called by `time`, earliest first. */
  due(time: number): (readonly [ActorKind, string])[] {
    const dueAt = (entry: Entry): number => entry.dueAt ?? Number.POSITIVE_INFINITY;
    return [...this.#entries.values()]
      .filter((entry) => dueAt(entry) <= time)
      .sort((a, b) => dueAt(a) - dueAt(b))
      .map(({ kind, id }) => [kind, id] as const);
  }

  /** Lets go of all actors; their documents stay. */
  passivate(): void {
    for (const entry of this.#entries.values()) entry.actor = undefined;
  }

  clear(): void {
    this.#entries.clear();
  }

  #entry(kind: ActorKind, id: string): Entry {
    const key = `${kind}/${id}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      entry = { kind, id, documents: new Map(), actor: undefined, dueAt: undefined };
      this.#entries.set(key, entry);
    }
    return entry;
  }
}
