/**
 * The dead letters of a partition, as its owner knows them: how many there are, and which are given up when they
 * become too many. Those of messages are not given up before they are replayed: they may be about money. No decision
 * depends on letters, so this happens beside the log, whenever it suits.
 */
import { limits } from '../../limits.ts';
import {
  keptLetter,
  letterKey,
  letterPrefix,
  lettersOf,
  replayedLetterKey,
  replayKey,
} from '../../model/dead-letter.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { Snapshots, SnapshotWrite } from '../../storage/snapshots/port.ts';
import type { DocumentWrite } from '../stored.ts';

export interface KeptLettersOptions {
  readonly partition: number;
  readonly snapshots: Pick<Snapshots, 'list' | 'commit'>;
  /** Called if letters cannot be given up, for a reason that is not one of the moment. */
  readonly failed: (error: unknown) => void;
}

/** What is known of a letter. */
interface Kept {
  readonly isMessage: boolean;
  /** The key of its replay, if it was replayed. */
  readonly replay?: string | undefined;
}

export class KeptLetters {
  readonly #options: KeptLettersOptions;
  /** By the key of a letter, the oldest first. */
  readonly #letters = new Map<string, Kept>();
  /** Letters that were not replayed, and those of messages among them. */
  waiting = 0;
  waitingMessages = 0;
  #trimming: Promise<void> | undefined;

  private constructor(options: KeptLettersOptions) {
    this.#options = options;
  }

  static async open(options: KeptLettersOptions): Promise<KeptLetters> {
    const kept = new KeptLetters(options);
    for await (const { letter, replay } of lettersOf(options.snapshots.list(letterPrefix(options.partition))))
      kept.#letters.set(letterKey(letter), {
        isMessage: letter.kind === 'MESSAGE',
        replay: replay && replayKey(letter),
      });
    kept.#count();
    return kept;
  }

  /** Notes the letters among what was saved, and gives up what is beyond the bound. */
  saved(documents: readonly DocumentWrite[]): void {
    const prefix = letterPrefix(this.#options.partition);
    const found = documents.filter(({ key }) => key.startsWith(prefix));
    if (found.length === 0) return;
    for (const { key, value } of found) {
      const replayed = replayedLetterKey(key);
      if (replayed !== undefined) this.#replayed(replayed, key);
      else if (value && !this.#letters.has(key))
        this.#letters.set(key, { isMessage: keptLetter(value, undefined).letter.kind === 'MESSAGE' });
    }
    this.#count();
    this.#trim();
  }

  #replayed(letter: string, replay: string): void {
    const kept = this.#letters.get(letter);
    if (kept) this.#letters.set(letter, { ...kept, replay });
  }

  /** Ends with what is under way. */
  async stop(): Promise<void> {
    await this.#trimming;
  }

  #trim(): void {
    if (this.#trimming || this.#excess().length === 0) return;
    this.#trimming = this.#giveUp()
      .catch((error: unknown) => {
        // With the next letter it is tried again.
        if (!(error instanceof TurnpikeError && error.retryable)) this.#options.failed(error);
      })
      .finally(() => {
        this.#trimming = undefined;
      });
  }

  /** Letters beyond the bound: those that were replayed first, then the oldest; never messages that wait. */
  #excess(): [letter: string, kept: Kept][] {
    const letters = [...this.#letters];
    const replayed = letters.filter(([, { replay }]) => replay !== undefined);
    const waiting = letters.filter(([, { replay, isMessage }]) => replay === undefined && !isMessage);
    const candidates = [...replayed, ...waiting];
    return candidates.slice(0, Math.max(0, candidates.length - limits.deadLettersPerPartition));
  }

  async #giveUp(): Promise<void> {
    const excess = this.#excess();
    const writes: SnapshotWrite[] = excess.flatMap(([letter, { replay }]) =>
      [letter, ...(replay === undefined ? [] : [replay])].map((key) => ({ key, value: undefined })),
    );
    await this.#options.snapshots.commit(writes);
    for (const [letter] of excess) this.#letters.delete(letter);
    this.#count();
  }

  #count(): void {
    const waiting = [...this.#letters.values()].filter(({ replay }) => replay === undefined);
    this.waiting = waiting.length;
    this.waitingMessages = waiting.filter(({ isMessage }) => isMessage).length;
  }
}
