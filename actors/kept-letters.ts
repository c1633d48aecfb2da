/**
 * The dead letters of a partition, as its owner knows them: how many there are, and which are given up when they
 * become too many. No decision depends on them, so this happens beside the log, whenever it suits.
 */
import { limits } from '../limits.ts';
import { letterKey, letterPrefix, lettersOf, replayedLetterKey, replayKey } from '../model/dead-letter.ts';
import { TurnpikeError } from '../model/errors.ts';
import type { Snapshots, SnapshotWrite } from '../storage/snapshots/port.ts';
import type { DocumentWrite } from './stored.ts';

export interface KeptLettersOptions {
  readonly partition: number;
  readonly snapshots: Pick<Snapshots, 'list' | 'commit'>;
  /** Called if letters cannot be given up, for a reason that is not one of the moment. */
  readonly failed: (error: unknown) => void;
}

export class KeptLetters {
  readonly #options: KeptLettersOptions;
  /** By the key of a letter, the oldest first: the key of its replay, if it was replayed. */
  readonly #letters = new Map<string, string | undefined>();
  /** Letters that were not replayed. */
  waiting = 0;
  #trimming: Promise<void> | undefined;

  private constructor(options: KeptLettersOptions) {
    this.#options = options;
  }

  static async open(options: KeptLettersOptions): Promise<KeptLetters> {
    const kept = new KeptLetters(options);
    for await (const { letter, replay } of lettersOf(options.snapshots.list(letterPrefix(options.partition))))
      kept.#letters.set(letterKey(letter), replay && replayKey(letter));
    kept.#count();
    return kept;
  }

  /** Notes the letters among what was saved, and gives up what is beyond the bound. */
  saved(documents: readonly DocumentWrite[]): void {
    const prefix = letterPrefix(this.#options.partition);
    const keys = documents.map(({ key }) => key).filter((key) => key.startsWith(prefix));
    if (keys.length === 0) return;
    for (const key of keys) {
      const letter = replayedLetterKey(key);
      if (letter === undefined) this.#letters.set(key, this.#letters.get(key));
      else if (this.#letters.has(letter)) this.#letters.set(letter, key);
    }
    this.#count();
    this.#trim();
  }

  /** Ends with what is under way. */
  async stop(): Promise<void> {
    await this.#trimming;
  }

  #trim(): void {
    if (this.#trimming || this.#letters.size <= limits.deadLettersPerPartition) return;
    this.#trimming = this.#giveUp()
      .catch((error: unknown) => {
        // With the next letter it is tried again.
        if (!(error instanceof TurnpikeError && error.retryable)) this.#options.failed(error);
      })
      .finally(() => {
        this.#trimming = undefined;
      });
  }

  async #giveUp(): Promise<void> {
    const letters = [...this.#letters];
    const replayed = letters.filter(([, replay]) => replay !== undefined);
    const waiting = letters.filter(([, replay]) => replay === undefined);
    const excess = [...replayed, ...waiting].slice(0, letters.length - limits.deadLettersPerPartition);
    const writes: SnapshotWrite[] = excess.flatMap(([letter, replay]) =>
      [letter, ...(replay === undefined ? [] : [replay])].map((key) => ({ key, value: undefined })),
    );
    await this.#options.snapshots.commit(writes);
    for (const [letter] of excess) this.#letters.delete(letter);
    this.#count();
  }

  #count(): void {
    this.waiting = [...this.#letters.values()].filter((replay) => replay === undefined).length;
  }
}
