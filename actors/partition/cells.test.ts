import { describe, expect, it } from 'vitest';
import { MemorySnapshots } from '../../cli/verify/memory-snapshots.ts';
import { actorFactories } from '../actors.ts';
import { command, definition, KEY, NOON } from '../test-support.ts';
import type { Cell } from './cell.ts';
import { Cells } from './cells.ts';

const MOST = 3;
const cells = (): Cells => new Cells(0, new MemorySnapshots(), actorFactories(KEY), MOST);

function create({ actor }: Cell): void {
  actor.command(command('create', { actorId: actor.id, payload: definition() }), NOON, 1);
}

describe('the actors in memory', () => {
  it('are the same whoever asks for them, also at the same time', async () => {
    const all = cells();
    const [one, other] = await Promise.all([all.load('campaign', 'c1'), all.load('campaign', 'c1')]);
    expect(one).toBe(other);
    expect(await all.load('campaign', 'c1')).toBe(one);
    expect(all.size).toBe(1);
  });

  it('are told apart by their kind', async () => {
    const all = cells();
    expect(await all.load('campaign', 'x')).not.toBe(await all.load('account', 'x'));
    expect(all.size).toBe(2);
  });

  it('have one that is created after somebody who asked for it has let go of it', async () => {
    const all = cells();
    const cell = await all.load('campaign', 'c1');
    all.forget(cell);
    expect(all.size).toBe(0);
    create(cell);
    all.touch(cell);
    expect(all.get('campaign', 'c1')).toBe(cell);
    expect(all.size).toBe(1);
  });

  it('have the one that was created, and not what was read of it before', async () => {
    const all = cells();
    const cell = await all.load('campaign', 'c1');
    all.forget(cell);
    const reading = all.load('campaign', 'c1');
    create(cell);
    all.touch(cell);
    expect(await reading).toBe(cell);
    expect(all.get('campaign', 'c1')).toBe(cell);
  });

  it('are let go of, those first that were not used for longest, but for those that are to be saved', async () => {
    const all = cells();
    const loaded: Cell[] = [];
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      const cell = await all.load('campaign', id);
      create(cell);
      loaded.push(cell);
    }
    const [a, b] = loaded as [Cell, Cell];
    a.pins++;
    all.touch(b);
    all.passivate();
    expect(['a', 'b', 'c', 'd', 'e'].filter((id) => all.get('campaign', id))).toEqual(['a', 'b', 'e']);
    expect(all.size).toBe(MOST);
  });

  it('have none that was never created', async () => {
    const all = cells();
    await all.load('campaign', 'nobody');
    all.passivate();
    expect(all.size).toBe(0);
  });
});
