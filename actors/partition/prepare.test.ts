import { describe, expect, it } from 'vitest';
import { MemorySnapshots } from '../../cli/verify/memory-snapshots.ts';
import { limits } from '../../limits.ts';
import type { CommandAnswer } from '../../model/command.ts';
import { encodeCommand, TICK_RECORD } from '../../model/record.ts';
import type { Actor, ActorFactory, DocumentReader } from '../actor.ts';
import { actorFactories } from '../actors.ts';
import { command, KEY, NOON } from '../test-support.ts';
import { Cells } from './cells.ts';
import type { Cursor } from './cursor.ts';
import { EventIdWindow } from './event-id-window.ts';
import { PartitionState } from './partition-state.ts';

const START: Cursor = { sequence: 0, time: 0, eventIds: { generations: [], dropped: [] }, timers: [] };

/** Writes notes, and reads them again when it is asked for one. */
function notebook(read: (name: string, read: DocumentReader) => Promise<string | undefined>): ActorFactory {
  return {
    async load(id) {
      let prepared: string | undefined;
      let written: { name: string; text: string } | undefined;
      const actor: Actor = {
        id,
        applied: 0,
        exists: true,
        async prepare({ name, payload }, reader) {
          if (name === 'show') prepared = await read(payload as string, reader);
        },
        command({ name, payload }): CommandAnswer {
          if (name === 'write') written = payload as { name: string; text: string };
          return { ok: true, view: prepared };
        },
        receive: () => undefined,
        query: () => undefined as never,
        dueAt: () => undefined,
        onTime: () => undefined,
        takeSummary: () => undefined,
        takeDomainEvents: () => [],
        takeMessages: () => [],
        save: () => [
          ...(written ? [{ name: `note/${written.name}`, value: Buffer.from(written.text) }] : []),
          { name: 'state', value: Buffer.from('{}') },
        ],
      };
      return actor;
    },
  };
}

async function partitionOf(account: ActorFactory) {
  const answers: CommandAnswer[] = [];
  const eventIds = await EventIdWindow.load(START.eventIds, async () => undefined);
  const snapshots = new MemorySnapshots();
  const cells = new Cells(0, snapshots, { ...actorFactories(KEY), account });
  const state = new PartitionState(0, START, cells, eventIds, new Map(), {
    summary: () => undefined,
    answer: (_, answer) => answers.push(answer),
  });
  let sequence = 0;
  let time = NOON;
  const apply = async (data: Uint8Array): Promise<void> => {
    const record = { sequence: ++sequence, time, data };
    const closed = state.closeBefore(record);
    if (closed) snapshots.save(closed.block);
    await state.apply(record);
  };
  return {
    answers,
    execute: (name: string, payload: unknown) =>
      apply(encodeCommand(command(name, { actorKind: 'account', actorId: 'maria', payload }))),
    save: () => {
      time += limits.blockMs;
      return apply(TICK_RECORD);
    },
  };
}

describe('an actor that reads before a command', () => {
  it('reads what it has saved, by its own names', async () => {
    const partition = await partitionOf(
      notebook(async (name, read) => Buffer.from((await read(`note/${name}`))?.value ?? '').toString()),
    );
    await partition.execute('write', { name: 'a', text: 'first' });
    await partition.save();
    await partition.execute('show', 'a');
    expect(partition.answers.at(-1)).toEqual({ ok: true, view: 'first' });
  });

  it('is not set aside for what could not be read: the partition begins again', async () => {
    const partition = await partitionOf(
      notebook(async () => {
        throw new Error('the store does not answer');
      }),
    );
    await expect(partition.execute('show', 'a')).rejects.toThrow(/^the store does not answer$/);
  });
});
