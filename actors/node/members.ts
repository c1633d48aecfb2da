/**
 * The actor nodes that are alive. Each writes a document of its own again and again; a node whose document
 * has not changed for a while, by the watch of whoever looks, is gone. Clocks are not compared.
 */
import { RevisionConflict, type Snapshots } from '../../storage/snapshots/port.ts';
import { keys } from '../keys.ts';

/** A node that is not heard of for this long is taken for dead. */
const SILENT_MS = 2_500;
/** What a dead node has left behind is removed after this long. */
const FORGOTTEN_MS = 60_000;

interface Sighting {
  readonly revision: number;
  /** When the revision was first seen. */
  readonly since: number;
}

export class Members {
  readonly #node: string;
  readonly #snapshots: Snapshots;
  readonly #now: () => number;
  #sightings = new Map<string, Sighting>();

  /** @param now milliseconds that never step back much: only differences count */
  constructor(node: string, snapshots: Snapshots, now: () => number) {
    this.#node = node;
    this.#snapshots = snapshots;
    this.#now = now;
  }

  /** Says that this node is alive, and looks who else is. @returns the names of the live nodes, sorted */
  async meet(): Promise<string[]> {
    await this.#snapshots.commit([{ key: keys.member(this.#node), value: Buffer.from('{}') }]);
    const sightings = new Map<string, Sighting>();
    const alive: string[] = [];
    for await (const { key, revision } of this.#snapshots.list(keys.memberPrefix)) {
      const known = this.#sightings.get(key);
      const now = this.#now();
      const sighting = known?.revision === revision ? known : { revision, since: now };
      sightings.set(key, sighting);
      const silentMs = now - sighting.since;
      if (silentMs < SILENT_MS) alive.push(key.slice(keys.memberPrefix.length));
      else if (silentMs > FORGOTTEN_MS) await this.#forget(key, revision);
    }
    this.#sightings = sightings;
    return alive.sort();
  }

  /** Says that this node is no longer there. */
  async leave(): Promise<void> {
    await this.#snapshots.commit([{ key: keys.member(this.#node), value: undefined }]);
  }

  async #forget(key: string, revision: number): Promise<void> {
    try {
      await this.#snapshots.commit([{ key, value: undefined, expected: revision }]);
    } catch (error) {
      // It lives after all, or somebody else was faster.
      if (!(error instanceof RevisionConflict)) throw error;
    }
  }
}
