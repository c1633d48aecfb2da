/** What the log on NATS promises while its server is killed, paused, cut off or full. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { openJetStreamLog, openJetStreamReader } from '../../storage/log/jetstream.ts';
import type { Log, LogRecord } from '../../storage/log/port.ts';
import { ATTEMPT_MS } from '../../storage/nats/publish.ts';
import { NatsServer, type NatsServerOptions } from '../support/nats-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait.ts';
import { take } from './log.contract.ts';
import { withJetStream } from './support/nats-streams.ts';

const PARTITIONS = 2;
const text = (record: LogRecord | undefined): string => Buffer.from(record?.data ?? []).toString();
const codeOf = (error: unknown): string => {
  if (!(error instanceof TurnpikeError)) throw error;
  return error.failure.code;
};
const outcomeOf = (append: Promise<number>): Promise<number | string> => append.catch(codeOf);

describe('the log on NATS JetStream', () => {
  let server: NatsServer;
  let log: Log;
  const begin = async (options: NatsServerOptions = {}, partitionBytes?: number): Promise<void> => {
    server = await NatsServer.start(options);
    log = await openJetStreamLog({
      url: server.url,
      partitions: PARTITIONS,
      ...(partitionBytes === undefined ? {} : { partitionBytes }),
    });
  };
  const append = (partition: number, id: string): Promise<number> =>
    log.append(partition, id, Buffer.from(id));

  afterEach(async () => {
    // A log whose server is away waits for what was appended before it closes.
    await log.close();
    await server[Symbol.asyncDispose]();
  });

  describe('with a server that is killed', () => {
    beforeEach(() => begin());

    test('has every acknowledged record once, and none that it said it has not', async () => {
      const acknowledged = new Map<string, string>();
      const refused = new Set<string>();
      let stopping = false;
      let failed = false;
      const write = async (writer: number): Promise<void> => {
        const partition = writer % PARTITIONS;
        for (let i = 0; !stopping; i++) {
          const id = `${writer}-${i}`;
          let outcome = await outcomeOf(append(partition, id));
          while (outcome === 'deadline_exceeded' && !failed) outcome = await outcomeOf(append(partition, id));
          if (outcome === 'unavailable') refused.add(`${partition} ${id}`);
          else acknowledged.set(`${partition} ${id}`, `${partition} ${outcome}`);
        }
      };
      const read: LogRecord[][] = Array.from({ length: PARTITIONS }, () => []);
      const readers = read.map((_, partition) => log.read(partition, 1));
      const readings = readers.map(async (reader, partition) => {
        for await (const batch of reader) read[partition]?.push(...batch);
      });
      const writers = Array.from({ length: 16 }, (_, writer) => write(writer));

      try {
        for (let kills = 1; kills <= 4; kills++) {
          const enough = acknowledged.size + 500;
          await waitFor('the writers to get on', () => acknowledged.size >= enough);
          await server.kill();
          // The second time long enough for appends to be refused, and for outcomes to stay unknown.
          if (kills === 2) {
            const began = performance.now();
            // By the time it gives up, the loss is noticed.
            expect(await outcomeOf(log.lastSequence(0))).toBe('unavailable');
            const ids = Array.from({ length: 8 }, (_, i) => `late-${i}`);
            const late = await Promise.all(ids.map((id, i) => outcomeOf(append(i % PARTITIONS, id))));
            expect(late).toEqual(ids.map(() => 'unavailable'));
            for (const [i, id] of ids.entries()) refused.add(`${i % PARTITIONS} ${id}`);
            await waitFor('writers to repeat', () => performance.now() - began > limits.appendMs + 3_000);
          }
          await server.start();
        }
      } catch (error) {
        failed = stopping = true;
        throw error;
      }
      stopping = true;
      await Promise.all(writers);

      for (let partition = 0; partition < PARTITIONS; partition++) {
        const last = await log.lastSequence(partition);
        await waitFor('the reader to get on', () => read[partition]?.at(-1)?.sequence === last);
        const records = await take(log, partition, 1, last);
        expect(read[partition]).toEqual(records);
        const places = new Map(records.map((record) => [text(record), `${partition} ${record.sequence}`]));
        expect(places.size).toBe(records.length);
        for (const [id, place] of places) expect(acknowledged.get(`${partition} ${id}`)).toBe(place);
        for (const id of refused)
          if (id.startsWith(`${partition} `)) expect(places).not.toContain(id.slice(2));
      }
      expect(refused.size).toBeGreaterThan(0);
      for (const reader of readers) reader.close();
      await Promise.all(readings);
    });

    test('knows the ids of before', async () => {
      await append(0, 'first');
      const sequence = await append(0, 'same');
      await server.kill();
      await server.start();
      expect(await append(0, 'same')).toBe(sequence);
      expect(await append(0, 'next')).toBe(sequence + 1);
    });

    test('keeps the count of a partition that was trimmed just before', async () => {
      for (let i = 0; i < 5; i++) await append(0, `${i}`);
      await log.trim(0, 6);
      await server.kill();
      await server.start();
      expect(await log.lastSequence(0)).toBe(5);
      expect(await append(0, 'next')).toBe(6);
      expect((await take(log, 0, 1, 1)).map(text)).toEqual(['next']);
    });

    test('refuses within seconds while it is away, and takes records again when it is back', async () => {
      await server.kill();
      const began = performance.now();
      await expect(append(0, 'away')).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      await expect(log.lastSequence(0)).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      expect(performance.now() - began).toBeLessThan(limits.appendMs);
      await server.start();
      expect(await append(0, 'back')).toBe(1);
      expect(await log.lastSequence(0)).toBe(1);
    });

    test('does not notice a restart but by the time it takes', async () => {
      await append(0, 'before');
      const restart = server.stop().then(() => server.start());
      expect(await append(0, 'meanwhile')).toBe(2);
      await restart;
    });
  });

  describe('with a server that is paused', () => {
    beforeEach(() => begin());

    test('takes longer where the pause is short', async () => {
      const reading = take(log, 0, 1, 1);
      await server.pause();
      const sequence = append(0, 'slow');
      server.resume();
      expect(await sequence).toBe(1);
      expect((await reading).map(text)).toEqual(['slow']);
    });

    test('says that outcomes are unknown, bounds what waits, and stores each record once', async () => {
      await append(0, 'before');
      const reading = take(log, 0, 1, 4);
      await server.pause();
      const ids = ['a', 'b', 'c'];
      const began = performance.now();
      const outcomes = Promise.all(ids.map((id) => outcomeOf(append(0, id))));
      // A MiB each, many times what may wait.
      const data = randomBytes(limits.recordBytes);
      const flood = Array.from({ length: 200 }, (_, i) => outcomeOf(log.append(1, `flood-${i}`, data)));
      const refusedAtOnce = await Promise.race([
        Promise.all(flood.slice(100)),
        new Promise((resolve) => setTimeout(resolve, 1_000)),
      ]);
      expect(refusedAtOnce).toEqual(Array.from({ length: 100 }, () => 'unavailable'));
      expect(await outcomes).toEqual(ids.map(() => 'deadline_exceeded'));
      const flooded = await Promise.all(flood);
      expect(performance.now() - began).toBeLessThan(limits.appendMs + 2_000);
      server.resume();

      const sequences = await Promise.all(ids.map((id) => append(0, id)));
      expect([...sequences].sort()).toEqual([2, 3, 4]);
      const records = await reading;
      for (const [i, id] of ids.entries())
        expect(text(records.find(({ sequence }) => sequence === sequences[i]))).toBe(id);
      expect(await log.lastSequence(0)).toBe(4);
      // What was refused is not there; of what is unknown, each at most once.
      const unknown = flooded.filter((outcome) => outcome === 'deadline_exceeded');
      expect(await log.lastSequence(1)).toBeLessThanOrEqual(unknown.length);
    });
  });

  describe('with a connection that breaks', () => {
    let proxy: TcpProxy;
    beforeEach(async () => {
      await begin();
      await log.close();
      proxy = await TcpProxy.start(server.port);
      log = await openJetStreamLog({ url: `nats://127.0.0.1:${proxy.port}`, partitions: PARTITIONS });
    });
    afterEach(() => proxy[Symbol.asyncDispose]());

    test('finds a record that was stored while its acknowledgement was lost', async () => {
      await append(0, 'before');
      proxy.silence();
      const appended = append(0, 'lost');
      await withJetStream(server.url, ({ streams }) =>
        waitFor(
          'the record to be stored',
          async () => (await streams.info('turnpike-log-0')).state.last_seq === 2,
        ),
      );
      proxy.cut();
      expect(await appended).toBe(2);
      expect(await append(0, 'next')).toBe(3);
    });

    test('reads on where it was', async () => {
      const reader = log.read(0, 1);
      const seen: string[] = [];
      for (let i = 1; i <= 50; i++) await append(0, `${i}`);
      for await (const batch of reader) {
        for (const record of batch) {
          seen.push(text(record));
          if (record.sequence % 10 === 0) proxy.cut();
          if (record.sequence <= 50) await append(0, `${record.sequence + 50}`);
        }
        if (seen.length === 100) break;
      }
      expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => `${i + 1}`));
    });
  });

  describe('that is full', () => {
    const fill = async (): Promise<number> => {
      const data = randomBytes(100_000);
      for (let i = 0; i < 200; i++) {
        const outcome = await outcomeOf(log.append(0, `fill-${i}`, data));
        if (typeof outcome === 'string') {
          expect(outcome).toBe('unavailable');
          return i;
        }
      }
      throw new Error('it takes whatever comes');
    };

    test('refuses at the bound of a partition, stores nothing, and goes on after trimming', async () => {
      await begin({}, 2_000_000);
      const stored = await fill();
      expect(stored).toBeGreaterThan(15);
      expect(await log.lastSequence(0)).toBe(stored);
      expect((await take(log, 0, 1, stored)).map(({ sequence }) => sequence)[0]).toBe(1);
      expect(await append(1, 'elsewhere')).toBe(1);
      await log.trim(0, 5);
      expect(await append(0, 'next')).toBe(stored + 1);
    });

    test('refuses at the bound of the server, stores nothing, and goes on after trimming', async () => {
      await begin({ jetstream: 'max_file_store: 4MB' });
      const stored = await fill();
      expect(stored).toBeGreaterThan(30);
      expect(await log.lastSequence(0)).toBe(stored);
      await log.trim(0, stored);
      expect(await append(0, 'next')).toBe(stored + 1);
    });
  });

  describe('whose consumers or streams are removed by somebody', () => {
    beforeEach(() => begin());

    test('reads on with another consumer', async () => {
      await append(0, 'a');
      const iterator = log.read(0, 1)[Symbol.asyncIterator]();
      expect((await iterator.next()).value.map(text)).toEqual(['a']);
      const next = iterator.next();
      await withJetStream(server.url, async ({ consumers }) => {
        for await (const { name } of consumers.list('turnpike-log-0'))
          await consumers.delete('turnpike-log-0', name);
      });
      await append(0, 'b');
      expect((await next).value.map(text)).toEqual(['b']);
      await iterator.return?.();
    });

    test('says so where a stream is gone', async () => {
      const reading = take(log, 0, 1, 1);
      const failed = expect(reading).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      await withJetStream(server.url, ({ streams }) => streams.delete('turnpike-log-0'));
      await failed;
      await expect(append(0, 'x')).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      await expect(log.lastSequence(0)).rejects.toMatchObject({ failure: { code: 'unavailable' } });
    });
  });
});

describe('opening the log on NATS JetStream', () => {
  const opened = async (options: NatsServerOptions, partitions = 2): Promise<unknown> => {
    await using server = await NatsServer.start(options);
    return await openJetStreamLog({ url: server.url, partitions }).then(
      (log) => log.close(),
      (error: unknown) => error,
    );
  };
  const precondition = (part: string): object => ({
    failure: { code: 'failed_precondition', message: expect.stringContaining(part) },
  });

  test('fails where nobody listens, without telling the password', async () => {
    const failure = await openJetStreamLog({ url: 'nats://user:secret@127.0.0.1:9', partitions: 1 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ failure: { code: 'unavailable' } });
    expect(String(failure)).toContain('127.0.0.1:9');
    expect(String(failure)).not.toContain('secret');
  });

  test('fails at a server that takes small messages only', async () => {
    expect(await opened({ configuration: 'max_payload: 512KB' })).toMatchObject(precondition('max_payload'));
  });

  test('fails at a server that has no JetStream for us', async () => {
    const accounts = 'accounts { A { users: [{ user: a, password: b }] } }\nno_auth_user: a';
    expect(await opened({ configuration: accounts })).toMatchObject(precondition('JetStream'));
  });

  test('takes name and password from the address', async () => {
    await using server = await NatsServer.start({
      configuration: 'authorization { user: me, password: "p w" }',
    });
    const url = `nats://me:${encodeURIComponent('p w')}@127.0.0.1:${server.port}`;
    const log = await openJetStreamLog({ url, partitions: 1 });
    expect(await log.append(0, 'a', Buffer.from('a'))).toBe(1);
    await log.close();
    await expect(openJetStreamLog({ url: server.url, partitions: 1 })).rejects.toMatchObject({
      failure: { code: 'unavailable' },
    });
  });

  test('refuses records at once that we may not write', async () => {
    const user = `{ user: a, password: x, permissions: { publish: { deny: "turnpike.log.1" } } }`;
    await using server = await NatsServer.start({ configuration: `authorization { users: [${user}] }` });
    const log = await openJetStreamLog({
      url: `nats://a:x@127.0.0.1:${server.port}`,
      partitions: PARTITIONS,
    });
    const began = performance.now();
    const [allowed, forbidden] = await Promise.all(
      [0, 1].map((p) => outcomeOf(log.append(p, 'a', Buffer.of(1)))),
    );
    expect([allowed, forbidden]).toEqual([1, 'unavailable']);
    expect(performance.now() - began).toBeLessThan(ATTEMPT_MS);
    await log.close();
  });

  test('keeps the number of partitions, completes what was begun, and notices what is lost', async () => {
    await using server = await NatsServer.start();
    const open = (partitions: number): Promise<Log> => openJetStreamLog({ url: server.url, partitions });
    const remove = (partition: number): Promise<boolean> =>
      withJetStream(server.url, ({ streams }) => streams.delete(`turnpike-log-${partition}`));
    await (await open(4)).close();
    for (const other of [3, 5])
      await expect(open(other)).rejects.toMatchObject(precondition('created with 4 partitions'));

    await remove(0);
    await remove(1);
    await (await open(4)).close();

    await remove(2);
    await expect(open(4)).rejects.toMatchObject(precondition('lost partitions 2'));
  });

  test('lets threads read without a look at all streams', async () => {
    await using server = await NatsServer.start();
    const log = await openJetStreamLog({ url: server.url, partitions: 2 });
    const reader = await openJetStreamReader({ url: server.url, partitions: 2 });
    await log.append(1, 'a', Buffer.from('read by another'));
    expect(await reader.lastSequence(1)).toBe(1);
    for await (const records of reader.read(1, 1)) {
      expect(records.map(text)).toEqual(['read by another']);
      break;
    }
    await reader.close();
    await log.close();
  });

  test('works for several processes that create it at the same time', async () => {
    await using server = await NatsServer.start();
    const logs = await Promise.all(
      Array.from({ length: 4 }, () => openJetStreamLog({ url: server.url, partitions: 8 })),
    );
    for (const [i, log] of logs.entries()) expect(await log.append(7, `${i}`, Buffer.from('x'))).toBe(i + 1);
    await Promise.all(logs.map((log) => log.close()));
  });
});
