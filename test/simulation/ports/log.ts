/** The simulated log: a server that keeps everything, and the log as a process sees it. */
import type { Log, LogReader, LogRecord } from '../../../storage/log/port.ts';
import type { SimulatedProcess } from '../process.ts';
import { Service } from '../service.ts';
import type { World } from '../world.ts';

const TIMEOUT_MS = 1_500;
const RECORDS_PER_READ = 6;

interface PartitionLog {
  /** All there ever were: what was trimmed is only hidden. */
  readonly records: LogRecord[];
  readonly ids: Map<string, { readonly sequence: number; readonly at: number }>;
  firstSequence: number;
  waiting: (() => void)[];
}

export class LogServer extends Service {
  readonly partitions: readonly PartitionLog[];
  /** Told of every record that is stored. */
  stored: (partition: number, record: LogRecord) => void = () => undefined;
  /** For how long a record id is recognised again. */
  repeatMs = 120_000;
  /** How often a sequence is left out. */
  gaps = 0;
  /**
   * How often it has forgotten that it has stored a batch of messages: who sends these again may have slept for much
   * longer than this world lasts.
   */
  forgets = 0;
  /** How often a worker that tells how far it is has the log trimmed up to there. */
  trims = 0;

  constructor(world: World, partitions: number) {
    super(world, 'log', TIMEOUT_MS);
    this.partitions = Array.from({ length: partitions }, () => ({
      records: [],
      ids: new Map(),
      firstSequence: 1,
      waiting: [],
    }));
  }

  append(partition: number, recordId: string, data: Uint8Array): number {
    const log = this.of(partition);
    const { now, random } = this.world;
    const known = log.ids.get(recordId);
    const isForgotten = recordId.startsWith('messages-') && random.chance(this.forgets);
    if (known !== undefined && !isForgotten && now - known.at < this.repeatMs) return known.sequence;
    const sequence = this.last(partition) + 1 + (random.chance(this.gaps) ? random.integer(1, 3) : 0);
    const record: LogRecord = { sequence, time: now, data };
    log.records.push(record);
    log.ids.set(recordId, { sequence, at: now });
    this.world.note('log', `${partition}:${sequence} stored (${recordId}, ${data.byteLength} bytes)`);
    this.stored(partition, record);
    const { waiting } = log;
    log.waiting = [];
    for (const wake of waiting) wake();
    return sequence;
  }

  last(partition: number): number {
    return this.of(partition).records.at(-1)?.sequence ?? 0;
  }

  trim(partition: number, before: number): void {
    const log = this.of(partition);
    log.firstSequence = Math.max(log.firstSequence, before);
  }

  /** Up to `count` records from a sequence on. */
  slice(partition: number, from: number, count: number): LogRecord[] {
    const { records, firstSequence } = this.of(partition);
    const least = Math.max(from, firstSequence);
    let start = records.length;
    while (start > 0 && (records[start - 1] as LogRecord).sequence >= least) start--;
    return records.slice(start, start + count);
  }

  of(partition: number): PartitionLog {
    const log = this.partitions[partition];
    if (log === undefined) throw new Error(`there is no partition ${partition}`);
    return log;
  }

  /** The log as a process sees it. */
  handle(process: SimulatedProcess): Log {
    return {
      partitions: this.partitions.length,
      append: (partition, recordId, data) =>
        this.ask(
          process,
          () => `append ${recordId} of ${process.name}`,
          () => this.append(partition, recordId, data),
          true,
        ),
      lastSequence: (partition) =>
        this.ask(
          process,
          () => 'lastSequence',
          () => this.last(partition),
        ),
      read: (partition, fromSequence) => new SimulatedReader(this, process, partition, fromSequence),
      trim: (partition, before) =>
        this.ask(
          process,
          () => `trim ${partition} before ${before}`,
          () => this.trim(partition, before),
          true,
        ),
      close: async () => undefined,
    };
  }
}

class SimulatedReader implements LogReader, AsyncIterator<readonly LogRecord[], undefined> {
  readonly #server: LogServer;
  readonly #process: SimulatedProcess;
  readonly #partition: number;
  #next: number;
  #isClosed = false;
  #end: (() => void) | undefined;

  constructor(server: LogServer, process: SimulatedProcess, partition: number, from: number) {
    this.#server = server;
    this.#process = process;
    this.#partition = partition;
    this.#next = from;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  close(): void {
    this.#isClosed = true;
    this.#end?.();
  }

  next(): Promise<IteratorResult<readonly LogRecord[], undefined>> {
    return new Promise((resolve, reject) => {
      this.#end = () => resolve({ done: true, value: undefined });
      if (this.#isClosed) this.#end();
      else this.#fetch((records) => resolve({ done: false, value: records }), reject);
    });
  }

  async return(): Promise<IteratorResult<readonly LogRecord[], undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  #fetch(found: (records: LogRecord[]) => void, failed: (error: unknown) => void): void {
    const server = this.#server;
    const { world } = server;
    const look = (): void => {
      if (this.#isClosed || !this.#process.isAlive) return;
      server
        .ask(
          this.#process,
          () => `read ${this.#partition} from ${this.#next}`,
          () => server.slice(this.#partition, this.#next, world.random.integer(1, RECORDS_PER_READ)),
        )
        .then((records) => {
          if (this.#isClosed) return;
          const last = records.at(-1);
          if (last === undefined) {
            this.#whenAppended(look);
            return;
          }
          this.#next = last.sequence + 1;
          found(records);
        }, failed);
    };
    look();
  }

  /** Looks again when there is something to read, which may be so by now. */
  #whenAppended(look: () => void): void {
    const server = this.#server;
    if (server.last(this.#partition) >= this.#next) look();
    else server.of(this.#partition).waiting.push(() => this.#process.deliver(look));
  }
}
