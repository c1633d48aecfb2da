/**
 * Snapshots: small durable documents by key, changed by compare-and-set, and leases.
 *
 * Keys are `/`-separated paths of characters A–Z a–z 0–9 `_ = . -`; other text goes through `keyPart`.
 */

export interface Snapshot {
  readonly key: string;
  readonly value: Uint8Array;
  /** Changes with every write of the key; never 0. */
  readonly revision: number;
}

export interface SnapshotWrite {
  readonly key: string;
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
  /** The revision the key must have; 0: it must not exist; `undefined`: whatever. */
  readonly expected?: number;
}

/** Somebody else has changed the key: whoever sees this has lost what it believed to own. */
export class RevisionConflict extends Error {
  constructor(readonly key: string) {
    super(`snapshot ${key} was changed by another owner`);
    this.name = 'RevisionConflict';
  }
}

export interface Lease {
  readonly name: string;
  /** Grows with every new holder: the fencing token. */
  readonly epoch: number;
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Documents that are followed, see `Snapshots.watch`. */
export interface SnapshotWatch {
  /** Resolves when nothing is handed out any more: with a failure if following has become impossible. */
  readonly ended: Promise<Error | undefined>;
  /** Ends it. */
  close(): void;
}

export interface Snapshots {
  /** The document, or `undefined`. */
  get(key: string): Promise<Snapshot | undefined>;

  /** Documents whose key begins with `prefix`, in byte order of their keys. */
  list(prefix: string): AsyncIterable<Snapshot>;

  /**
   * Follows the documents whose key begins with `prefix`, over outages too. Resolves once each that is there
   * now has been handed to `put`; from then on `put` gets each that is written, soon after. Of one that is
   * written several times it gets the last state at least; it may get one more than once. It is not told of
   * deletes. What `put` throws ends the watch.
   *
   * @throws TurnpikeError `unavailable` if they cannot be read now
   */
  watch(prefix: string, put: (snapshot: Snapshot) => void): Promise<SnapshotWatch>;

  /**
   * Writes in the order given and resolves once all is durable. The embedded engine writes all or
   * nothing; a distributed one may stop after any prefix, so callers order their writes.
   *
   * @returns the new revisions, in order (0 for a delete)
   * @throws RevisionConflict where `expected` does not hold
   */
  commit(writes: readonly SnapshotWrite[]): Promise<number[]>;

  /**
   * Takes or renews a lease for `ttlMs`. A new holder gets a higher epoch; the present one keeps its own.
   *
   * @returns the lease, or `undefined` while another owner holds it
   */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;

  /** Gives a lease up, if it is still this one. */
  release(lease: Lease): Promise<void>;

  close(): Promise<void>;
}

/** Any text as a part of a key: what is not allowed in keys is written `=XX` per UTF-8 byte. */
export function keyPart(text: string): string {
  if (/^[A-Za-z0-9_.-]+$/.test(text)) return text;
  let part = '';
  for (const byte of Buffer.from(text)) {
    const char = String.fromCharCode(byte);
    part += /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return part;
}
