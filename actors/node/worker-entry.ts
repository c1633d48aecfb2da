/** The entry of an actor thread: it opens this thread's side of the engines and starts the worker. */
import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import { SYSTEM_CLOCK } from '../../model/clock.ts';
import { openJetStreamReader } from '../../storage/log/jetstream.ts';
import type { Log } from '../../storage/log/port.ts';
import { openSharedSegmentLog, type SegmentLogHandle } from '../../storage/log/segment-log.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import { openNatsSnapshots } from '../../storage/snapshots/nats-kv.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { actorFactories } from '../actors.ts';
import { Gathered } from './gathered.ts';
import { MainThread } from './main-thread.ts';
import type { FromThread, FromWorker, Reply, ToWorker, WorkerStart } from './thread-messages.ts';
import { PartitionWorker } from './worker.ts';

/** The engines as a thread can open them. The warehouse and the bus stay on the main thread. */
export type WorkerEngines =
  | { readonly kind: 'embedded'; readonly log: SegmentLogHandle; readonly snapshotsDirectory: string }
  /** The servers of NATS. */
  | { readonly kind: 'distributed'; readonly url: string; readonly partitions: number };

interface ThreadEngines {
  readonly log: Pick<Log, 'partitions' | 'read' | 'lastSequence' | 'close'>;
  readonly snapshots: Snapshots;
}

async function openEngines(engines: WorkerEngines): Promise<ThreadEngines> {
  switch (engines.kind) {
    case 'embedded':
      return {
        log: openSharedSegmentLog(engines.log),
        snapshots: openLmdbSnapshots({ directory: engines.snapshotsDirectory }),
      };
    case 'distributed': {
      const { url, partitions } = engines;
      const [log, snapshots] = await Promise.all([
        openJetStreamReader({ url, partitions }),
        openNatsSnapshots({ url }),
      ]);
      return { log, snapshots };
    }
  }
}

if (!parentPort) throw new Error('worker-entry.ts runs in a worker thread only');
const port = parentPort;
const start = workerData as WorkerStart<WorkerEngines>;
const post = (message: FromThread): void => port.postMessage(message);
// Microtasks: a partition that applies record after record may leave the event loop no other turn for a while.
const replies = new Gathered<Reply>(queueMicrotask, (together) =>
  post({ kind: 'replies', replies: together }),
);
const send = (message: FromWorker): void => {
  if (message.kind === 'reply') {
    replies.add(message);
    return;
  }
  replies.flush();
  post(message);
};

// A thread whose engines cannot be reached ends, and another one is started. What is posted meanwhile waits.
const { log, snapshots } = await openEngines(start.engines);
const mainThread = new MainThread(send);
const worker = new PartitionWorker({
  log: {
    partitions: log.partitions,
    read: (partition, fromSequence) => log.read(partition, fromSequence),
    lastSequence: (partition) => log.lastSequence(partition),
    append: (partition, recordId, data) => mainThread.append(partition, recordId, data),
  },
  snapshots,
  warehouse: mainThread,
  bus: mainThread,
  gateway: mainThread,
  factories: actorFactories(start.fingerprintKey),
  send,
  clock: SYSTEM_CLOCK,
  logger: pino({ level: start.logLevel, base: null }, pino.destination(2)),
});

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'take':
      worker.take(message.partition);
      break;
    case 'give':
      void worker.give(message.partition);
      break;
    case 'ask':
      for (const asked of message.asked) worker.ask(asked);
      break;
    case 'done':
      mainThread.done(message.id, message.value, message.failure);
      break;
    case 'stop':
      void stop();
      break;
  }
});

async function stop(): Promise<void> {
  await worker.stop();
  await log.close();
  await snapshots.close();
  port.close();
}

worker.start();
