/**
 * Gives up log records that are saved and in the warehouse, once they are older than the retention or the
 * log is too large. It notes where each partition stood when, and trims up to such notes.
 */
import type { Logger } from 'pino';
import type { Log } from '../../storage/log/port.ts';
import type { PartitionProgress } from '../partition/partition.ts';

const NOTE_MS = 60_000;

interface Note {
  readonly time: number;
  readonly sequence: number;
}

export interface RetentionOptions {
  readonly log: Pick<Log, 'trim'>;
  /** Bytes that the log takes, and may take. */
  readonly bytes: () => Promise<number>;
  readonly maxBytes: number;
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

  /** Notes where the partitions stand, and trims what is old enough or too much. */
  async pass(): Promise<void> {
    const { retentionMs, progress, now, bytes, maxBytes } = this.#options;
    const time = now();
    for (const { partition, committed, inserted } of progress()) {
      const notes = this.#notes.get(partition) ?? [];
      this.#notes.set(partition, notes);
      notes.push({ time, sequence: Math.min(committed, inserted) });
      await this.#trim(
        partition,
        notes.findLastIndex((note) => note.time <= time - retentionMs),
      );
    }
    let isTrimming = true;
    while (isTrimming && (await bytes()) > maxBytes) {
      isTrimming = false;
      for (const [partition, { length }] of this.#notes) {
        if (length === 0) continue;
        isTrimming = true;
        await this.#trim(partition, 0);
      }
    }
  }

  /** Trims a partition up to its note of this index, if there is one. */
  async #trim(partition: number, index: number): Promise<void> {
    const notes = this.#notes.get(partition) ?? [];
    const note = notes[index];
    if (!note) return;
    notes.splice(0, index + 1);
    await this.#options.log.trim(partition, note.sequence + 1);
  }
}
