import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import type { Message, MessageBatch } from '../../model/message.ts';
import { decodeMessages, encodeMessages } from '../../model/record.ts';
import { MemorySnapshots } from '../../test/support/memory-snapshots.ts';
import { waitFor } from '../../test/support/wait.ts';
import { keys } from '../keys.ts';
import { NOON } from '../test-support.ts';
import { Outbox } from './outbox.ts';
import { batchesOf, encodeOutgoing, messagesOutbox } from './outgoing-messages.ts';
import { told } from './test-listener.ts';

const PARTITION = 1;
const PARTITIONS = 3;
/** Pauses end at once. */
const HASTY: Clock = {
  now: () => NOON,
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
};

describe('batches of messages', () => {
  it('hold all messages in order, and fit a record each', () => {
    const texts = fc.array(fc.integer({ min: 0, max: limits.recordBytes / 2 }), { maxLength: 20 });
    fc.assert(
      fc.property(texts, (sizes) => {
        const messages = sizes.map((size) => told('a', 'x'.repeat(size)));
        const batches = batchesOf({ from: 1, upTo: 2 ** 40 }, messages);
        expect(batches.flatMap((batch) => batch.messages)).toEqual(messages);
        let first = 0;
        for (const batch of batches) {
          expect(batch.first).toBe(first);
          expect(encodeMessages(batch).byteLength).toBeLessThanOrEqual(limits.recordBytes);
          first += batch.messages.length;
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are measured by their bytes, whatever they are written with', () => {
    const messages = Array.from({ length: 6 }, () => told('a', '€'.repeat(limits.recordBytes / 6)));
    for (const batch of batchesOf({ from: 1, upTo: 2 }, messages))
      expect(encodeMessages(batch).byteLength).toBeLessThanOrEqual(limits.recordBytes);
  });
});

describe('the outbox of messages', () => {
  let snapshots: MemorySnapshots;
  let outbox: Outbox | undefined;
  /** By partition, what was stored. */
  let logs: (MessageBatch & { readonly recordId: string })[][];
  /** What becomes of the next appends: stored, stored without saying so, or refused. */
  let fates: ('store' | 'unanswered' | 'refuse')[];
  let broken: unknown;

  beforeEach(() => {
    snapshots = new MemorySnapshots();
    logs = Array.from({ length: PARTITIONS }, () => []);
    fates = [];
    broken = undefined;
  });
  afterEach(() => outbox?.stop());

  const append = async (partition: number, recordId: string, data: Uint8Array): Promise<number> => {
    const fate = fates.shift() ?? 'store';
    const log = logs[partition] as (MessageBatch & { readonly recordId: string })[];
    if (fate !== 'refuse') log.push({ recordId, ...decodeMessages(data) });
    if (fate === 'store') return log.length;
    throw new TurnpikeError({ code: fate === 'refuse' ? 'unavailable' : 'deadline_exceeded', message: fate });
  };
  const open = async (savedSequence: number): Promise<Outbox> => {
    const log = { partitions: PARTITIONS, append };
    const failed = (error: unknown): void => {
      broken = error;
    };
    const options = { snapshots, clock: HASTY, failed, ...messagesOutbox(PARTITION, log) };
    outbox = await Outbox.open(options, savedSequence);
    return outbox;
  };
  const leave = (lastSequence: number, messages: readonly Message[]): void => {
    snapshots.put(keys.messages(PARTITION, lastSequence), encodeOutgoing(messages, NOON));
  };
  const isEmpty = (): boolean => snapshots.documents.size === 0;
  const textsIn = (partition: number): string[] =>
    (logs[partition] ?? []).flatMap(({ messages }) =>
      messages.map(({ payload }) => (payload as { readonly text: string }).text),
    );

  it('sends each message to the partition of whom it is for, and forgets it then', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    leave(
      5,
      ids.map((id) => told(id, `to ${id}`)),
    );
    const opened = await open(5);
    await waitFor('it to be empty', isEmpty);
    for (let partition = 0; partition < PARTITIONS; partition++)
      expect(textsIn(partition)).toEqual(
        ids.filter((id) => partitionOf(id, PARTITIONS) === partition).map((id) => `to ${id}`),
      );
    await waitFor('it to be counted', () => opened.statistics.delivered === ids.length);
    expect(opened.statistics).toEqual({ pending: 0, delivered: 6, failures: 0 });
  });

  it('leaves what lies behind the cursor to whoever forms that block', async () => {
    leave(5, [told('a', 'five')]);
    leave(9, [told('a', 'nine')]);
    const opened = await open(5);
    await waitFor('the first to be sent', () => snapshots.documents.size === 1);
    opened.add(9, { count: 1, time: NOON });
    await waitFor('it to be empty', isEmpty);
    expect(textsIn(partitionOf('a', PARTITIONS))).toEqual(['five', 'nine']);
  });

  it('sends nothing of a later block before all of an earlier one is known to be stored', async () => {
    leave(5, [told('a', 'five')]);
    leave(9, [told('a', 'nine')]);
    fates = ['refuse', 'unanswered', 'refuse', 'unanswered', 'store'];
    const opened = await open(9);
    await waitFor('it to be empty', isEmpty);
    expect(textsIn(partitionOf('a', PARTITIONS))).toEqual(['five', 'five', 'five', 'nine']);
    expect(opened.statistics.failures).toBe(4);
  });

  it('repeats a batch under the id that it had', async () => {
    leave(5, [told('a', 'five')]);
    fates = ['unanswered'];
    await open(5);
    await waitFor('it to be empty', isEmpty);
    const ids = (logs[partitionOf('a', PARTITIONS)] ?? []).map(({ recordId }) => recordId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('does not stop where another owner has sent a block already', async () => {
    leave(9, [told('a', 'nine')]);
    const opened = await open(0);
    opened.add(5, { count: 0, time: NOON });
    opened.add(9, { count: 1, time: NOON });
    await waitFor('it to be empty', isEmpty);
    expect(textsIn(partitionOf('a', PARTITIONS))).toEqual(['nine']);
  });

  it('tells how much waits, since when, and how often it failed', async () => {
    leave(5, [told('a', 'one'), told('b', 'two')]);
    fates = Array.from({ length: 1_000 }, () => 'refuse');
    const opened = await open(5);
    await waitFor('a failure', () => opened.statistics.failures > 0);
    expect(opened.statistics).toMatchObject({ pending: 2, delivered: 0, oldestAt: NOON });
  });

  it('says so where it cannot go on at all', async () => {
    snapshots.put(keys.messages(PARTITION, 5), Buffer.from('{"time":1,"messages":[{}]}'));
    const opened = await open(5);
    await waitFor('the failure', () => broken !== undefined);
    expect(opened.statistics.delivered).toBe(0);
  });
});
