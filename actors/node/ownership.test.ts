import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { waitFor } from '../../test/support/wait.ts';
import { Ownership, shareOf } from './ownership.ts';

const PARTITIONS = 8;

/** Time that passes only when it is told to, and a node that may sleep through it. */
class TestClock {
  time = 1_000_000;
  readonly #sleepers = new Set<{ readonly until: number; readonly node: string; wake(): void }>();
  readonly asleep = new Set<string>();

  /** The clock as a node sees it. */
  of(node: string): Clock {
    return {
      now: () => this.time,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          const sleeper = {
            until: this.time + ms,
            node,
            wake: () => {
              this.#sleepers.delete(sleeper);
              signal?.removeEventListener('abort', sleeper.wake);
              resolve();
            },
          };
          this.#sleepers.add(sleeper);
          signal?.addEventListener('abort', sleeper.wake);
          if (signal?.aborted) sleeper.wake();
        }),
    };
  }

  /** Lets time pass in small steps; who is due acts, and is waited for. */
  async pass(ms: number): Promise<void> {
    for (const end = this.time + ms; this.time < end; this.time += 50) {
      for (const sleeper of [...this.#sleepers])
        if (sleeper.until <= this.time && !this.asleep.has(sleeper.node)) sleeper.wake();
      await waitFor('every node to have acted', () => this.#sleepers.size === this.nodes && !this.isBusy());
    }
  }

  /** Nodes that ought to be asleep when they have acted. */
  nodes = 0;
  /** Whether something is still under way. */
  isBusy = (): boolean => false;
}

/** Snapshots that tell whether anything is asked of them at the moment. */
function observed(snapshots: Snapshots): { readonly snapshots: Snapshots; readonly isBusy: () => boolean } {
  let underWay = 0;
  const counted = <T>(work: Promise<T>): Promise<T> => {
    underWay++;
    return work.finally(() => underWay--);
  };
  return {
    isBusy: () => underWay > 0,
    snapshots: {
      get: (key) => counted(snapshots.get(key)),
      list: (prefix) => snapshots.list(prefix),
      watch: (prefix, put) => snapshots.watch(prefix, put),
      commit: (writes) => counted(snapshots.commit(writes)),
      acquire: (name, owner, ttlMs) => counted(snapshots.acquire(name, owner, ttlMs)),
      release: (lease) => counted(snapshots.release(lease)),
      close: () => snapshots.close(),
    },
  };
}

describe('the ownership of partitions', () => {
  let directory: string;
  let clock: TestClock;
  let snapshots: Snapshots;
  let nodes: Map<string, { readonly ownership: Ownership; readonly works: Set<number> }>;

  const enter = async (name: string): Promise<void> => {
    const works = new Set<number>();
    const ownership = new Ownership({
      node: name,
      partitions: PARTITIONS,
      snapshots,
      clock: clock.of(name),
      take: (partition) => works.add(partition),
      give: async (partition) => {
        works.delete(partition);
      },
      logger: pino({ level: 'silent' }),
    });
    nodes.set(name, { ownership, works });
    await ownership.start();
    clock.nodes++;
  };

  const works = (name: string): number[] => [...(nodes.get(name)?.works ?? [])].sort((a, b) => a - b);
  /** What all nodes work together, each partition as often as it is worked. */
  const worked = (...names: string[]): number[] => names.flatMap(works).sort((a, b) => a - b);
  const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'turnpike-ownership-'));
    clock = new TestClock();
    const watched = observed(openLmdbSnapshots({ directory, now: () => clock.time }));
    snapshots = watched.snapshots;
    clock.isBusy = watched.isBusy;
    nodes = new Map();
  });

  afterEach(async () => {
    clock.asleep.clear();
    for (const { ownership } of nodes.values()) await ownership.stop();
    await snapshots.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives a node that is alone every partition at once', async () => {
    await enter('a');
    expect(works('a')).toEqual(ALL);
  });

  it('shares them out when a node joins, moving no more than needed', async () => {
    await enter('a');
    await enter('b');
    await clock.pass(3_000);
    expect(worked('a', 'b')).toEqual(ALL);
    expect(works('a')).toHaveLength(4);
    const before = { a: works('a'), b: works('b') };
    await enter('c');
    await clock.pass(3_000);
    expect(worked('a', 'b', 'c')).toEqual(ALL);
    for (const name of ['a', 'b', 'c']) expect([2, 3]).toContain(works(name).length);
    for (const name of ['a', 'b'] as const) expect(before[name]).toEqual(expect.arrayContaining(works(name)));
  });

  it('ends in good order although nobody hears that it leaves', async () => {
    await enter('a');
    const unreachable = new TurnpikeError({ code: 'unavailable', message: 'out of reach' });
    const commit = vi.spyOn(snapshots, 'commit').mockRejectedValue(unreachable);
    await nodes.get('a')?.ownership.stop();
    commit.mockRestore();
    expect(works('a')).toEqual([]);
  });

  it('hands over at once when a node leaves', async () => {
    await enter('a');
    await enter('b');
    await clock.pass(3_000);
    clock.nodes--;
    await nodes.get('a')?.ownership.stop();
    nodes.delete('a');
    await clock.pass(1_000);
    expect(works('b')).toEqual(ALL);
  });

  it('takes over within five seconds what a dead node has left', async () => {
    await enter('a');
    await enter('b');
    await clock.pass(3_000);
    clock.asleep.add('a');
    await clock.pass(5_000);
    expect(works('b')).toEqual(ALL);
  });

  it('lets a node that wakes up give up what others have taken, and share again', async () => {
    await enter('a');
    await enter('b');
    await clock.pass(3_000);
    clock.asleep.add('a');
    await clock.pass(6_000);
    expect(works('a')).toHaveLength(4);
    clock.asleep.delete('a');
    await clock.pass(5_000);
    expect(worked('a', 'b')).toEqual(ALL);
    expect(works('a')).toHaveLength(4);
  });

  it('forgets what dead nodes have left behind', async () => {
    await enter('a');
    await enter('b');
    clock.asleep.add('b');
    await clock.pass(70_000);
    const members = [];
    for await (const { key } of snapshots.list('member/')) members.push(key);
    expect(members).toEqual(['member/a']);
  }, 30_000);
});

describe('the shares of nodes', () => {
  it('make up all partitions and differ by one at most', () => {
    for (let nodes = 1; nodes <= 20; nodes++) {
      const members = Array.from({ length: nodes }, (_, index) => `node-${String(index).padStart(2, '0')}`);
      const counts = members.map((member) => shareOf(member, members, 16).count);
      expect(counts.reduce((sum, count) => sum + count)).toBe(16);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });
});
