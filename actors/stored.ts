/** Documents of a partition among the snapshots, as their owner knows them. */

/** A document that only its owner may change: it is written by compare-and-set. */
export interface Stored {
  /** With which it was read or written last; 0: it is not there; `undefined`: it must be looked up. */
  revision: number | undefined;
}

/** A document that was read. */
export interface ReadDocument {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** What is to become of a document. */
export interface DocumentChange {
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
  /** The document as it must be found; without: whatever is there. */
  readonly stored?: Stored;
  /** Whether what was found in a look-up is newer, and stays. */
  readonly isOlderThan?: (found: Uint8Array) => boolean;
}

export interface DocumentWrite extends DocumentChange {
  readonly key: string;
}
