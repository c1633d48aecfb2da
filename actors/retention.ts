/**
 * Gives up log records that are saved, in the warehouse, and older than the retention. It notes where each
 * partition stood when, and trims up to the youngest note that is old enough.
 */
import type { Logger } from 'pino';
import type { Log } from '../storage/log/port.ts';
import type { PartitionProgress } from './partition.ts';

const NOTE_MS = 60_000;

interface Note {
  readonly time: number;
  readonly sequence: number;
}

export interface RetentionOptions {
  readonly log: Pick<Log, 'trim'>;
  /** How long records are kept, in milliseconds. */
  readonly retentionMs: number;
  readonly progress: () => Iterable<PartitionProgress>;
  readonly now: () => number;
  readonly logger: Logger;
}

export class Retention {
  readonly #options: RetentionOptions;
  readonly #notes = new Map<number, Note[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.pass().catch((error: unknown) => this.#options.logger.warn({ err: error }, 'log not trimmed'));
    }, NOTE_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Notes where the partitions stand, and trims what is old enough. */
  async pass(): Promise<void> {
    const { log, retentionMs, progress, now } = this.#options;
    const time = now();
    for (const { partition, committed, inserted } of progress()) {
      const notes = this.#notes.get(partition) ?? [];
      this.#notes.set(partition, notes);
      notes.push({ time, sequence: Math.min(committed, inserted) });
      const old = notes.findLastIndex((note) => note.time <= time - retentionMs);
      const note = notes[old];
      if (!note) continue;
      notes.splice(0, old + 1);
      await log.trim(partition, note.sequence + 1);
    }
  }
}
