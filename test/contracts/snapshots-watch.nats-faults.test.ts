/** What following documents on NATS promises while the server is killed, or the connection breaks. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openNatsSnapshots } from '../../storage/snapshots/nats-kv.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { NatsServer } from '../support/nats-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait.ts';
import { WatchedView } from './snapshots-watch.contract.ts';
import { withJetStream } from './support/nats-streams.ts';

describe('following snapshots on NATS KV', () => {
  let server: NatsServer;
  let proxy: TcpProxy;
  let snapshots: Snapshots;
  let writers: Snapshots;
  let view: WatchedView;
  const put = (key: string, value: string | Buffer): Promise<number[]> =>
    writers.commit([{ key, value: Buffer.from(value) }]);
  /** What was written at last, by key: repeated until it is written. */
  const written = new Map<string, string>();
  const write = async (key: string, value: string): Promise<void> => {
    while (
      !(await put(key, value).then(
        () => true,
        () => false,
      ))
    );
    written.set(key, value);
  };
  const isCurrent = (): boolean => [...written].every(([key, value]) => view.values.get(key) === value);

  beforeEach(async () => {
    server = await NatsServer.start();
    proxy = await TcpProxy.start(server.port);
    writers = await openNatsSnapshots({ url: server.url });
    snapshots = await openNatsSnapshots({ url: `nats://127.0.0.1:${proxy.port}` });
    view = new WatchedView();
    written.clear();
  });
  afterEach(async () => {
    await snapshots.close();
    await writers.close();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('misses no change of documents while the server is killed again and again', async () => {
    for (let i = 0; i < 200; i++) await write(`summary/${i}`, 'before');
    await snapshots.watch('summary/', view.put);
    expect(isCurrent()).toBe(true);
    let done = 0;
    let stopping = false;
    const writing = Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; !stopping; i++, done++) await write(`summary/${writer}${i % 10}`, `${i}`);
      }),
    );
    for (let kills = 1; kills <= 4; kills++) {
      const enough = done + 200;
      await waitFor('the writers to get on', () => done >= enough, 30_000);
      await server.kill();
      await server.start();
      if (kills === 2) proxy.cut();
    }
    stopping = true;
    await writing;
    const stored = new WatchedView();
    for await (const snapshot of writers.list('summary/')) stored.put(snapshot);
    expect(stored.values.size).toBe(written.size);
    for (const [key, value] of written) expect(stored.values.get(key) === value).toBe(true);
    await waitFor('the last changes', isCurrent);
    await write('summary/after', 'x');
    await waitFor('a change after it all', isCurrent);
  });

  test('hands out what was written while it was cut off', async () => {
    await write('summary/a', '1');
    await snapshots.watch('summary/', view.put);
    const { targetPort } = proxy;
    proxy.targetPort = 9;
    proxy.cut();
    for (const key of ['summary/a', 'summary/b', 'other']) await write(key, '2');
    written.delete('other');
    proxy.targetPort = targetPort;
    await waitFor('the changes', isCurrent);
    expect(view.values.has('other')).toBe(false);
  });

  test('notices a connection over which nothing comes any more', async () => {
    await snapshots.watch('summary/', view.put);
    proxy.silence();
    await write('summary/a', '1');
    await waitFor('the change', isCurrent);
  });

  test('begins anew at a server that has forgotten what it had told', async () => {
    for (let i = 0; i < 20; i++) await write(`summary/${i}`, 'before');
    await snapshots.watch('summary/', view.put);
    await using other = await NatsServer.start();
    await writers.close();
    writers = await openNatsSnapshots({ url: other.url });
    written.clear();
    await write('summary/1', 'of the other');
    proxy.targetPort = other.port;
    proxy.cut();
    await waitFor('the documents of the other', isCurrent);
    await write('summary/2', 'of the other');
    await waitFor('a change', isCurrent);
  });

  test('ends where the documents are gone for good', async () => {
    const watch = await snapshots.watch('summary/', view.put);
    await withJetStream(server.url, ({ streams }) => streams.delete('KV_turnpike-snapshots'));
    proxy.cut();
    expect(await watch.ended).toMatchObject({ failure: { code: 'unavailable' } });
  });
});
