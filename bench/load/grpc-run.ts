/** gRPC calls as load: unary ones, each of so many lanes with one under way. */
import { type Client, credentials, Metadata, makeGenericClientConstructor } from '@grpc/grpc-js';
import { processorTimeMs } from '../processor-time.ts';
import { Histogram } from './histogram.ts';
import type { Load, LoadResult } from './load.ts';

/** Channels that lanes share: a connection each. */
const CHANNELS = 4;
const AnyClient = makeGenericClientConstructor({}, 'Any');
const same = (bytes: Buffer): Buffer => bytes;

/** @throws Error if a call fails */
export async function runGrpc(load: Load): Promise<LoadResult> {
  if (load.what.kind !== 'grpc') throw new Error(`${load.what.kind} is not gRPC`);
  const { path } = load.what;
  const request = Buffer.from(load.what.request, 'base64');
  const clients = Array.from(
    { length: CHANNELS },
    () =>
      new AnyClient(`127.0.0.1:${load.port}`, credentials.createInsecure(), {
        // Else all of them share one connection.
        'grpc.use_local_subchannel_pool': 1,
      }) as Client,
  );
  const histogram = new Histogram();
  let [sent, answered, measured] = [0, 0, 0];
  let isMeasured = false;
  let isOver = false;
  const call = (client: Client): Promise<void> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, same, same, request, new Metadata(), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  const lane = async (client: Client): Promise<void> => {
    while (!isOver) {
      sent++;
      const begin = performance.now();
      await call(client);
      answered++;
      if (!isMeasured) continue;
      measured++;
      histogram.add(performance.now() - begin);
    }
  };
  const lanes = Array.from({ length: load.connections }, (_, index) =>
    lane(clients[index % CHANNELS] as Client),
  );
  try {
    await Promise.race([pause(load.warmUpMs), Promise.all(lanes)]);
    const [own, theirs] = [ownMs(), processorTimeMs(load.pids)];
    const begin = performance.now();
    isMeasured = true;
    await Promise.race([pause(load.durationMs), Promise.all(lanes)]);
    isMeasured = false;
    const windowMs = performance.now() - begin;
    const [ownAfter, theirsAfter] = [ownMs(), processorTimeMs(load.pids)];
    isOver = true;
    await Promise.all(lanes);
    return {
      ...{ sent, answered, failure: undefined, measured, windowMs },
      medianMs: histogram.percentile(0.5),
      p99Ms: histogram.percentile(0.99),
      slowestMs: histogram.most,
      ownMs: ownAfter - own,
      theirsMs: theirsAfter - theirs,
    };
  } finally {
    isOver = true;
    for (const client of clients) client.close();
  }
}

/** Processor time of this process, in milliseconds. */
export function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
