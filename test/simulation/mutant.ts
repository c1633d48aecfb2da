/** The system with something put between it and its ports. */
import type { ActorFactories } from '../../actors/actor.ts';
import type { Dedup } from '../../storage/dedup/port.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log, LogReader, LogRecord } from '../../storage/log/port.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import type { SimulatedProcess } from './process.ts';

/** The log as a worker uses it. */
type ReadLog = Pick<Log, 'read' | 'lastSequence'>;

/** What stands between a process and its ports. */
export interface Mutant {
  /** The log that collectors append to. */
  readonly appends?: (log: Pick<Log, 'append'>, process: SimulatedProcess) => Pick<Log, 'append'>;
  /** The log that workers read. */
  readonly reads?: (log: ReadLog, process: SimulatedProcess) => ReadLog;
  /** The log that workers append messages to. */
  readonly sends?: (log: Pick<Log, 'append'>, process: SimulatedProcess) => Pick<Log, 'append'>;
  readonly dedup?: (dedup: Dedup) => Dedup;
  readonly gateway?: (gateway: Pick<Gateway, 'transfer'>) => Pick<Gateway, 'transfer'>;
  readonly snapshots?: (snapshots: Snapshots) => Snapshots;
  /** Made anew for every life of a worker. */
  readonly warehouse?: (warehouse: Pick<Warehouse, 'insert'>) => Pick<Warehouse, 'insert'>;
  readonly sumsAggregates?: boolean;
  /** Actors in the place of those of the product. */
  readonly factories?: Partial<ActorFactories>;
}

/** Changes the records that a worker reads. */
export function changingReads(change: (record: LogRecord, process: SimulatedProcess) => LogRecord): Mutant {
  return {
    reads: (log, process) => ({
      lastSequence: (partition) => log.lastSequence(partition),
      read(partition, fromSequence): LogReader {
        const reader = log.read(partition, fromSequence);
        return {
          close: () => reader.close(),
          async *[Symbol.asyncIterator]() {
            for await (const records of reader) yield records.map((record) => change(record, process));
          },
        };
      },
    }),
  };
}
