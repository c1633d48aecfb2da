/**
 * Following documents in LMDB. Other threads write them, which tell nobody: whoever follows looks, ten
 * times a second, whether the counter of revisions has moved, which is one read of memory.
 */
import type { Snapshot, SnapshotWatch } from './port.ts';

const POLL_MS = 100;

/** What was written behind a revision. */
export interface Changes {
  readonly snapshots: readonly Snapshot[];
  /** All up to this revision was looked at. */
  readonly revision: number;
  /** Whether there was more than is looked at in one go. */
  readonly isMore: boolean;
}

export interface LmdbWatchOptions {
  readonly fromRevision: number;
  readonly changesBehind: (revision: number) => Changes;
  readonly put: (snapshot: Snapshot) => void;
}

export class LmdbWatch implements SnapshotWatch {
  readonly ended: Promise<Error | undefined>;
  readonly #options: LmdbWatchOptions;
  #revision: number;
  #timer: NodeJS.Timeout | undefined;
  #end: (failure: Error | undefined) => void = () => undefined;

  constructor(options: LmdbWatchOptions) {
    this.#options = options;
    this.#revision = options.fromRevision;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#schedule(POLL_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#end(undefined);
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => this.#poll(), delayMs);
  }

  #poll(): void {
    try {
      const { snapshots, revision, isMore } = this.#options.changesBehind(this.#revision);
      for (const snapshot of snapshots) {
        this.#options.put(snapshot);
        if (this.#timer === undefined) return;
      }
      this.#revision = revision;
      this.#schedule(isMore ? 0 : POLL_MS);
    } catch (error) {
      this.#timer = undefined;
      this.#end(error as Error);
    }
  }
}
