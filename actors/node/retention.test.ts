import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sumOfOutboxes } from '../../model/outbox.ts';
import { openSegmentLog, type SegmentLog } from '../../storage/log/segment-log.ts';
import { Retention } from './retention.ts';

const MINUTE = 60_000;
const RECORD = Buffer.alloc(100_000, 1);

describe('the retention of the log', () => {
  let directory: string;
  let log: SegmentLog;
  let now = 0;
  let committed = 0;

  const retention = (retentionMs: number, maxBytes: number): Retention =>
    new Retention({
      log,
      retentionMs,
      bytes: async () => log.bytes,
      maxBytes,
      progress: () => [
        {
          partition: 0,
          applied: committed,
          committed,
          inserted: committed,
          time: now,
          epoch: 1,
          events: 0,
          actorsInMemory: 0,
          spoolBytes: 0,
          deadLetters: 0,
          outbox: sumOfOutboxes([]),
        },
      ],
      now: () => now,
      logger: pino({ level: 'silent' }),
    });

  const append = async (): Promise<void> => {
    committed = await log.append(0, `${Math.random()}`, RECORD);
  };

  const firstKept = async (): Promise<number | undefined> => {
    const reader = log.read(0, 1);
    for await (const [record] of reader) {
      reader.close();
      return record?.sequence;
    }
    return undefined;
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'turnpike-retention-'));
    log = openSegmentLog({ directory, partitions: 1, segmentBytes: RECORD.byteLength });
    now = 0;
  });

  afterEach(async () => {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps records for its time, and then gives up those that were applied', async () => {
    const keeper = retention(10 * MINUTE, Number.MAX_SAFE_INTEGER);
    for (let minute = 0; minute < 12; minute++) {
      now = minute * MINUTE;
      await append();
      await keeper.pass();
    }
    expect(await firstKept()).toBe(3);
  });

  it('gives up the oldest before their time when the log is too large, and only those', async () => {
    const keeper = retention(1_000 * MINUTE, 1_000_000);
    for (let minute = 0; minute < 30; minute++) {
      now = minute * MINUTE;
      await append();
      await keeper.pass();
    }
    expect(log.bytes).toBeLessThan(1_000_000);
    expect(log.bytes).toBeGreaterThan(800_000);
    expect(await firstKept()).toBeGreaterThan(20);
  });

  it('never gives up what is not applied', async () => {
    const keeper = retention(MINUTE, 1_000_000);
    await append();
    await keeper.pass();
    for (let n = 0; n < 30; n++) await log.append(0, `more-${n}`, RECORD);
    now = 10 * MINUTE;
    await keeper.pass();
    expect(await firstKept()).toBe(2);
  });
});
