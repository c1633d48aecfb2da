import { afterAll, beforeAll } from 'vitest';
import { openJetStreamLog } from '../../storage/log/jetstream.ts';
import { NatsServer } from '../support/nats-server.ts';
import { describeLogContract } from './log.contract.ts';
import { removeStreams } from './support/nats-streams.ts';

let server: NatsServer;
let clusters = 0;
beforeAll(async () => {
  server = await NatsServer.start();
});
afterAll(() => server[Symbol.asyncDispose]());

describeLogContract('NATS JetStream', async () => {
  const cluster = `c${++clusters}`;
  return {
    controlsTime: false,
    open: ({ partitions }) => openJetStreamLog({ url: server.url, cluster, partitions }),
    dispose: () => removeStreams(server.url, `${cluster}-log-`),
  };
});
