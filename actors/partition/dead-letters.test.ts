import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshots } from '../../cli/verify/memory-snapshots.ts';
import { limits } from '../../limits.ts';
import type { CampaignMetrics } from '../../model/campaign.ts';
import type { CommandAnswer } from '../../model/command.ts';
import {
  type DeadLetter,
  type EventLetter,
  letterId,
  REPLAY_LETTER,
  replayedLetterKey,
} from '../../model/dead-letter.ts';
import { EventType } from '../../model/event.ts';
import { encodeCommand, TICK_RECORD } from '../../model/record.ts';
import { actorFactories } from '../actors.ts';
import { keys } from '../keys.ts';
import { command, type EventInput, eventsRecord, KEY, NOON } from '../test-support.ts';
import type { SealedBlock } from './block.ts';
import { Cells } from './cells.ts';
import type { Cursor } from './cursor.ts';
import { EventIdWindow } from './event-id-window.ts';
import { PartitionState } from './partition-state.ts';
import { type Poison, poisonKey } from './poison.ts';

const START: Cursor = { sequence: 0, time: 0, eventIds: { generations: [], dropped: [] }, timers: [] };
const PARTITION = 0;

/** A partition without log: records are applied as they are given, and what blocks save is kept in memory. */
class PartitionInMemory {
  time = NOON;
  /** Rows that fail. */
  readonly poison: Poison = new Map();
  readonly letters = new Map<string, DeadLetter>();
  /** By the key of the letter. */
  readonly replays = new Map<string, unknown>();
  readonly blocks: SealedBlock[] = [];
  #snapshots = new MemorySnapshots();
  readonly #answers = new Map<string, CommandAnswer>();
  #cursor = START;
  #state = {} as PartitionState;
  #cells = {} as Cells;
  sequence = 0;

  static async start(): Promise<PartitionInMemory> {
    const partition = new PartitionInMemory();
    await partition.restart();
    await partition.execute('create');
    await partition.execute('activate');
    return partition;
  }

  /** Begins a new life from what is saved. */
  async restart(): Promise<void> {
    const eventIds = await EventIdWindow.load(this.#cursor.eventIds, (name) =>
      this.#snapshots.get(keys.partitionDocument(PARTITION, name)),
    );
    this.#cells = new Cells(PARTITION, this.#snapshots, actorFactories(KEY));
    this.#state = new PartitionState(PARTITION, this.#cursor, this.#cells, eventIds, this.poison, {
      summary: () => undefined,
      answer: (id, answer) => this.#answers.set(id, answer),
    });
  }

  async apply(data: Uint8Array): Promise<number> {
    const record = { sequence: ++this.sequence, time: this.time, data };
    const closed = this.#state.closeBefore(record);
    if (closed) {
      this.#snapshots.save(closed.block);
      this.#cursor = closed.cursor;
      this.blocks.push(closed.block);
      for (const { key, value } of closed.block.documents) this.#note(key, value);
    }
    await this.#state.apply(record);
    return record.sequence;
  }

  /** Saves what was applied. */
  async save(): Promise<void> {
    this.time += limits.blockMs;
    await this.apply(TICK_RECORD);
  }

  send(...events: EventInput[]): Promise<number> {
    return this.apply(eventsRecord(events));
  }

  /** Sends an event that fails, and gives its letter. */
  async fail(event: EventInput, error = 'Error: a bug'): Promise<EventLetter> {
    this.poison.set(poisonKey(this.sequence + 1, 0), error);
    return this.letterAt(await this.send(event));
  }

  async letterAt(sequence: number): Promise<EventLetter> {
    await this.save();
    return this.letters.get(letterId({ partition: PARTITION, sequence, row: 0 })) as EventLetter;
  }

  async execute(name: string, payload?: unknown): Promise<CommandAnswer> {
    const given = command(name, payload === undefined ? {} : { payload });
    await this.apply(encodeCommand(given));
    return this.#answers.get(given.commandId) as CommandAnswer;
  }

  replay({ id, record }: EventLetter): Promise<CommandAnswer> {
    return this.execute(REPLAY_LETTER, { letterId: id, record });
  }

  async metrics(): Promise<CampaignMetrics> {
    const cell = await this.#cells.load('campaign', 'c1');
    return cell.actor.query('metrics', this.time) as CampaignMetrics;
  }

  #note(key: string, value: Uint8Array | undefined): void {
    if (!key.startsWith('dead-letter/') || !value) return;
    const document = JSON.parse(Buffer.from(value).toString());
    const replayed = replayedLetterKey(key);
    if (replayed !== undefined) this.replays.set(replayed, document);
    else this.letters.set(document.id, document);
  }
}

let partition: PartitionInMemory;
beforeEach(async () => {
  partition = await PartitionInMemory.start();
});

const CONVERSION: EventInput = {
  eventId: 'ñ1',
  type: EventType.conversion,
  partnerId: 'maria',
  transactionId: 't1',
  valueMicros: 1_500_000,
  currency: 'USD',
  userAgent: 'curl/8',
  flags: 5,
};

describe('the letter of an event that has failed', () => {
  it('says what has failed, where, when and why', async () => {
    const letter = await partition.fail(CONVERSION);
    expect(letter).toMatchObject({
      kind: 'EVENT',
      id: '0-3-0',
      partition: 0,
      sequence: 3,
      row: 0,
      time: NOON,
      reason: 390,
      error: 'Error: a bug',
      campaignId: 'c1',
      eventId: 'ñ1',
      type: 'conversion',
    });
  });

  it('holds the event whole', async () => {
    const { record } = await partition.fail(CONVERSION);
    expect(Buffer.from(record, 'base64')).toEqual(Buffer.from(eventsRecord([CONVERSION])));
  });

  it('holds of a record of many events only the one that failed', async () => {
    const events = [{ eventId: 'a', visitor: 'x' }, { ...CONVERSION }, { eventId: 'b', visitor: 'y' }];
    partition.poison.set(poisonKey(partition.sequence + 1, 2), 'Error: a bug');
    await partition.send(...events);
    await partition.save();
    const [letter] = [...partition.letters.values()] as EventLetter[];
    expect(letter?.id).toBe('0-3-2');
    expect(Buffer.from(letter?.record ?? '', 'base64')).toEqual(
      Buffer.from(eventsRecord([{ eventId: 'b', visitor: 'y' }])),
    );
  });

  it('bounds the text of the error', async () => {
    const { error } = await partition.fail({ eventId: 'a' }, 'x'.repeat(1_000_000));
    expect(error).toHaveLength(limits.errorLength);
  });

  it('is made known once, as a domain event in the block that saves it', async () => {
    await partition.fail(CONVERSION);
    const outboxes = partition.blocks.flatMap(({ documents }) =>
      documents.filter(({ key }) => key === keys.outbox(PARTITION, 3)),
    );
    const events = outboxes.flatMap(({ value }) => JSON.parse(Buffer.from(value ?? '').toString()));
    expect(events.filter(({ type }) => type === 'tracking.failed')).toEqual([
      expect.objectContaining({
        id: 'c1-3-0',
        subject: 'c1',
        data: {
          letter_id: '0-3-0',
          event_id: 'ñ1',
          event_type: 'conversion',
          reason: 'processing_failed',
          error: 'Error: a bug',
        },
      }),
    ]);
  });
});

describe('an event that has failed', () => {
  it('is counted as rejected, and what comes under its id later as repeats, for ever', async () => {
    await partition.fail({ eventId: 'a' });
    await partition.send({ eventId: 'a' });
    partition.time += 3 * limits.eventIdWindowMs;
    await partition.send({ eventId: 'b' });
    await partition.save();
    await partition.restart();
    await partition.send({ eventId: 'a' });
    expect(await partition.metrics()).toMatchObject({
      received: 4,
      accepted: 1,
      rejected: 1,
      duplicates: 2,
    });
  });
});

describe('a replay', () => {
  it('decides the event anew, as one more that was received', async () => {
    const letter = await partition.fail(CONVERSION);
    partition.time += limits.eventIdWindowMs * 5;
    expect(await partition.replay(letter)).toEqual({
      ok: true,
      view: { time: partition.time, by: 'tester', decisionId: '0-5-0', reason: 100 },
    });
    expect(await partition.metrics()).toMatchObject({
      received: 2,
      rejected: 1,
      accepted: 1,
      conversions: 1,
      revenueMicros: 1_500_000n,
    });
  });

  it('puts its row in the warehouse, and notes beside the letter what became of it', async () => {
    const letter = await partition.fail({ eventId: 'a' });
    const answer = await partition.replay(letter);
    await partition.save();
    expect(partition.blocks.at(-1)?.inserts.map(({ table, rows }) => [table, rows])).toEqual([
      ['decided_events', 1],
      ['aggregates', 1],
    ]);
    expect([...partition.replays.values()]).toEqual([answer.ok && answer.view]);
    expect(partition.letters.get(letter.id)).toEqual(letter);
  });

  it('is carried out once, whoever asks again and when', async () => {
    const letter = await partition.fail({ eventId: 'a' });
    await partition.replay(letter);
    const again = { ok: false, failure: { code: 'already_exists' } };
    expect(await partition.replay(letter)).toMatchObject(again);
    await partition.save();
    await partition.restart();
    expect(await partition.replay(letter)).toMatchObject(again);
    expect(await partition.metrics()).toMatchObject({ received: 2, accepted: 1, rejected: 1 });
    await partition.save();
    expect(partition.replays.size).toBe(1);
  });

  it('obeys the rules of the moment', async () => {
    const letter = await partition.fail(CONVERSION);
    await partition.send({ ...CONVERSION, eventId: 'other' });
    expect(await partition.replay(letter)).toMatchObject({ ok: true, view: { reason: 201 } });
    expect(await partition.metrics()).toMatchObject({ conversions: 1, duplicates: 1 });
  });

  it('of a repeat counts a repeat', async () => {
    await partition.send({ eventId: 'a' });
    const letter = await partition.fail({ eventId: 'a' });
    expect(await partition.replay(letter)).toMatchObject({ ok: true, view: { reason: 200 } });
    expect(await partition.metrics()).toMatchObject({ accepted: 1, rejected: 1, duplicates: 1 });
  });

  it('that fails again makes a new letter, and only that one can be replayed', async () => {
    const letter = await partition.fail(CONVERSION);
    partition.poison.set(poisonKey(partition.sequence + 1, 0), 'Error: still a bug');
    const answer = await partition.replay(letter);
    expect(answer).toMatchObject({ ok: true, view: { reason: 390, decisionId: '0-5-0' } });
    const next = await partition.letterAt(5);
    expect(next).toMatchObject({ id: '0-5-0', error: 'Error: still a bug', record: letter.record });
    expect(await partition.replay(letter)).toMatchObject({ failure: { code: 'already_exists' } });
    expect(await partition.replay(next)).toMatchObject({ ok: true, view: { reason: 100 } });
    expect(await partition.metrics()).toMatchObject({ received: 3, accepted: 1, rejected: 2 });
  });

  it('is refused, and stays possible, while the campaign does not run', async () => {
    const letter = await partition.fail({ eventId: 'a' });
    await partition.execute('pause');
    expect(await partition.replay(letter)).toMatchObject({
      ok: false,
      failure: { code: 'failed_precondition', state: 'PAUSED' },
    });
    await partition.execute('resume');
    expect(await partition.replay(letter)).toMatchObject({ ok: true, view: { reason: 100 } });
  });

  it.each([
    ['an id that is none', { letterId: 'x' }],
    ['a letter of another partition', { letterId: '1-3-0' }],
    [
      'an event of another campaign',
      { record: toBase64(eventsRecord([{ eventId: 'a', campaignId: 'c2' }])) },
    ],
    ['several events', { record: toBase64(eventsRecord([{ eventId: 'a' }, { eventId: 'b' }])) }],
    ['bytes that are no record', { record: 'AAAA' }],
  ])('is refused for %s', async (_, changes) => {
    const letter = await partition.fail({ eventId: 'a' });
    const answer = await partition.execute(REPLAY_LETTER, {
      letterId: letter.id,
      record: letter.record,
      ...changes,
    });
    expect(answer).toMatchObject({ ok: false });
    expect(await partition.metrics()).toMatchObject({ received: 1 });
  });
});

describe('letters of what is no event', () => {
  it('keep of a command who gave it, and nothing of what it said', async () => {
    partition.poison.set(poisonKey(3, 0), 'Error: a bug');
    expect(await partition.execute('pause', { secret: 'sk_1' })).toMatchObject({ ok: false });
    await partition.save();
    const [letter] = partition.letters.values();
    expect(letter).toMatchObject({
      kind: 'COMMAND',
      command: { actorKind: 'campaign', actorId: 'c1', name: 'pause', by: 'tester' },
    });
    expect(JSON.stringify(letter)).not.toContain('sk_1');
  });

  it('keep a record that nobody can read whole', async () => {
    await partition.apply(Uint8Array.of(9, 8, 7));
    await partition.save();
    expect([...partition.letters.values()]).toMatchObject([{ kind: 'RECORD', record: 'CQgH' }]);
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), event: fc.nat(3), fails: fc.boolean() }),
  fc.record({ do: fc.constant('replay' as const), letter: fc.nat(9), fails: fc.boolean() }),
  fc.record({ do: fc.constantFrom('restart' as const, 'wait' as const) }),
);

describe('whatever fails and is replayed, in whatever order', () => {
  it('no event that has failed is counted more than once, and none is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const one = await PartitionInMemory.start();
        /** By event id: how often it was accepted since it failed for the first time. */
        const accepted = new Map<string, number>();
        let received = 0;
        for (const given of steps) {
          const before = (await one.metrics()).accepted;
          let eventId: string | undefined;
          if ('fails' in given && given.fails) one.poison.set(poisonKey(one.sequence + 1, 0), 'Error: a bug');
          if (given.do === 'send') {
            eventId = `e${given.event}`;
            if (given.fails && !accepted.has(eventId)) accepted.set(eventId, -1);
            await one.send({ eventId });
            received++;
          } else if (given.do === 'replay') {
            await one.save();
            const letter = [...one.letters.values()][given.letter] as EventLetter | undefined;
            if (letter && (await one.replay(letter)).ok) {
              received++;
              eventId = letter.eventId;
            } else one.poison.clear();
          } else {
            await one.save();
            if (given.do === 'wait') one.time += 3 * limits.eventIdWindowMs;
            else await one.restart();
          }
          const counted = (await one.metrics()).accepted - before;
          if (eventId !== undefined && accepted.has(eventId) && counted > 0)
            accepted.set(eventId, Math.max(0, accepted.get(eventId) as number) + counted);
        }
        const metrics = await one.metrics();
        expect(metrics.received).toBe(received);
        expect(metrics.accepted + metrics.duplicates + metrics.rejected + metrics.pending).toBe(received);
        for (const [eventId, times] of accepted) expect(times, eventId).toBeLessThanOrEqual(1);
      }),
      { numRuns: 150 },
    );
  });
});

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
