/** What every log must do: the sentences of `storage/log/port.ts`, as tests. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import type { Log, LogReader, LogRecord } from '../../storage/log/port.ts';

export interface LogEngine {
  /** Whether `open` obeys the clock that it is given. */
  readonly controlsTime: boolean;
  /** Opens the log; again, after it was closed: the same log. */
  open(options: { partitions: number; now?: () => number }): Promise<Log>;
  /** Removes all that was stored. */
  dispose(): Promise<void>;
}

const PARTITIONS = 4;
const MiB = 2 ** 20;

/** Reads until `count` records have come. */
export async function take(log: Pick<Log, 'read'>, partition: number, from: number, count: number) {
  const records: LogRecord[] = [];
  const reader = log.read(partition, from);
  if (count === 0) return records;
  for await (const batch of reader) {
    records.push(...batch);
    if (records.length >= count) break;
  }
  return records;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const texts = (records: readonly LogRecord[]): string[] =>
  records.map((record) => Buffer.from(record.data).toString());
const sequences = (records: readonly LogRecord[]): number[] => records.map((record) => record.sequence);

export function describeLogContract(name: string, makeEngine: () => Promise<LogEngine>): void {
  describe(`the log on ${name}`, () => {
    let engine: LogEngine;
    let log: Log;
    let lastId = 0;
    const append = (partition: number, text: string): Promise<number> =>
      log.append(partition, `id-${++lastId}`, bytes(text));
    const reopen = async (): Promise<void> => {
      await log.close();
      log = await engine.open({ partitions: PARTITIONS });
    };

    beforeEach(async () => {
      engine = await makeEngine();
      log = await engine.open({ partitions: PARTITIONS });
    });
    afterEach(async () => {
      await log.close();
      await engine.dispose();
    });

    describe('appending', () => {
      test('numbers the records of each partition from 1, without gaps', async () => {
        expect(await append(0, 'a')).toBe(1);
        expect(await append(0, 'b')).toBe(2);
        expect(await append(3, 'c')).toBe(1);
        expect(await append(0, 'd')).toBe(3);
      });

      test('gives sequences in the order of the calls, and resolves in that order', async () => {
        const resolved: number[] = [];
        const appends = Array.from({ length: 100 }, (_, i) =>
          append(1, `record ${i}`).then((sequence) => {
            resolved.push(sequence);
            return sequence;
          }),
        );
        const expected = Array.from({ length: 100 }, (_, i) => i + 1);
        expect(await Promise.all(appends)).toEqual(expected);
        expect(resolved).toEqual(expected);
      });

      test('has the record readable once the append has resolved', async () => {
        const sequence = await append(2, 'there');
        expect(await log.lastSequence(2)).toBe(sequence);
        expect(texts(await take(log, 2, sequence, 1))).toEqual(['there']);
      });

      test('refuses with `unavailable` after it was closed', async () => {
        await log.close();
        await expect(append(0, 'late')).rejects.toMatchObject({ failure: { code: 'unavailable' } });
      });
    });

    describe('an id that is appended again', () => {
      test('gives the first sequence and stores nothing', async () => {
        const first = await log.append(0, 'same', bytes('first'));
        await append(0, 'between');
        expect(await log.append(0, 'same', bytes('second'))).toBe(first);
        expect(await log.lastSequence(0)).toBe(2);
        expect(texts(await take(log, 0, 1, 2))).toEqual(['first', 'between']);
      });

      test('gives the first sequence while the first append is under way', async () => {
        const both = await Promise.all([
          log.append(0, 'same', bytes('x')),
          log.append(0, 'same', bytes('x')),
        ]);
        expect(both).toEqual([1, 1]);
        expect(await log.lastSequence(0)).toBe(1);
      });

      test('gives the first sequence after the log was opened again', async () => {
        await append(1, 'before');
        const first = await log.append(1, 'same', bytes('x'));
        await reopen();
        expect(await log.append(1, 'same', bytes('x'))).toBe(first);
        expect(await append(1, 'next')).toBe(first + 1);
      });

      test('in another partition names another record, whether both come together or not', async () => {
        await append(1, 'before');
        const together = [log.append(0, 'same', bytes('x')), log.append(1, 'same', bytes('y'))];
        expect(await Promise.all(together)).toEqual([1, 2]);
        expect(await log.append(2, 'same', bytes('z'))).toBe(1);
        for (const again of [false, true]) {
          if (again) await reopen();
          expect(await log.append(0, 'same', bytes('x'))).toBe(1);
          expect(await log.append(1, 'same', bytes('y'))).toBe(2);
          expect(await log.append(2, 'same', bytes('z'))).toBe(1);
        }
        expect(await log.lastSequence(1)).toBe(2);
      });
    });

    describe('reading', () => {
      test('gives what was appended, in order, byte for byte', async () => {
        const sizes = [0, 1, 7, 8, 1_000, 4_096, 40_000, limits.recordBytes];
        const sent = sizes.map((size) => randomBytes(size));
        for (const [i, data] of sent.entries()) await log.append(0, `size-${i}`, data);
        const records = await take(log, 0, 1, sent.length);
        expect(sequences(records)).toEqual(sent.map((_, i) => i + 1));
        for (const [i, data] of sent.entries()) {
          expect(Buffer.compare(Buffer.from((records[i] as LogRecord).data), data)).toBe(0);
        }
      });

      test('begins at the sequence it was asked for', async () => {
        for (let i = 1; i <= 10; i++) await append(0, `${i}`);
        expect(texts(await take(log, 0, 8, 3))).toEqual(['8', '9', '10']);
      });

      test('gives no records of other partitions', async () => {
        for (let i = 0; i < 20; i++) await append(i % PARTITIONS, `${i}`);
        expect(texts(await take(log, 2, 1, 5))).toEqual(['2', '6', '10', '14', '18']);
      });

      test('goes on with what is appended later, also at a sequence that is still to come', async () => {
        const iterator = log.read(0, 2)[Symbol.asyncIterator]();
        const first = iterator.next();
        await append(0, 'before it');
        await append(0, 'the one');
        expect(texts((await first).value as LogRecord[])).toEqual(['the one']);
        const second = iterator.next();
        await append(0, 'another');
        expect(texts((await second).value as LogRecord[])).toEqual(['another']);
      });

      test('gives every reader everything', async () => {
        const readers = [take(log, 0, 1, 30), take(log, 0, 1, 30), take(log, 0, 11, 20)];
        for (let i = 1; i <= 30; i++) await append(0, `${i}`);
        const [one, two, three] = await Promise.all(readers);
        expect(texts(one as LogRecord[])).toEqual(texts(two as LogRecord[]));
        expect(sequences(three as LogRecord[])).toEqual(Array.from({ length: 20 }, (_, i) => i + 11));
      });

      test('gives batches of at least one record and at most about a MiB', async () => {
        const data = randomBytes(150_000);
        const large = randomBytes(limits.recordBytes);
        const appends = Array.from({ length: 30 }, (_, i) =>
          log.append(0, `b-${i}`, i % 10 === 9 ? large : data),
        );
        await Promise.all(appends);
        let count = 0;
        for await (const batch of log.read(0, 1)) {
          const size = batch.reduce((sum, record) => sum + record.data.byteLength, 0);
          expect(batch.length).toBeGreaterThan(0);
          expect(size).toBeLessThanOrEqual(1.1 * MiB);
          count += batch.length;
          if (count === 30) break;
        }
        expect(count).toBe(30);
      });

      test('lets a slow reader hold up nobody', async () => {
        const slow = log.read(0, 1)[Symbol.asyncIterator]();
        await append(0, 'first');
        await slow.next();
        const data = randomBytes(100_000);
        for (let i = 0; i < 40; i++) await log.append(0, `s-${i}`, data);
        expect(await take(log, 0, 1, 41)).toHaveLength(41);
        const { value } = await slow.next();
        expect((value as LogRecord[])[0]?.sequence).toBe(2);
      });
    });

    describe('ending an iteration', () => {
      const ended = async (reader: LogReader): Promise<number> => {
        let batches = 0;
        for await (const _ of reader) batches++;
        return batches;
      };

      test('a closed reader that waits for records ends', async () => {
        const reader = log.read(0, 1);
        const end = ended(reader);
        reader.close();
        expect(await end).toBe(0);
      });

      test('a reader that was closed between two batches gives no more', async () => {
        await append(0, 'a');
        const reader = log.read(0, 1);
        let batches = 0;
        for await (const _ of reader) {
          batches++;
          await append(0, 'more');
          reader.close();
        }
        expect(batches).toBe(1);
      });

      test('closing one reader leaves the others reading', async () => {
        const closed = log.read(0, 1);
        const end = ended(closed);
        const other = take(log, 0, 1, 1);
        closed.close();
        await end;
        await append(0, 'for the other');
        expect(texts(await other)).toEqual(['for the other']);
      });

      test('closing the log ends all iterations', async () => {
        await append(0, 'a');
        const waiting = ended(log.read(0, 2));
        const elsewhere = ended(log.read(3, 1));
        await log.close();
        expect(await Promise.all([waiting, elsewhere])).toEqual([0, 0]);
      });
    });

    describe('the last sequence', () => {
      test('is 0 while there is no record', async () => {
        expect(await log.lastSequence(0)).toBe(0);
      });

      test('is that of the last durable record', async () => {
        await append(0, 'a');
        await append(0, 'b');
        expect(await log.lastSequence(0)).toBe(2);
        expect(await log.lastSequence(1)).toBe(0);
      });
    });

    describe('time', () => {
      test('is the time of the append', async () => {
        const before = Date.now();
        await append(0, 'a');
        const [first] = await take(log, 0, 1, 1);
        // A server's clock may differ from ours.
        expect(Math.abs((first as LogRecord).time - before)).toBeLessThan(60_000);
      });

      test('never decreases in a partition', async () => {
        for (let i = 0; i < 50; i++) await append(0, `${i}`);
        const times = (await take(log, 0, 1, 50)).map(({ time }) => time);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      });

      test('stands still while the clock is behind, also over a restart', async ({ skip }) => {
        if (!engine.controlsTime) skip();
        let now = 1_000_000;
        const open = (): Promise<Log> => engine.open({ partitions: PARTITIONS, now: () => now });
        await log.close();
        log = await open();
        await append(0, 'a');
        now = 400_000;
        await append(0, 'b');
        await log.close();
        log = await open();
        await append(0, 'c');
        now = 1_000_001;
        await append(0, 'd');
        const times = (await take(log, 0, 1, 4)).map(({ time }) => time);
        expect(times).toEqual([1_000_000, 1_000_000, 1_000_000, 1_000_001]);
      });
    });

    describe('trimming', () => {
      test('gives up the records below a sequence and keeps the others', async () => {
        for (let i = 1; i <= 1_000; i++) void append(0, `${i}`);
        await append(0, 'last');
        await log.trim(0, 900);
        const records = await take(log, 0, 1, 102);
        expect(records[0]?.sequence).toBe(900);
        expect(records).toHaveLength(102);
      });

      test('leaves other partitions alone', async () => {
        for (let i = 0; i < 8; i++) await append(i % PARTITIONS, `${i}`);
        await log.trim(1, 3);
        expect(texts(await take(log, 0, 1, 2))).toEqual(['0', '4']);
        expect(texts(await take(log, 2, 1, 2))).toEqual(['2', '6']);
      });

      test('of everything keeps the count', async () => {
        for (let i = 0; i < 5; i++) await append(0, `${i}`);
        await log.trim(0, 6);
        expect(await log.lastSequence(0)).toBe(5);
        expect(await append(0, 'next')).toBe(6);
        expect(texts(await take(log, 0, 1, 1))).toEqual(['next']);
      });

      test('of everything keeps the count over a restart', async () => {
        for (let i = 0; i < 5; i++) await append(0, `${i}`);
        await log.trim(0, 100);
        await reopen();
        expect(await log.lastSequence(0)).toBe(5);
        expect(await append(0, 'next')).toBe(6);
      });

      test('happens beside appends and readers', async () => {
        const reading = take(log, 0, 1, 1).then(() => take(log, 0, 1_001, 1_000));
        const appends: Promise<number>[] = [];
        for (let i = 0; i < 2_000; i++) appends.push(append(0, `${i}`));
        await Promise.all(appends.slice(0, 1_000));
        await log.trim(0, 1_001);
        await Promise.all(appends);
        expect(sequences(await reading)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1_001));
      });
    });

    test('keeps records, sequences and times when it is opened again', async () => {
      for (let i = 0; i < 10; i++) await append(i % 2, `${i}`);
      const before = await take(log, 1, 1, 5);
      await reopen();
      expect(await take(log, 1, 1, 5)).toEqual(before);
      expect(await log.lastSequence(0)).toBe(5);
      expect(await append(1, 'next')).toBe(6);
    });

    test('commits on closing what was appended before', async () => {
      const appends = Array.from({ length: 20 }, (_, i) => append(0, `${i}`));
      await reopen();
      expect(await Promise.all(appends)).toHaveLength(20);
      expect(await log.lastSequence(0)).toBe(20);
    });

    test('is, for any interleaving of appends, what each partition was given', async () => {
      const step = fc.record({ partition: fc.nat(PARTITIONS - 1), id: fc.nat(30), data: fc.uint8Array() });
      let round = 0;
      const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        round++;
        const given = Array.from({ length: PARTITIONS }, () => new Map<string, Uint8Array>());
        const from = await Promise.all(given.map((_, partition) => log.lastSequence(partition)));
        const appends = steps.map(({ partition, id, data }) => {
          const recordId = `${round}/${partition}/${id}`;
          const ids = given[partition] as Map<string, Uint8Array>;
          if (!ids.has(recordId)) ids.set(recordId, data);
          return log.append(partition, recordId, data);
        });
        await Promise.all(appends);
        for (const [partition, ids] of given.entries()) {
          const first = (from[partition] as number) + 1;
          const records = await take(log, partition, first, ids.size);
          expect(records.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(
            [...ids.values()].map((data) => Buffer.from(data).toString('hex')),
          );
        }
      });
      await fc.assert(property, { numRuns: 20 });
    });
  });
}
