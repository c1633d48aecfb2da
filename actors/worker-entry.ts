/** The entry of an actor thread: it opens this thread's side of the engines and starts the worker. */
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { SYSTEM_CLOCK } from '../model/clock.ts';
import { type LmdbLogHandle, openSharedLmdbLog } from '../storage/log/lmdb.ts';
import { openLmdbSnapshots } from '../storage/snapshots/lmdb.ts';
import { campaignActors } from './campaign/actor.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { PartitionWorker, WarehouseProxy } from './worker.ts';

/** The embedded engines, as a thread can open them: the warehouse stays on the main thread. */
export interface WorkerEngines {
  readonly log: LmdbLogHandle;
  readonly snapshotsDirectory: string;
}

if (!parentPort) throw new Error('worker-entry.ts runs in a worker thread only');
const port = parentPort;
const start = workerData as WorkerStart<WorkerEngines>;
const send = (message: FromWorker): void => port.postMessage(message);

const log = openSharedLmdbLog(start.engines.log);
const snapshots = openLmdbSnapshots({ directory: start.engines.snapshotsDirectory });
const warehouse = new WarehouseProxy(send);
const worker = new PartitionWorker({
  partitions: start.partitions,
  log,
  snapshots,
  warehouse,
  factories: { campaign: campaignActors(start.fingerprintKey) },
  send,
  clock: SYSTEM_CLOCK,
  logger: pino({ level: start.logLevel, base: null }, pino.destination(2)),
});

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'inserted':
      warehouse.inserted(message.id, message.failure);
      break;
    case 'stop':
      void stop();
      break;
    default:
      worker.handle(message);
  }
});

async function stop(): Promise<void> {
  await worker.stop();
  await log.close();
  await snapshots.close();
  port.close();
}

worker.start();
