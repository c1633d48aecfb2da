import { describe, expect, test } from 'vitest';
import type { ActorFactory, EventActor } from '../../actors/actor.ts';
import { campaignActors } from '../../actors/campaign/actor.ts';
import { command, type EventInput, KEY, NOON } from '../../actors/test-support.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { FIELD } from '../../model/event-batch.ts';
import { encodeCommand } from '../../model/record.ts';
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import { waitFor } from '../support/wait.ts';
import { encodeRows } from '../support/warehouse-rows.ts';
import { SmallSystem } from './small-system.ts';

const MINUTE = 60_000;
const CLEAN = { missing: 0, extra: 0, different: 0 };

let eventNumber = 0;
/** Events with ids of their own, of several kinds and partners. */
function events(count: number, more: Partial<EventInput> = {}): EventInput[] {
  return Array.from({ length: count }, () => {
    const number = ++eventNumber;
    const partnerId = `partner ${number % 3}`;
    const type = number % 2 === 0 ? EventType.click : EventType.conversion;
    const value = type === EventType.conversion ? { valueMicros: 1_000_000, currency: 'USD' } : {};
    return {
      eventId: `e${number}`,
      type,
      partnerId,
      // Flagged by the campaign: the partner is the user.
      ...(number % 5 === 0 && { userId: partnerId }),
      occurredAt: NOON,
      ...value,
      url: 'https://shop.example/é',
      ...more,
    };
  });
}

/** Some minutes of a campaign's life: repeats, a budget that ends, repeats that the filter stopped. */
async function live(system: SmallSystem, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    const some = events(10);
    await system.send(some, [['c1', REASONS.duplicate_event]]);
    await system.pass(5_000);
    await system.send([...some.slice(0, 3), ...events(2)]);
    await system.pass(MINUTE - 5_000);
  }
  await system.settle();
}

const tight = { budgetTotal: { micros: 5_000_000, currency: 'USD' } };

/** Hides what comes of the log's first records, as if they had been given up. */
async function trim(system: SmallSystem, before: number): Promise<void> {
  await system.stop();
  await system.log.trim(0, before);
}

describe('a whole log', () => {
  test('is replayed, and all that is there is what comes out', async () => {
    await using system = await SmallSystem.start(tight);
    await live(system, 3);
    const { findings, ...facts } = await system.verify();
    expect(facts).toMatchObject({ level: 'replay', firstSequence: 1, events: 45, waiting: 0 });
    expect(findings.differences).toEqual([]);
    expect([findings.rowsCompared, findings.counts]).toEqual([45, CLEAN]);
    expect(findings.aggregatesCompared).toBe(12);
  });

  test('shows the rows, credits and aggregates of a block that was lost', async () => {
    await using system = await SmallSystem.start();
    await system.send(events(5));
    await system.settle();
    system.fate = () => 'lose';
    const sequence = await system.send(events(2, { partnerId: 'nobody' }));
    await system.settle();
    system.fate = () => 'insert';
    await system.send(events(5));
    await system.settle();
    const { findings } = await system.verify();
    expect(findings.counts).toEqual({ missing: 4, extra: 0, different: 0 });
    const row = { table: 'decided_events', kind: 'missing', sequence, campaign_id: 'c1' };
    expect(findings.differences).toMatchObject([
      { ...row, row: 0 },
      { ...row, row: 1 },
      { ...row, table: 'credits', touch: 0 },
      { table: 'aggregates', kind: 'missing', partner_id: 'nobody' },
    ]);
  });

  test('shows rows that were inserted twice', async () => {
    await using system = await SmallSystem.start();
    let first: WarehouseBlock | undefined;
    system.fate = (block) => {
      if (block.table === 'decided_events') first ??= block;
      return 'insert';
    };
    await live(system, 2);
    await system.warehouse.insert({ ...(first as WarehouseBlock), token: 'again' });
    const { findings } = await system.verify();
    expect(findings.counts).toEqual({ missing: 0, extra: 10, different: 0 });
    expect(findings.differences[0]).toMatchObject({ kind: 'extra', sequence: 3, row: 0 });
  });

  test('shows credits that are not what a replay gives', async () => {
    await using system = await SmallSystem.start();
    const credits: WarehouseBlock[] = [];
    system.fate = (block) => {
      if (block.table !== 'credits') return 'insert';
      credits.push(block);
      return credits.length === 1 ? 'insert' : 'lose';
    };
    const own = { type: EventType.conversion, valueMicros: 3_000_000 };
    await system.send(events(2, own));
    await system.settle();
    const sequence = await system.send(events(1, own));
    await system.settle();
    await system.warehouse.insert({ ...(credits[0] as WarehouseBlock), token: 'again' });
    const { findings } = await system.verify();
    expect(findings.counts).toEqual({ missing: 1, extra: 2, different: 0 });
    expect(findings.creditsCompared).toBe(3);
    const missing = { table: 'credits', kind: 'missing', campaign_id: 'c1', sequence, row: 0, touch: 0 };
    expect(findings.differences).toContainEqual(expect.objectContaining(missing));
  });

  test('shows aggregates that are not the sums, and names the values', async () => {
    await using system = await SmallSystem.start();
    await live(system, 2);
    await plantAggregate(system, { partner: 'partner 1', received: 7 });
    await plantAggregate(system, { partner: 'nobody', received: 1 });
    const { findings } = await system.verify();
    expect(findings.counts).toEqual({ missing: 0, extra: 1, different: 1 });
    expect(findings.differences).toContainEqual(
      expect.objectContaining({
        table: 'aggregates',
        kind: 'different',
        partner_id: 'partner 1',
        record_minute: '2026-06-01T12:00:00.000Z',
        values: expect.arrayContaining([{ column: 'received', found: '7', expected: expect.any(String) }]),
      }),
    );
  });

  test('shows rows that belong to no record, wherever they lie', async () => {
    await using system = await SmallSystem.start();
    await live(system, 1);
    const last = await system.log.lastSequence(0);
    await plantRow(system, 4, NOON + 5_000, 'in a tick');
    await plantRow(system, 3, NOON - 86_400_000, 'on another day');
    await plantRow(system, 5, NOON + 86_400_000, 'another day later');
    await plantRow(system, last + 9, NOON + MINUTE, 'in no record');
    const { findings } = await system.verify();
    expect(findings.counts).toEqual({ missing: 0, extra: 4, different: 0 });
    expect(findings.differences.map(({ event_id: id }) => id)).toEqual([
      expect.stringMatching(/^e\d+$/),
      'in a tick',
      'another day later',
      'in no record',
    ]);
  });

  test('knows that a block may be inserted before it is saved, and looks at it then', async () => {
    await using system = await SmallSystem.start();
    await system.send(events(5));
    await system.settle();
    const inserted: WarehouseBlock[] = [];
    system.fate = (block) => {
      inserted.push(block);
      return 'insert';
    };
    const commit = system.snapshots.commit.bind(system.snapshots);
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    system.snapshots.commit = (writes) => released.then(() => commit(writes));
    await system.send(events(4));
    await system.pass();
    await waitFor('all inserts', () => inserted.length === 3);
    const { findings, settledSequence, lastSequence } = await system.verify(true);
    expect(settledSequence).toBeLessThan(lastSequence);
    // Read when the block had just ended, the log does not tell that it has: there is no record after it yet.
    system.log.lastSequence = async () => lastSequence - 1;
    const earlier = await system.verify(true);
    release();
    expect([findings.counts, findings.rowsCompared]).toEqual([CLEAN, 9]);
    expect(earlier.findings.counts).toEqual(CLEAN);
  });

  test('does not miss what waits in the spool', async () => {
    await using system = await SmallSystem.start();
    await system.send(events(5));
    await system.settle();
    system.fate = () => 'refuse';
    await system.send(events(4));
    await system.save();
    const { findings, settledSequence, lastSequence } = await system.verify();
    expect(lastSequence - settledSequence).toBeGreaterThan(1);
    expect([findings.counts, findings.rowsCompared]).toEqual([CLEAN, 5]);
  });

  test('sets aside again what was set aside', async () => {
    await using system = await SmallSystem.start({}, failingOn('poison'));
    await system.send([...events(3), { eventId: 'poison' }, ...events(3)]);
    await system.send([{ eventId: 'poison', flags: 1 }]);
    await system.append(Uint8Array.of(99));
    await system.settle();
    const { findings } = await system.verify();
    expect([findings.counts, findings.rowsCompared, findings.differences]).toEqual([CLEAN, 8, []]);
  });

  test('goes on while it is looked at', async () => {
    await using system = await SmallSystem.start();
    await live(system, 1);
    const query = system.warehouse.query.bind(system.warehouse);
    let isFirst = true;
    system.warehouse.query = async <Row>(...args: Parameters<typeof query>): Promise<Row[]> => {
      if (args[0].includes('v0') && isFirst) {
        isFirst = false;
        await system.send(events(6, { partnerId: 'newcomer' }));
        await system.settle();
      }
      return query<Row>(...args);
    };
    const { findings } = await system.verify(true);
    expect([isFirst, findings.counts]).toEqual([false, CLEAN]);
  });

  test('of nothing demands nothing', async () => {
    await using system = await SmallSystem.start();
    await system.stop();
    expect(await system.verify()).toMatchObject({ level: 'replay', settledSequence: 0, events: 0 });
  });
});

describe('a log whose head was given up', () => {
  test('is held against the rows of what is left, and the rows against the aggregates', async () => {
    await using system = await SmallSystem.start(tight);
    await live(system, 5);
    await trim(system, 7);
    const { findings, ...facts } = await system.verify();
    expect(facts).toMatchObject({ level: 'contents', firstSequence: 7, events: 60 });
    expect([findings.counts, findings.rowsCompared, findings.differences]).toEqual([CLEAN, 60, []]);
    expect(findings.creditsCompared).toBeGreaterThan(0);
    // Three partners and the stopped repeats in each of the minutes that are whole.
    expect(findings.aggregatesCompared).toBe(12);
  });

  test('accounts for spend that was reported', async () => {
    await using system = await SmallSystem.start();
    for (let minute = 0; minute < 3; minute++) {
      await live(system, 1);
      const payload = { amount: { micros: 1_230_000, currency: 'USD' } };
      await system.append(encodeCommand(command('record_spend', { payload })));
    }
    await live(system, 1);
    await trim(system, 4);
    const { findings, level } = await system.verify();
    expect(level).toBe('contents');
    expect([findings.counts, findings.differences]).toEqual([CLEAN, []]);
  });

  test('shows what is missing, extra and not the sum', async () => {
    await using system = await SmallSystem.start();
    let blocks = 0;
    // The fourth block with rows: the rows are lost, and the aggregates have counted them.
    system.fate = ({ table }) => (table === 'decided_events' && ++blocks === 4 ? 'lose' : 'insert');
    await live(system, 5);
    await plantRow(system, 11, NOON + 2 * MINUTE, 'planted');
    await trim(system, 4);
    const { findings, level } = await system.verify();
    expect(level).toBe('contents');
    // One of the lost rows is a conversion, whose credit is there.
    expect(findings.counts).toMatchObject({ missing: 5, extra: 2 });
    expect(findings.counts.different).toBeGreaterThan(0);
    expect(findings.differences).toContainEqual(
      expect.objectContaining({ kind: 'extra', sequence: 11, event_id: 'planted' }),
    );
    expect(findings.differences).toContainEqual(
      expect.objectContaining({
        table: 'aggregates',
        kind: 'different',
        values: expect.arrayContaining([expect.objectContaining({ column: 'received' })]),
      }),
    );
  });

  test('shows conversions to which their credits do not sum', async () => {
    await using system = await SmallSystem.start();
    const credits: WarehouseBlock[] = [];
    system.fate = (block) => {
      if (block.table !== 'credits') return 'insert';
      credits.push(block);
      return credits.length === 2 ? 'lose' : 'insert';
    };
    const own = { type: EventType.conversion, valueMicros: 3_000_000 };
    for (let block = 0; block < 3; block++) {
      await system.send(events(1, own));
      await system.settle();
    }
    await system.warehouse.insert({ ...(credits[2] as WarehouseBlock), token: 'again' });
    await trim(system, 3);
    const { findings, level } = await system.verify();
    expect(level).toBe('contents');
    expect(findings.differences).toMatchObject([
      { table: 'credits', kind: 'missing', values: [{ column: 'share_ppm', found: '0' }, {}] },
      { table: 'credits', kind: 'different', values: [{ found: '2000000', expected: '1000000' }, {}] },
    ]);
  });

  test('of which nothing is left says so', async () => {
    await using system = await SmallSystem.start();
    await live(system, 1);
    await trim(system, (await system.log.lastSequence(0)) + 1);
    const { level, records, findings } = await system.verify();
    expect([level, records, findings.counts]).toEqual(['trimmed', 0, CLEAN]);
  });
});

/** Campaign actors that fail on events of this id. */
function failingOn(eventId: string): ActorFactory<EventActor> {
  const factory = campaignActors(KEY);
  return {
    async load(id, read) {
      const actor = await factory.load(id, read);
      const decide = actor.event.bind(actor);
      actor.event = (batch, ...rest) => {
        if (batch.string(FIELD.eventId) === eventId) throw new Error('planted');
        decide(batch, ...rest);
      };
      return actor;
    },
  };
}

/** Inserts an aggregate of the first minute in place of what is there. */
async function plantAggregate(
  { warehouse }: SmallSystem,
  { partner, received }: { readonly partner: string; readonly received: number },
): Promise<void> {
  const [known] = await warehouse.query<{ readonly version: string }>(
    'SELECT toString(max(version)) AS version FROM aggregates FINAL WHERE record_minute = {minute:UInt32} AND partner_id = {partner:String}',
    { minute: NOON / 1_000, partner },
  );
  const row = {
    campaign_id: 'c1',
    partner_id: partner,
    record_minute: NOON,
    event_hour: NOON,
    received,
    version: known?.version ?? '0',
  };
  const data = encodeRows('aggregates', [row]);
  await warehouse.insert({ table: 'aggregates', rows: 1, data, token: `planted ${partner}` });
}

/** Inserts a row that nobody has decided. */
async function plantRow(
  { warehouse }: SmallSystem,
  sequence: number,
  recordTime: number,
  eventId: string,
): Promise<void> {
  const row = {
    sequence,
    record_time: recordTime,
    occurred_at: recordTime,
    type: EventType.click,
    reason: REASONS.accepted,
    event_id: eventId,
    campaign_id: 'c1',
  };
  const data = encodeRows('decided_events', [row]);
  await warehouse.insert({ table: 'decided_events', rows: 1, data, token: `planted ${eventId}` });
}
