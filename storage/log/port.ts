/**
 * The log: P partitions, each an ordered, durable sequence of records. It is the authority on what
 * happened and in which order; everything else is derived from it.
 */

/** A record as it was appended. */
export interface LogRecord {
  /** 1, 2, 3, … without gaps as long as nothing fails; always increasing. */
  readonly sequence: number;
  /** The log's own time of the append, milliseconds since the epoch; never decreases in a partition. */
  readonly time: number;
  readonly data: Uint8Array;
}

export interface LogReader extends AsyncIterable<readonly LogRecord[]> {
  /** Ends the iteration. */
  close(): void;
}

export interface Log {
  readonly partitions: number;

  /**
   * Appends a record and resolves once it is durable.
   *
   * @param recordId makes repeats harmless: within two minutes, appending the same id to the partition again
   *   stores nothing and gives the first sequence, also across processes
   * @throws TurnpikeError `unavailable` when the log cannot take it (nothing was stored);
   *   `deadline_exceeded` when the outcome is unknown: repeat with the same id
   */
  append(partition: number, recordId: string, data: Uint8Array): Promise<number>;

  /** The sequence of the partition's last durable record, 0 if there is none. */
  lastSequence(partition: number): Promise<number>;

  /**
   * Reads from `fromSequence` (or the first record kept after it) on, for ever: what is there, then what
   * is appended, as soon as it is durable. Batches hold at least one record and at most about a MiB;
   * the next is fetched when the consumer asks, so a slow reader holds up nobody.
   */
  read(partition: number, fromSequence: number): LogReader;

  /** Gives up records below `beforeSequence`. */
  trim(partition: number, beforeSequence: number): Promise<void>;

  close(): Promise<void>;
}
