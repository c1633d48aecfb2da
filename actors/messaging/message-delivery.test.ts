import { beforeEach, describe, expect, it } from 'vitest';
import { MemorySnapshots } from '../../cli/verify/memory-snapshots.ts';
import { limits } from '../../limits.ts';
import type { CommandAnswer } from '../../model/command.ts';
import { letterKey, type MessageLetter, REPLAY_MESSAGE, replayKey } from '../../model/dead-letter.ts';
import type { Message, MessageBatch } from '../../model/message.ts';
import { encodeCommand, encodeMessages, TICK_RECORD } from '../../model/record.ts';
import { actorFactories } from '../actors.ts';
import { keys } from '../keys.ts';
import type { SealedBlock } from '../partition/block.ts';
import { Cells } from '../partition/cells.ts';
import type { Cursor } from '../partition/cursor.ts';
import { EventIdWindow } from '../partition/event-id-window.ts';
import { PartitionState } from '../partition/partition-state.ts';
import { type Poison, PoisonedRow } from '../partition/poison.ts';
import { command, KEY, NOON } from '../test-support.ts';
import { type ListenerState, listeners, told } from './test-listener.ts';

const START: Cursor = { sequence: 0, time: 0, eventIds: { generations: [], dropped: [] }, timers: [] };
const PARTITION = 2;

/** A partition that records are given to, and that begins again from its cursor where a message is set aside. */
class Listening {
  readonly snapshots: MemorySnapshots;
  readonly blocks: SealedBlock[] = [];
  /** Texts that cannot be taken. */
  readonly failing = new Set<string>();
  cursor = START;
  #sequence = 0;
  #time = NOON;
  readonly #poison: Poison = new Map();
  readonly #answers = new Map<string, CommandAnswer>();
  /** Records since the cursor. */
  #records: { sequence: number; time: number; data: Uint8Array }[] = [];
  #state = {} as PartitionState;

  constructor(snapshots = new MemorySnapshots()) {
    this.snapshots = snapshots;
  }

  async restart(): Promise<void> {
    const eventIds = await EventIdWindow.load(this.cursor.eventIds, async () => undefined);
    const account = listeners((text) => this.failing.has(text));
    const cells = new Cells(PARTITION, this.snapshots, { ...actorFactories(KEY), account });
    this.#state = new PartitionState(PARTITION, this.cursor, cells, eventIds, this.#poison, {
      summary: () => undefined,
      answer: (id, answer) => this.#answers.set(id, answer),
    });
    for (const record of this.#records) await this.#apply(record);
  }

  async append(data: Uint8Array): Promise<number> {
    const record = { sequence: ++this.#sequence, time: this.#time, data };
    const closed = this.#state.closeBefore(record);
    if (closed) {
      this.blocks.push(closed.block);
      this.snapshots.save(closed.block);
      this.cursor = closed.cursor;
      this.#records = [];
    }
    this.#records.push(record);
    try {
      await this.#apply(record);
    } catch (error) {
      if (!(error instanceof PoisonedRow)) throw error;
      this.#poison.set(error.key, String(error.cause));
      await this.restart();
    }
    return record.sequence;
  }

  #apply(record: { sequence: number; time: number; data: Uint8Array }): Promise<void> {
    return this.#state.apply(record);
  }

  get nextTimer(): number {
    return this.#state.nextTimer;
  }

  tell(messages: readonly Message[], batch: Partial<MessageBatch> = {}): Promise<number> {
    return this.append(encodeMessages({ from: 7, upTo: 10, first: 0, ...batch, messages }));
  }

  async save(): Promise<void> {
    this.#time += limits.blockMs;
    await this.append(TICK_RECORD);
  }

  async execute(name: string, actorId: string, payload: unknown): Promise<CommandAnswer | undefined> {
    const given = command(name, { actorKind: 'account', actorId, payload });
    await this.append(encodeCommand(given));
    return this.#answers.get(given.commandId);
  }

  replay({ id, message, origin }: MessageLetter): Promise<CommandAnswer | undefined> {
    return this.execute(REPLAY_MESSAGE, message.actorId, { letterId: id, message, origin });
  }

  async heard(id: string): Promise<readonly string[]> {
    await this.save();
    const saved = await this.snapshots.get(keys.actorDocument(PARTITION, 'account', id, 'state'));
    return saved ? (JSON.parse(Buffer.from(saved.value).toString()) as ListenerState).heard : [];
  }

  /** The letter of a message at a place in the log. */
  async letter(sequence: number, row: number): Promise<MessageLetter> {
    await this.save();
    const saved = await this.snapshots.get(letterKey({ partition: PARTITION, sequence, row }));
    return JSON.parse(Buffer.from(saved?.value ?? '{}').toString()) as MessageLetter;
  }
}

let partition: Listening;
beforeEach(async () => {
  partition = new Listening();
  await partition.restart();
});

describe('messages of another partition', () => {
  it('are told in their order, with the block that they come from', async () => {
    await partition.tell([told('a', 'one'), told('b', 'two'), told('a', 'three')]);
    expect(await partition.heard('a')).toEqual(['one 7:10', 'three 7:10']);
    expect(await partition.heard('b')).toEqual(['two 7:10']);
  });

  it('are told once, however often their batch comes', async () => {
    const batch = [told('a', 'one'), told('b', 'two')];
    await partition.tell(batch);
    await partition.tell(batch);
    await partition.save();
    await partition.tell(batch);
    expect(await partition.heard('a')).toEqual(['one 7:10']);
  });

  it('are not told again when an earlier batch comes after a later one', async () => {
    await partition.tell([told('a', 'one')], { upTo: 10 });
    await partition.tell([told('a', 'two')], { upTo: 12 });
    await partition.tell([told('a', 'one')], { upTo: 10 });
    expect(await partition.heard('a')).toEqual(['one 7:10', 'two 7:12']);
  });

  it('are told apart by their senders', async () => {
    await partition.tell([told('a', 'one')], { from: 7, upTo: 10 });
    await partition.tell([told('a', 'two')], { from: 3, upTo: 4 });
    expect(await partition.heard('a')).toEqual(['one 7:10', 'two 3:4']);
  });

  it('are told once where a block comes in parts, and in other parts the second time', async () => {
    const [one, two, three] = [told('a', 'one'), told('a', 'two'), told('a', 'three')] as const;
    await partition.tell([one], { first: 0 });
    await partition.tell([two], { first: 1 });
    await partition.tell([one, two, three], { first: 0 });
    await partition.tell([two, three], { first: 1 });
    expect(await partition.heard('a')).toEqual(['one 7:10', 'two 7:10', 'three 7:10']);
  });

  it('are not told again after a restart from the cursor', async () => {
    const batch = [told('a', 'one')];
    await partition.tell(batch);
    await partition.save();
    await partition.restart();
    await partition.tell(batch);
    expect(await partition.heard('a')).toEqual(['one 7:10']);
  });

  it('are told again after a restart where they were not saved', async () => {
    await partition.tell([told('a', 'one')]);
    await partition.restart();
    expect(await partition.heard('a')).toEqual(['one 7:10']);
  });

  it('are not told to an actor that had saved them when the rest of its block was lost', async () => {
    await partition.tell([told('a', 'one'), told('b', 'two')]);
    await partition.save();
    const [block] = partition.blocks as [SealedBlock];
    const key = keys.actorDocument(PARTITION, 'account', 'b', 'state');
    partition.snapshots.save({ ...block, documents: [{ key, value: undefined }], cells: [] });
    const again = new Listening(partition.snapshots);
    await again.restart();
    await again.tell([told('a', 'one'), told('b', 'two')]);
    // A repeat changes nothing, also for an actor that is restored.
    await again.tell([told('a', 'one'), told('b', 'two')]);
    expect(await again.heard('a')).toEqual(['one 7:10']);
    expect(await again.heard('b')).toEqual(['two 7:10']);
    expect(again.blocks[0]).toMatchObject({ wasInserted: true });
  });

  it('have their actor called in time, also where a commit has stopped between the actor and the cursor', async () => {
    const due = NOON + 3_600_000;
    await partition.tell([told('a', `until ${due}`)]);
    await partition.save();
    const again = new Listening(partition.snapshots);
    await again.restart();
    await again.tell([told('a', `until ${due}`)]);
    expect(again.nextTimer).toBe(due);
  });

  it('leave no open block behind where nothing of them is new', async () => {
    await partition.tell([told('a', 'one')]);
    await partition.save();
    const { length } = partition.blocks;
    await partition.tell([told('a', 'one')]);
    await partition.save();
    expect(partition.blocks).toHaveLength(length);
  });

  it('fill a block as events do', async () => {
    const messages = Array.from({ length: limits.eventsPerBlock }, (_, index) => told('a', `${index}`));
    await partition.tell(messages, { upTo: 10 });
    await partition.tell([told('a', 'next')], { upTo: 11 });
    expect(partition.blocks).toHaveLength(1);
  });
});

describe('what actors say', () => {
  it('is saved with the block that they say it in', async () => {
    await partition.tell([told('a', 'pass it')]);
    await partition.execute('say', 'b', told('c', 'hello'));
    await partition.save();
    const [block] = partition.blocks;
    const document = block?.documents.find(({ key }) => key === keys.messages(PARTITION, 2));
    expect(JSON.parse(Buffer.from(document?.value ?? '').toString())).toEqual({
      time: NOON,
      messages: [told('on', 'pass it'), told('c', 'hello')],
    });
    expect(block?.outgoing).toEqual({ events: 0, messages: 2, transfers: 0 });
  });
});

describe('a message that cannot be taken', () => {
  beforeEach(async () => {
    partition.failing.add('bad');
  });

  it('is kept whole in a letter, and holds up nothing else', async () => {
    const sequence = await partition.tell([told('a', 'one'), told('a', 'bad'), told('a', 'three')]);
    expect(await partition.letter(sequence, 1)).toMatchObject({
      kind: 'MESSAGE',
      error: 'Error: cannot take bad',
      message: told('a', 'bad'),
      origin: { from: 7, upTo: 10 },
    });
    expect(await partition.heard('a')).toEqual(['one 7:10', 'three 7:10']);
  });

  it('is told when it is replayed: once, also after a restart', async () => {
    const sequence = await partition.tell([told('a', 'bad')]);
    const letter = await partition.letter(sequence, 0);
    partition.failing.clear();
    const answer = await partition.replay(letter);
    expect(answer).toMatchObject({ ok: true, view: { by: 'tester', reason: 100 } });
    expect(await partition.replay(letter)).toMatchObject({ failure: { code: 'already_exists' } });
    await partition.save();
    await partition.restart();
    expect(await partition.replay(letter)).toMatchObject({ failure: { code: 'already_exists' } });
    expect(await partition.heard('a')).toEqual(['bad 7:10']);
    expect(await partition.snapshots.get(replayKey(letter))).toBeDefined();
  });

  it('becomes a new letter where it fails again', async () => {
    const sequence = await partition.tell([told('a', 'bad')]);
    const letter = await partition.letter(sequence, 0);
    const answer = await partition.replay(letter);
    const { decisionId } = (answer as { view: { decisionId: string } }).view;
    expect(answer).toMatchObject({ ok: true, view: { reason: 390 } });
    const next = await partition.letter(Number.parseInt(decisionId.split('-')[1] as string, 36), 0);
    expect(next).toMatchObject({ id: decisionId, kind: 'MESSAGE', message: told('a', 'bad') });
    partition.failing.clear();
    await partition.replay(next);
    expect(await partition.heard('a')).toEqual(['bad 7:10']);
  });

  it('is not told by a letter of another partition, or to somebody else', async () => {
    const sequence = await partition.tell([told('a', 'bad')]);
    const letter = await partition.letter(sequence, 0);
    partition.failing.clear();
    expect(await partition.replay({ ...letter, id: '0-1-0' })).toMatchObject({ ok: false });
    const { id, message, origin } = letter;
    const other = await partition.execute(REPLAY_MESSAGE, 'b', { letterId: id, message, origin });
    expect(other).toMatchObject({ failure: { code: 'invalid_argument' } });
  });
});
