import { afterAll, beforeAll } from 'vitest';
import { openNatsSnapshots } from '../../storage/snapshots/nats-kv.ts';
import { NatsServer } from '../support/nats-server.ts';
import { describeSnapshotsContract, type SnapshotsEngine } from './snapshots.contract.ts';
import { describeSnapshotWatchContract } from './snapshots-watch.contract.ts';
import { removeStreams } from './support/nats-streams.ts';

let server: NatsServer;
let clusters = 0;
beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const makeEngine = async (): Promise<SnapshotsEngine> => {
  const cluster = `c${++clusters}`;
  return {
    atomic: false,
    controlsTime: true,
    open: (options) => openNatsSnapshots({ url: server.url, cluster, ...options }),
    dispose: () => removeStreams(server.url, `KV_${cluster}-`),
  };
};
describeSnapshotsContract('NATS KV', makeEngine);
describeSnapshotWatchContract('NATS KV', makeEngine);
