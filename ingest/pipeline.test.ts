import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, test, vi } from 'vitest';
import { limits } from '../limits.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { REASONS } from '../model/decision.ts';
import { TurnpikeError } from '../model/errors.ts';
import { EventBatch, FIELD } from '../model/event-batch.ts';
import { FINGERPRINT_WORDS, partitionOf } from '../model/fingerprint.ts';
import { openMemoryDedup } from '../storage/dedup/memory.ts';
import { Credentials } from './access.ts';
import { IncomingEvent } from './incoming-event.ts';
import { IngestMetrics } from './metrics.ts';
import { Pipeline } from './pipeline.ts';
import { Problem } from './problem.ts';
import type { Arrival, Submission } from './submission.ts';
import { campaign, exchangeOf } from './test-support.ts';

const PARTITIONS = 4;
const unavailable = (): Error => new TurnpikeError({ code: 'unavailable', message: 'full' });
const unknown = (): Error => new TurnpikeError({ code: 'deadline_exceeded', message: 'no answer' });

/** A log that answers when it is told to. */
class ManualLog {
  readonly records: { partition: number; recordId: string; ids: string[] }[] = [];
  /** What the next appends do; nothing: they succeed at once. */
  readonly script: ((() => number) | Promise<number>)[] = [];

  async append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    const batch = new EventBatch(data);
    const ids = Array.from({ length: batch.rows }, (_, row) => {
      batch.seek(row);
      return batch.string(FIELD.eventId) ?? '';
    });
    this.records.push({ partition, recordId, ids });
    const step = this.script.shift();
    if (typeof step === 'function') return step();
    return step ?? this.records.length;
  }
}

function setUp(now = { ms: 0 }) {
  const directory = new CampaignDirectory();
  for (let i = 0; i < 20; i++) directory.put(campaign({ campaignId: `c${i}` }));
  directory.put(campaign({ campaignId: 'slow', rateLimit: 2 }));
  directory.put(campaign({ campaignId: 'closed', keyPolicy: 'write_key' }));
  const log = new ManualLog();
  const dedup = openMemoryDedup();
  const pipeline = new Pipeline({
    log,
    dedup,
    directory,
    clickSecrets: [Buffer.alloc(32)],
    secrets: { fingerprintKey: { k0: 1, k1: 2 }, clickSecret: Buffer.alloc(32) },
    partitions: PARTITIONS,
    metrics: new IngestMetrics(new Registry(), {
      waitingEvents: () => 0,
      bytesInFlight: () => 0,
      openRequests: () => 0,
      isFilterReachable: () => true,
    }),
    logger: pino({ enabled: false }),
    now: () => now.ms,
  });
  const arrival: Arrival = {
    exchange: exchangeOf(),
    receivedAt: now.ms,
    address: '203.0.113.7',
    userAgent: '',
    referrer: '',
    credentials: new Credentials(directory, undefined, '', Buffer.alloc(0), now.ms),
    defaultType: 1,
    campaignId: undefined,
  };
  /** Sends events `campaign:id`; resolves with the answered submission. */
  const send = (...names: string[]): Promise<Submission> =>
    new Promise((resolve) => {
      const decode = ({ events }: Submission): void => {
        for (const name of names) {
          const [campaignId = '', eventId = ''] = name.split(':');
          const event = new IncomingEvent();
          event.set(FIELD.campaignId, campaignId);
          event.set(FIELD.eventId, eventId);
          events.push(event);
        }
      };
      pipeline.receive(arrival, decode, resolve);
    });
  return { pipeline, log, send, now, dedup };
}

const reasons = ({ events }: Submission): number[] => events.map(({ reason }) => reason);

describe('a request', () => {
  test('is answered once all its events are in the log', async () => {
    const { log, send } = setUp();
    const names = Array.from({ length: 20 }, (_, i) => `c${i}:e`);
    const submission = await send(...names);
    expect(submission.failed).toBe(false);
    expect(log.records.flatMap(({ ids }) => ids)).toHaveLength(20);
    expect(new Set(log.records.map(({ partition }) => partition)).size).toBe(PARTITIONS);
  });

  test('fails as a whole if one of its appends fails', async () => {
    const { log, send } = setUp();
    log.script.push(() => {
      throw unavailable();
    });
    const submission = await send(...Array.from({ length: 20 }, (_, i) => `c${i}:e`));
    expect(submission.failed).toBe(true);
    expect(new Set(submission.events.map(({ fate }) => fate))).toEqual(new Set(['lost', 'stored']));
  });

  test('with nothing for the log is answered at once', async () => {
    const { log, send } = setUp();
    expect(reasons(await send('nobody:e'))).toEqual([REASONS.unknown_campaign]);
    expect(reasons(await send())).toEqual([]);
    expect(log.records).toEqual([]);
  });
});

describe('events of one partition', () => {
  test('that arrive together go into one record', async () => {
    const { log, send } = setUp();
    await Promise.all([send('c1:a'), send('c1:b'), send('c1:c')]);
    expect(log.records.map(({ ids }) => ids)).toEqual([['a', 'b', 'c']]);
  });

  test('collect while an append is under way', async () => {
    const { log, send } = setUp();
    let finish = (_: number): void => undefined;
    log.script.push(new Promise<number>((resolve) => (finish = resolve)));
    const first = send('c1:a');
    await vi.waitFor(() => expect(log.records).toHaveLength(1));
    const rest = [send('c1:b'), send('c1:c')];
    await new Promise(setImmediate);
    expect(log.records).toHaveLength(1);
    finish(1);
    await Promise.all([first, ...rest]);
    expect(log.records.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
  });

  test('fill as many records as they need', async () => {
    const { log, send } = setUp();
    const names = Array.from({ length: limits.eventsPerRequest }, (_, i) => `c1:${i}`);
    const submission = await send(...names);
    expect(submission.failed).toBe(false);
    expect(log.records.map(({ ids }) => ids.length)).toEqual([
      limits.eventsPerRecord,
      limits.eventsPerRequest - limits.eventsPerRecord,
    ]);
  });

  test('that are too many are refused with their whole request, which leaves nothing behind', async () => {
    const { log, send, pipeline } = setUp();
    let finish = (_: number): void => undefined;
    log.script.push(new Promise<number>((resolve) => (finish = resolve)));
    const filling: Promise<Submission>[] = [];
    const part = 4_000;
    for (let i = 0; i < 4; i++) filling.push(send(...Array.from({ length: part }, (_, n) => `c1:${i} ${n}`)));
    expect(pipeline.waiting).toBe(4 * part);
    const tooMany = Array.from({ length: part }, (_, n) => `c1:x${n}`);
    await expect(send('c2:other', ...tooMany)).rejects.toMatchObject({ status: 503 });
    expect(pipeline.waiting).toBe(4 * part);
    filling.push(send('c1:fits'));
    await vi.waitFor(() => expect(log.records).toHaveLength(1));
    finish(1);
    await Promise.all(filling);
    await pipeline.idle();
    expect(pipeline.waiting).toBe(0);
    expect(log.records.flatMap(({ ids }) => ids)).toHaveLength(4 * part + 1);
  });
});

describe('an append', () => {
  test('whose outcome is unknown is repeated with the same record id', async () => {
    const { log, send } = setUp();
    for (let i = 0; i < 2; i++)
      log.script.push(() => {
        throw unknown();
      });
    const submission = await send('c1:a');
    expect(submission.failed).toBe(false);
    expect(log.records).toHaveLength(3);
    expect(new Set(log.records.map(({ recordId }) => recordId)).size).toBe(1);
  });

  test('whose outcome stays unknown fails, and its events are taken when they come again', async () => {
    const { log, send, now } = setUp();
    log.script.push(() => {
      now.ms += limits.appendMs;
      throw unknown();
    });
    const first = await send('c1:a');
    expect(first.failed).toBe(true);
    expect(first.events[0]?.fate).toBe('unknown');
    const second = await send('c1:a');
    expect(reasons(second)).toEqual([REASONS.accepted]);
    expect(log.records.map(({ ids }) => ids)).toEqual([['a'], ['a']]);
  });

  test('that certainly failed gives its claims back', async () => {
    const { log, send } = setUp();
    log.script.push(() => {
      throw unavailable();
    });
    expect((await send('c1:a')).failed).toBe(true);
    expect(reasons(await send('c1:a'))).toEqual([REASONS.accepted]);
    expect(reasons(await send('c1:a'))).toEqual([REASONS.duplicate_event]);
  });

  test('that fails for a bug is answered too', async () => {
    const { log, send } = setUp();
    log.script.push(() => {
      throw new Error('a bug');
    });
    expect((await send('c1:a')).failed).toBe(true);
    expect((await send('c1:b')).failed).toBe(false);
  });
});

describe('claims', () => {
  const other = Array.from({ length: 20 }, (_, i) => `c${i}`).find(
    (id) => partitionOf(id, PARTITIONS) !== partitionOf('c1', PARTITIONS),
  );

  test('of what left together are confirmed in one call, once all of it is stored', async () => {
    const { dedup, log, send } = setUp();
    const confirm = vi.spyOn(dedup, 'confirm');
    const names = Array.from({ length: 20 }, (_, i) => `c${i}:a`);
    await send(...names);
    expect(new Set(log.records.map(({ partition }) => partition)).size).toBe(PARTITIONS);
    expect(confirm).toHaveBeenCalledTimes(1);
    expect(confirm.mock.calls[0]?.[0]).toHaveLength(names.length * FINGERPRINT_WORDS);
  });

  test('do not wait long for an append of another partition', async () => {
    const { dedup, log, send, now } = setUp();
    const confirm = vi.spyOn(dedup, 'confirm');
    let finish = (_: number): void => undefined;
    log.script.push(() => {
      now.ms += 1_000;
      return 1;
    });
    log.script.push(new Promise<number>((resolve) => (finish = resolve)));
    const both = [send('c1:a'), send(`${other}:a`)];
    await Promise.race(both);
    expect(new Set(log.records.map(({ partition }) => partition)).size).toBe(2);
    expect(confirm.mock.calls.map(([keys]) => keys.length)).toEqual([FINGERPRINT_WORDS]);
    finish(1);
    await Promise.all(both);
    expect(reasons(await send('c1:a', `${other}:a`))).toEqual([
      REASONS.duplicate_event,
      REASONS.duplicate_event,
    ]);
  });
});

describe('a request of which nothing may be counted', () => {
  test('is refused', async () => {
    const { send } = setUp();
    await expect(send('closed:a', 'closed:b')).rejects.toMatchObject({ status: 401 });
    expect((await send('slow:a', 'slow:b')).failed).toBe(false);
    const refusal = send('slow:c');
    await expect(refusal).rejects.toBeInstanceOf(Problem);
    await expect(refusal).rejects.toMatchObject({ status: 429 });
  });

  test('but for a part that may, tells it of the rest', async () => {
    const { send } = setUp();
    expect(reasons(await send('closed:a', 'c1:a'))).toEqual([REASONS.not_authorised, REASONS.accepted]);
  });
});
