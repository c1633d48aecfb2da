import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limits } from '../../limits.ts';
import { SYSTEM_CLOCK } from '../../model/clock.ts';
import { encodeMessages, TICK_RECORD } from '../../model/record.ts';
import { openLocalBus } from '../../storage/events/local.ts';
import { openSegmentLog, type SegmentLog } from '../../storage/log/segment-log.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { temporaryFolder } from '../../test/support/temporary.ts';
import { waitFor } from '../../test/support/wait.ts';
import { actorFactories } from '../actors.ts';
import { Partition } from '../partition/partition.ts';
import { KEY, NO_GATEWAY, NOON } from '../test-support.ts';
import { listeners, told } from './test-listener.ts';

vi.mock('../../limits.ts', async (importOriginal) => {
  const { limits: full } = await importOriginal<typeof import('../../limits.ts')>();
  return { limits: { ...full, messageLettersPerPartition: 2 } };
});

describe('a partition that cannot take messages', () => {
  const folder = temporaryFolder('letters');
  let log: SegmentLog;
  let snapshots: Snapshots;
  let partition: Partition;
  let now = NOON;
  let isMended = false;
  let restarts = 0;

  beforeEach(() => {
    log = openSegmentLog({ directory: join(folder.path, 'log'), partitions: 1, now: () => now });
    snapshots = openLmdbSnapshots({ directory: join(folder.path, 'snapshots') });
    const logger = pino({ level: 'error' }, { write: () => void restarts++ });
    partition = new Partition({
      partition: 0,
      log,
      snapshots,
      warehouse: { insert: async () => undefined },
      bus: openLocalBus(),
      gateway: NO_GATEWAY,
      factories: {
        ...actorFactories(KEY),
        account: listeners((text) => !isMended && text.startsWith('bad')),
      },
      events: { summary: () => undefined },
      clock: SYSTEM_CLOCK,
      logger,
    });
    partition.start();
  });

  afterEach(async () => {
    await partition.stop();
    await log.close();
    await snapshots.close();
    folder[Symbol.dispose]();
  });

  const append = (data: Uint8Array): Promise<number> => log.append(0, `record-${Math.random()}`, data);
  const tell = async (text: string): Promise<number> => {
    const upTo = await log.lastSequence(0);
    return append(encodeMessages({ from: 0, upTo, first: 0, messages: [told('a', text)] }));
  };
  const save = async (): Promise<number> => {
    now += limits.blockMs;
    return append(TICK_RECORD);
  };
  const applied = (): number => partition.progress?.applied ?? 0;

  it('stands still rather than lose one, once it keeps as many letters as it may, and goes on when it is mended', async () => {
    await save();
    await tell('bad 1');
    await tell('bad 2');
    await save();
    await waitFor('two letters', () => partition.progress?.deadLetters === 2);
    const sequence = await tell('bad 3');
    const before = restarts;
    await waitFor('it to try again', () => restarts > before + 1);
    expect(applied()).toBeLessThan(sequence);
    isMended = true;
    await waitFor('it to go on', () => applied() === sequence);
    expect(partition.progress?.deadLetters).toBe(2);
  });
});
