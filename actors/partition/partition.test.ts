import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { CampaignMetrics } from '../../model/campaign.ts';
import { type Clock, SYSTEM_CLOCK } from '../../model/clock.ts';
import { letterPrefix, lettersOf } from '../../model/dead-letter.ts';
import { REASONS } from '../../model/decision.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { encodeCommand, TICK_RECORD } from '../../model/record.ts';
import type { Summary } from '../../model/summary.ts';
import { openLocalBus } from '../../storage/events/local.ts';
import { openSegmentLog, type SegmentLog } from '../../storage/log/segment-log.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import { waitFor } from '../../test/support/wait.ts';
import type { ActorFactory, EventActor } from '../actor.ts';
import { actorFactories } from '../actors.ts';
import { campaignActors } from '../campaign/actor.ts';
import { command, definition, eventsRecord, KEY, NO_GATEWAY, NOON } from '../test-support.ts';
import { Partition } from './partition.ts';

const SECOND = 1_000;

/** Takes blocks as a warehouse does: a token counts once, and must always bring the same rows. */
class RecordingWarehouse {
  readonly blocks = new Map<string, string>();
  isAway = false;
  hangs = false;

  async insert(block: WarehouseBlock): Promise<void> {
    await waitFor('the warehouse to go on', () => !this.hangs);
    if (this.isAway) throw new TurnpikeError({ code: 'unavailable', message: 'away' });
    const key = `${block.table} ${block.token}`;
    const rows = Buffer.from(block.data).toString('base64');
    const known = this.blocks.get(key);
    if (known !== undefined && known !== rows) throw new Error(`token ${key} came back with other rows`);
    this.blocks.set(key, rows);
  }
}

describe('a partition', () => {
  let directory: string;
  let now: number;
  let log: SegmentLog;
  let snapshots: Snapshots;
  let warehouse: RecordingWarehouse;
  let partition: Partition;
  const summaries: Summary[] = [];
  const bus = openLocalBus();
  let records = 0;

  const open = (
    factory: ActorFactory<EventActor> = campaignActors(KEY),
    logger = pino({ level: 'silent' }),
    clock = SYSTEM_CLOCK,
  ): Partition =>
    new Partition({
      partition: 0,
      log,
      snapshots,
      warehouse,
      bus,
      gateway: NO_GATEWAY,
      factories: { ...actorFactories(KEY), campaign: factory },
      events: {
        summary: (summary) => summaries.push(summary),
      },
      clock,
      logger,
    });

  const append = (data: Uint8Array): Promise<number> => log.append(0, `record-${++records}`, data);

  /** Appends a tick a while later, which closes the open block. */
  const closeBlock = async (): Promise<number> => {
    now += limits.blockMs;
    return append(TICK_RECORD);
  };

  const metrics = async (): Promise<CampaignMetrics | undefined> => {
    const sequence = await log.lastSequence(0);
    const answer = await partition.ask({ kind: 'query', sequence, actorId: 'c1', query: 'metrics' });
    return answer as CampaignMetrics | undefined;
  };

  const inWarehouse = (sequence: number): Promise<unknown> => partition.ask({ kind: 'settled', sequence });

  const create = async (): Promise<void> => {
    await append(encodeCommand(command('create', { payload: definition() })));
    await append(encodeCommand(command('activate')));
  };

  const restart = async (): Promise<void> => {
    await partition.stop();
    partition = open();
    partition.start();
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'turnpike-partition-'));
    now = NOON;
    log = openSegmentLog({ directory: join(directory, 'log'), partitions: 1, now: () => now });
    snapshots = openLmdbSnapshots({ directory: join(directory, 'snapshots') });
    warehouse = new RecordingWarehouse();
    partition = open();
    partition.start();
    summaries.length = 0;
  });

  afterEach(async () => {
    await partition.stop();
    await log.close();
    await snapshots.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('answers a query with everything that was appended before it', async () => {
    await create();
    await append(eventsRecord([{ eventId: 'a' }, { eventId: 'b' }, { eventId: 'a' }]));
    expect(await metrics()).toMatchObject({ received: 3, accepted: 2, duplicates: 1, clicks: 2 });
  });

  it('answers each command by its id, after telling the campaign’s new summary', async () => {
    const creation = command('create');
    const sequence = await append(encodeCommand(creation));
    const { commandId } = creation;
    const answer = await partition.ask({ kind: 'command', sequence, commandId });
    expect(answer).toMatchObject({ ok: true, view: { status: 'DRAFT' } });
    expect(summaries).toMatchObject([{ campaignId: 'c1', status: 'DRAFT' }]);
  });

  it('tells summaries that are not saved yet, and no others', async () => {
    await create();
    const ask = async (): Promise<unknown> =>
      partition.ask({ kind: 'summaries', sequence: await log.lastSequence(0) });
    expect(await ask()).toMatchObject([{ campaignId: 'c1', status: 'ACTIVE' }]);
    await inWarehouse((await closeBlock()) - 1);
    expect(await ask()).toEqual([]);
    await restart();
    expect(await ask()).toEqual([]);
    await append(encodeCommand(command('pause')));
    expect(await ask()).toMatchObject([{ campaignId: 'c1', status: 'PAUSED' }]);
    await restart();
    expect(await ask()).toMatchObject([{ campaignId: 'c1', status: 'PAUSED' }]);
  });

  it('counts the repeats that the filter stopped', async () => {
    await create();
    await append(
      eventsRecord(
        [{ eventId: 'a' }],
        [
          ['c1', REASONS.duplicate_event],
          ['c1', REASONS.duplicate_event],
        ],
      ),
    );
    expect(await metrics()).toMatchObject({ received: 3, accepted: 1, duplicates: 2 });
  });

  it('tells the decision on a row', async () => {
    await create();
    const sequence = await append(eventsRecord([{ eventId: 'a' }, { eventId: 'a' }]));
    expect(await partition.ask({ kind: 'decision', sequence, row: 1 })).toMatchObject({
      outcome: 'duplicate',
      reason: 'duplicate_event',
    });
  });

  it('goes on after a restart as if nothing had happened, wherever it stood', async () => {
    await create();
    for (let round = 0; round < 12; round++) {
      await append(
        eventsRecord([{ eventId: `${round}` }, { eventId: `${round - 1}` }, { eventId: `${round - 5}` }]),
      );
      if (round % 3 === 0) await inWarehouse((await closeBlock()) - 1);
      if (round % 2 === 0) await restart();
    }
    expect(await metrics()).toMatchObject({ received: 36, accepted: 17, duplicates: 19 });
  });

  it('forms the same blocks from the same log, byte for byte', async () => {
    await create();
    for (let round = 0; round < 10; round++) {
      now += 300 + 20 * SECOND * (round % 3);
      await append(
        eventsRecord([{ eventId: `${round}` }, { eventId: `${round - 1}`, campaignId: 'nobody' }]),
      );
    }
    await inWarehouse(await closeBlock());
    const first = warehouse;
    expect(first.blocks.size).toBeGreaterThan(8);
    await partition.stop();
    await snapshots.close();
    snapshots = openLmdbSnapshots({ directory: join(directory, 'others') });
    warehouse = new RecordingWarehouse();
    partition = open();
    partition.start();
    await inWarehouse(await log.lastSequence(0));
    expect([...warehouse.blocks]).toEqual([...first.blocks]);
  });

  it('remembers event ids over restarts, for the length of the window', async () => {
    await create();
    await append(eventsRecord([{ eventId: 'a' }]));
    await inWarehouse((await closeBlock()) - 1);
    await restart();
    now += limits.eventIdWindowMs - 10 * SECOND;
    await append(eventsRecord([{ eventId: 'a' }]));
    expect(await metrics()).toMatchObject({ accepted: 1, duplicates: 1 });
  });

  it('decides on while the warehouse hangs, and inserts everything once it goes on', async () => {
    await create();
    warehouse.hangs = true;
    await partition.stop();
    const began = performance.now();
    // Fifty times as fast as ours.
    const clock: Clock = {
      now: () => NOON + (performance.now() - began) * 50,
      sleep: (ms, signal) => SYSTEM_CLOCK.sleep(ms / 50, signal),
    };
    partition = open(campaignActors(KEY), undefined, clock);
    partition.start();
    const blocks = 3 * limits.sealedBlocks;
    for (let round = 1; round <= blocks; round++) {
      await append(eventsRecord([{ eventId: `${round}` }]));
      const last = (await closeBlock()) - 1;
      await waitFor('the block to be saved', () => (partition.progress?.committed ?? 0) >= last);
    }
    expect(await metrics()).toMatchObject({ accepted: blocks });
    expect(warehouse.blocks.size).toBe(0);
    warehouse.hangs = false;
    await inWarehouse(await log.lastSequence(0));
    expect([...warehouse.blocks.keys()].filter((key) => key.startsWith('decided_events'))).toHaveLength(
      blocks,
    );
  });

  it('does not work on a log that ends before what is saved, until it is whole again', async () => {
    await create();
    await append(eventsRecord([{ eventId: 'a' }]));
    await inWarehouse((await closeBlock()) - 1);
    await partition.stop();
    const whole = log;
    const lines: string[] = [];
    log = openSegmentLog({ directory: join(directory, 'short'), partitions: 1, now: () => now });
    partition = open(campaignActors(KEY), pino({ level: 'error' }, { write: (line) => lines.push(line) }));
    partition.start();
    await waitFor('the partition to refuse', () => lines.length > 0);
    expect(lines[0]).toMatch(/the log of partition 0 ends at 0, before 3, which is saved/);
    expect(partition.progress).toBeUndefined();
    await partition.stop();
    await log.close();
    log = whole;
    await restart();
    expect(await metrics()).toMatchObject({ accepted: 1 });
  });

  it('sets an event aside whose handling throws, and goes on', async () => {
    await partition.stop();
    const real = campaignActors(KEY);
    partition = open({
      async load(id, read) {
        const actor = await real.load(id, read);
        const event = actor.event.bind(actor);
        actor.event = (batch, ...rest) => {
          event(batch, ...rest);
          if (batch.string(0) === 'poison') throw new Error('cannot happen');
        };
        return actor;
      },
    });
    partition.start();
    await create();
    await append(eventsRecord([{ eventId: 'a' }, { eventId: 'poison' }, { eventId: 'b' }]));
    await append(eventsRecord([{ eventId: 'c' }]));
    expect(await metrics()).toMatchObject({ received: 4, accepted: 3, rejected: 1 });
    await partition.ask({ kind: 'saved', sequence: (await closeBlock()) - 1 });
    const letters = [];
    for await (const { letter } of lettersOf(snapshots.list(letterPrefix()))) letters.push(letter);
    expect(letters).toMatchObject([{ id: '0-3-1', eventId: 'poison', error: 'Error: cannot happen' }]);
    expect(partition.progress?.deadLetters).toBe(1);
  });

  it('sets a record aside that nobody can read, and goes on', async () => {
    await create();
    await append(Uint8Array.of(9, 9, 9));
    await append(Uint8Array.of(1, 2, 3));
    await append(Buffer.concat([Uint8Array.of(2), Buffer.from('{"half')]));
    await append(eventsRecord([{ eventId: 'a' }]));
    expect(await metrics()).toMatchObject({ accepted: 1 });
    await inWarehouse((await closeBlock()) - 1);
    const letters = [];
    for await (const { key } of snapshots.list('dead-letter/')) letters.push(key);
    expect(letters).toHaveLength(3);
  });

  it('goes on deciding while the warehouse is away, and brings it up to date afterwards', async () => {
    warehouse.isAway = true;
    await create();
    for (let round = 0; round < 3; round++) {
      await append(eventsRecord([{ eventId: `${round}` }]));
      await closeBlock();
    }
    expect(await metrics()).toMatchObject({ accepted: 3 });
    await expect.poll(() => partition.progress?.spoolBytes, { timeout: 20_000 }).toBeGreaterThan(0);
    await restart();
    warehouse.isAway = false;
    await inWarehouse((await log.lastSequence(0)) - 1);
    expect([...warehouse.blocks.keys()].filter((key) => key.startsWith('decided_events'))).toHaveLength(3);
    expect(partition.progress?.spoolBytes).toBe(0);
  });

  it('works actors of several kinds, which may have the same id', async () => {
    const told: string[] = [];
    const stop = bus.subscribe(({ id, subject }) => told.push(`${subject} ${id}`));
    const toPartner = (name: string, payload: object) =>
      append(encodeCommand(command(name, { actorKind: 'partner', payload })));
    await create();
    const permissions = { campaignCreation: true, advancedTargeting: false };
    await toPartner('register', {
      name: 'Ana',
      kind: 'AFFILIATE',
      status: 'ACTIVE',
      permissions,
      limits: {},
    });
    await toPartner('take_slot', { campaignId: 'c1', terms: { isAdvanced: false } });
    await inWarehouse(await closeBlock());
    await restart();
    const sequence = await log.lastSequence(0);
    const ask = (query: 'partner' | 'partner_campaigns' | 'campaign') =>
      partition.ask({ kind: 'query', sequence, actorId: 'c1', query });
    expect(await ask('partner')).toMatchObject({ partnerId: 'c1', name: 'Ana', activeCampaigns: 1 });
    expect(await ask('partner_campaigns')).toMatchObject({ slots: [{ campaignId: 'c1', grant: 4 }] });
    expect(await ask('campaign')).toMatchObject({ campaignId: 'c1', status: 'ACTIVE' });
    expect(summaries).toContainEqual(expect.objectContaining({ partnerId: 'c1', revision: 3 }));
    expect((await snapshots.get('partner-summary/c1'))?.value).toBeDefined();
    await waitFor('the domain events', () => told.includes('c1 partner:c1-3-0'));
    stop();
  });

  it('lets only one of two owners move the cursor, while both write the same rows', async () => {
    await create();
    await inWarehouse((await closeBlock()) - 1);
    const rival = open();
    rival.start();
    await expect.poll(() => rival.progress?.epoch).toBe(2);
    await append(eventsRecord([{ eventId: 'a' }]));
    await closeBlock();
    await expect.poll(() => rival.progress?.committed).toBeGreaterThan(3);
    await rival.stop();
  });
});
