import { describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import type { QueryAnswers, Seen } from '../../model/actor-gateway.ts';
import { actorFactories } from '../actors.ts';
import { command, KEY, NOON } from '../test-support.ts';
import { Cells } from './cells.ts';
import { type Actors, Watches } from './watches.ts';

/** Actors that have saved nothing. */
function actors(): Actors {
  return { cells: new Cells(0, { get: async () => undefined }, actorFactories(KEY)), time: NOON };
}

async function create({ cells }: Actors, sequence: number): Promise<void> {
  const { actor } = await cells.load('campaign', 'c1');
  actor.command(command('create'), NOON, sequence);
}

const question = (after?: number) =>
  ({
    kind: 'watch',
    sequence: 0,
    actorId: 'c1',
    queries: ['metrics'],
    ...(after !== undefined && { after }),
  }) as const;

/** A question under way, and what it was answered once it was. */
function asked(watches: Watches, of: Actors, after?: number) {
  const asked: { seen: Seen | undefined | 'nothing yet' } = { seen: 'nothing yet' };
  const done = watches.watch(question(after), of, NOON).then((seen) => {
    asked.seen = seen;
  });
  return { asked, done };
}

const received = (seen: Seen | undefined): number | undefined =>
  (seen?.answers.metrics as QueryAnswers['metrics'])?.received;

describe('questions that wait for something to happen', () => {
  test('are answered at once where nothing was seen, or something older', async () => {
    const watched = actors();
    await create(watched, 7);
    const watches = new Watches();
    for (const after of [undefined, 6]) {
      const seen = await watches.watch(question(after), watched, NOON);
      expect([seen?.at, received(seen)]).toEqual([7, 0]);
    }
  });

  test('wait until a record has changed their actor, and no other', async () => {
    const watched = actors();
    await create(watched, 7);
    const watches = new Watches();
    const { asked: first, done } = asked(watches, watched, 7);
    const { actor: other } = await watched.cells.load('campaign', 'c2');
    other.command({ ...command('create'), actorId: 'c2' }, NOON, 8);
    watches.progressed(watched);
    await Promise.resolve();
    expect(first.seen).toBe('nothing yet');
    const { actor } = await watched.cells.load('campaign', 'c1');
    actor.command(command('cancel'), NOON, 9);
    watches.progressed(watched);
    await done;
    expect((first.seen as Seen).at).toBe(9);
  });

  test('are told in time that nothing happens', async () => {
    const watched = actors();
    await create(watched, 7);
    const watches = new Watches();
    const { asked: first, done } = asked(watches, watched, 7);
    await watched.cells.load('campaign', 'c1');
    watches.expire(NOON + limits.watchMs - 1);
    await Promise.resolve();
    expect(first.seen).toBe('nothing yet');
    watches.expire(NOON + limits.watchMs);
    await done;
    expect(first.seen).toBeUndefined();
  });

  test('are answered where nobody looks at their actor any more', async () => {
    const watched = actors();
    await create(watched, 7);
    const watches = new Watches();
    const waiting = watches.watch(question(7), watched, NOON);
    await new Promise(setImmediate);
    const beginning = watches.watch(question(7), watched, NOON);
    watches.end();
    expect(await Promise.all([waiting, beginning])).toEqual([undefined, undefined]);
  });

  test('tell where there is no such actor, and keep none in memory', async () => {
    const watched = actors();
    expect(await new Watches().watch(question(), watched, NOON)).toEqual({
      at: 0,
      answers: { metrics: undefined },
    });
    expect(watched.cells.size).toBe(0);
  });
});
