import { afterAll, beforeAll, expect, test } from 'vitest';
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

test('the log on NATS JetStream tells how many bytes its records take, in all partitions', async () => {
  const cluster = `c${++clusters}`;
  const log = await openJetStreamLog({ url: server.url, cluster, partitions: 2 });
  try {
    expect(await log.bytes()).toBe(0);
    const data = new Uint8Array(10_000);
    for (let number = 1; number <= 10; number++) await log.append(number % 2, `record-${number}`, data);
    expect(await log.bytes()).toBeGreaterThan(10 * data.byteLength);
    await log.trim(0, 6);
    await log.trim(1, 5);
    const left = await log.bytes();
    expect(left).toBeGreaterThan(data.byteLength);
    expect(left).toBeLessThan(2 * data.byteLength);
  } finally {
    await log.close();
    await removeStreams(server.url, `${cluster}-log-`);
  }
});
