/**
 * The simulated store of snapshots: a server, and the store as a process sees it. Writes of one commit
 * are either one step, as in the embedded engine, or one step each, between which anything may happen.
 */
import {
  type Lease,
  RevisionConflict,
  type Snapshot,
  type Snapshots,
  type SnapshotWatch,
  type SnapshotWrite,
} from '../../../storage/snapshots/port.ts';
import type { SimulatedProcess } from '../process.ts';
import { Service } from '../service.ts';
import type { World } from '../world.ts';

const TIMEOUT_MS = 1_000;

interface Document {
  readonly value: Uint8Array;
  readonly revision: number;
}

export class SnapshotServer extends Service {
  readonly documents = new Map<string, Document>();
  readonly #leases = new Map<string, Lease>();
  readonly #followers = new Set<(key: string) => void>();
  #revision = 0;
  /** Whether a commit is written all or nothing. */
  isAtomic = true;

  constructor(world: World) {
    super(world, 'snapshots', TIMEOUT_MS);
  }

  #write(writes: readonly SnapshotWrite[], owner: string): number[] {
    for (const { key, expected } of writes)
      if (expected !== undefined && (this.documents.get(key)?.revision ?? 0) !== expected) {
        this.world.note(this.name, `conflict on ${key} for ${owner}`);
        throw new RevisionConflict(key);
      }
    return writes.map(({ key, value }) => {
      this.world.note(this.name, `${value ? `put ${value.byteLength} bytes` : 'delete'} ${key} for ${owner}`);
      if (value === undefined) {
        this.documents.delete(key);
        return 0;
      }
      const revision = ++this.#revision;
      this.documents.set(key, { value: new Uint8Array(value), revision });
      for (const tell of this.#followers) tell(key);
      return revision;
    });
  }

  #list(prefix: string): Snapshot[] {
    return [...this.documents]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, document]) => ({ key, ...document }));
  }

  #acquire(name: string, owner: string, ttlMs: number): Lease | undefined {
    const { now } = this.world;
    const held = this.#leases.get(name);
    const isHeld = held !== undefined && held.owner !== '' && now < held.expiresAt;
    if (isHeld && held.owner !== owner) return undefined;
    const epoch = isHeld ? held.epoch : (held?.epoch ?? 0) + 1;
    const lease = { name, owner, epoch, expiresAt: now + ttlMs };
    this.#leases.set(name, lease);
    return lease;
  }

  #release(lease: Lease): void {
    const held = this.#leases.get(lease.name);
    if (held?.epoch !== lease.epoch || held.owner !== lease.owner) return;
    this.#leases.set(lease.name, { ...held, owner: '', expiresAt: 0 });
  }

  /** Tells of what is written, soon after; also over outages, as the engines do. */
  #follow(process: SimulatedProcess, prefix: string, put: (snapshot: Snapshot) => void): SnapshotWatch {
    const { world } = this;
    const putPresent = (key: string): void => {
      const document = this.documents.get(key);
      if (document) put({ key, ...document });
    };
    const tell = (key: string): void => {
      if (key.startsWith(prefix)) world.after(world.latency(), () => process.deliver(() => putPresent(key)));
    };
    let close = (): void => undefined;
    const ended = new Promise<undefined>((resolve) => {
      close = () => {
        this.#followers.delete(tell);
        resolve(undefined);
      };
    });
    process.whenKilled(() => this.#followers.delete(tell));
    this.#followers.add(tell);
    return { ended, close };
  }

  /** The store as a process sees it. */
  handle(process: SimulatedProcess): Snapshots {
    const ask = <T>(what: string, effect: () => T): Promise<T> =>
      this.ask(process, () => `${what} of ${process.name}`, effect);
    const list = (prefix: string): Promise<Snapshot[]> => ask(`list ${prefix}`, () => this.#list(prefix));
    const writeAll = (writes: readonly SnapshotWrite[]): Promise<number[]> =>
      ask(`commit of ${writes.length}`, () => this.#write(writes, process.name));
    return {
      get: (key) =>
        ask(`get ${key}`, () => {
          const document = this.documents.get(key);
          return document && { key, ...document };
        }),
      async *list(prefix) {
        yield* await list(prefix);
      },
      watch: async (prefix, put) => {
        const watch = this.#follow(process, prefix, put);
        try {
          for (const snapshot of await list(prefix)) put(snapshot);
        } catch (error) {
          watch.close();
          throw error;
        }
        return watch;
      },
      commit: async (writes) => {
        if (this.isAtomic) return writeAll(writes);
        const revisions: number[] = [];
        for (const write of writes) revisions.push(...(await writeAll([write])));
        return revisions;
      },
      acquire: (name, owner, ttlMs) => ask(`acquire ${name}`, () => this.#acquire(name, owner, ttlMs)),
      release: (lease) => ask(`release ${lease.name}`, () => this.#release(lease)),
      close: async () => undefined,
    };
  }
}
