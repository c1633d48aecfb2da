import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { ActorDocument } from '../actor.ts';
import { deletionsOf, PagedSet } from './paged-set.ts';

const PAGE = limits.fingerprintsPerPage;
const words = (n: number): Uint32Array => Uint32Array.of(Math.imul(n, 0x9e3779b1), n % 7, n);

/** Documents as a store keeps them: written by compare-and-set. */
class Store {
  readonly documents = new Map<string, { value: Uint8Array; revision: number }>();
  #revision = 0;

  write(documents: readonly ActorDocument[]): void {
    for (const { name, value, stored, isOlderThan } of documents) {
      const found = this.documents.get(name);
      if (stored && stored.revision === undefined) {
        stored.revision = found?.revision ?? 0;
        if (found && isOlderThan?.(found.value)) continue;
      }
      if (stored && (found?.revision ?? 0) !== stored.revision) throw new Error('conflict');
      if (!value) this.documents.delete(name);
      else this.documents.set(name, { value, revision: ++this.#revision });
      if (stored) stored.revision = this.#revision;
    }
  }

  load(size: number): Promise<PagedSet> {
    return PagedSet.load('set', size, async (name) => this.documents.get(name));
  }
}

function add(set: PagedSet, from: number, to: number): void {
  for (let n = from; n < to; n++) set.add(words(n), 0);
}

describe('a paged set', () => {
  it('is restored from its pages, and goes on writing them', async () => {
    const store = new Store();
    const set = new PagedSet('set');
    for (let size = 0; size <= 2 * PAGE; size += PAGE / 2) {
      add(set, size, size + PAGE / 2);
      store.write(set.takeChanges());
      const restored = await store.load(set.size);
      expect(restored.has(words(set.size - 1), 0)).toBe(true);
      expect(restored.has(words(set.size), 0)).toBe(false);
    }
    const restored = await store.load(set.size);
    add(restored, set.size, 4 * PAGE);
    store.write(restored.takeChanges());
    expect((await store.load(4 * PAGE)).size).toBe(4 * PAGE);
  });

  it('overwrites what a block that was never completed has left', async () => {
    const store = new Store();
    const set = new PagedSet('set');
    add(set, 0, 10);
    store.write(set.takeChanges());
    add(set, 10, 3 * PAGE);
    store.write(set.takeChanges());
    const restored = await store.load(10);
    expect(restored.has(words(10), 0)).toBe(false);
    add(restored, 10, 2 * PAGE + 1);
    store.write(restored.takeChanges());
    expect((await store.load(2 * PAGE + 1)).size).toBe(2 * PAGE + 1);
  });

  it('is not put back by an owner that has lost it', async () => {
    const store = new Store();
    const first = new PagedSet('set');
    add(first, 0, 10);
    store.write(first.takeChanges());
    const second = await store.load(10);
    add(second, 10, 30);
    store.write(second.takeChanges());
    add(first, 10, 20);
    expect(() => store.write(first.takeChanges())).toThrow('conflict');
    expect((await store.load(30)).size).toBe(30);
  });

  it('leaves a page alone that a later owner has written, though it does not know of it', async () => {
    const store = new Store();
    const [first, second] = [new PagedSet('set'), new PagedSet('set')];
    add(second, 0, 30);
    store.write(second.takeChanges());
    add(first, 0, 20);
    store.write(first.takeChanges());
    expect((await store.load(30)).size).toBe(30);
  });

  it('leaves nothing behind when it is dropped', () => {
    const store = new Store();
    const set = new PagedSet('set');
    add(set, 0, 2 * PAGE + 1);
    store.write(set.takeChanges());
    store.write(deletionsOf([set.dropped()]));
    expect(store.documents.size).toBe(0);
  });

  it('cannot be restored where a page is missing', async () => {
    await expect(new Store().load(1)).rejects.toThrow('missing');
  });
});
