import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { ActorDocument } from '../actor.ts';
import { PagedRecords } from './paged-records.ts';

const PAGE = limits.recordsPerPage;
const record = (n: number): string => (n % 5 === 0 ? '' : `record ${n} ü`);

/** Documents as a store keeps them: written by compare-and-set, blocks after they were handed out. */
class Store {
  readonly documents = new Map<string, { value: Uint8Array; revision: number }>();
  /** Pages that were read. */
  readonly read: string[] = [];
  #revision = 0;

  readonly reader = async (name: string) => {
    this.read.push(name);
    return this.documents.get(name);
  };

  write(documents: readonly ActorDocument[]): void {
    for (const { name, value, stored, isOlderThan } of documents) {
      const found = this.documents.get(name);
      if (stored && stored.revision === undefined) {
        stored.revision = found?.revision ?? 0;
        if (found && isOlderThan?.(found.value)) continue;
      }
      if (stored && (found?.revision ?? 0) !== stored.revision) throw new Error('conflict');
      this.documents.set(name, { value: value as Uint8Array, revision: ++this.#revision });
      if (stored) stored.revision = this.#revision;
    }
  }

  load(size: number): Promise<PagedRecords> {
    return PagedRecords.load('records', size, this.reader);
  }
}

function append(records: PagedRecords, from: number, to: number): void {
  for (let n = from; n < to; n++) records.append(record(n));
}

async function expectRecords(records: PagedRecords, store: Store, size: number): Promise<void> {
  expect(records.size).toBe(size);
  for (let n = 0; n < size; n++) expect(await records.at(n, store.reader)).toBe(record(n));
}

describe('paged records', () => {
  it('are found again by their index, saved or not, restored or not', async () => {
    const store = new Store();
    const records = new PagedRecords('records');
    append(records, 0, 3 * PAGE + 1);
    await expectRecords(records, store, 3 * PAGE + 1);
    store.write(records.takeChanges());
    append(records, 3 * PAGE + 1, 4 * PAGE);
    await expectRecords(records, store, 4 * PAGE);
    store.write(records.takeChanges());
    await expectRecords(await store.load(4 * PAGE), store, 4 * PAGE);
  });

  it('leave memory, but for the page that grows, once they are saved', async () => {
    const store = new Store();
    const records = new PagedRecords('records');
    append(records, 0, 2 * PAGE + 1);
    const changes = records.takeChanges();
    append(records, 2 * PAGE + 1, 2 * PAGE + 2);
    const more = records.takeChanges();
    expect(records.inMemory).toBe(2 * PAGE + 2);
    store.write(changes);
    expect(records.inMemory).toBe(2);
    store.write(more);
    expect(await records.at(0, store.reader)).toBe(record(0));
    expect(await records.at(1, store.reader)).toBe(record(1));
    expect(records.inMemory).toBe(2);
  });

  it('stay in memory while a page is saved that lacks some of them', async () => {
    const store = new Store();
    const records = new PagedRecords('records');
    append(records, 0, 1);
    store.write(records.takeChanges());
    append(records, 1, 2);
    const changes = records.takeChanges();
    append(records, 2, PAGE);
    records.takeChanges();
    store.write(changes);
    records.takeChanges();
    expect(await records.at(PAGE - 1, store.reader)).toBe(record(PAGE - 1));
    expect(store.read).toEqual([]);
  });

  it('are written again only in pages that changed', async () => {
    const store = new Store();
    const records = new PagedRecords('records');
    append(records, 0, PAGE + 1);
    store.write(records.takeChanges());
    append(records, PAGE + 1, PAGE + 2);
    expect(records.takeChanges().map(({ name }) => name)).toEqual(['records/1']);
    expect(records.takeChanges()).toEqual([]);
  });

  it('do not count beyond their number, which a block that was never completed may have left', async () => {
    const store = new Store();
    const records = new PagedRecords('records');
    append(records, 0, 10);
    store.write(records.takeChanges());
    append(records, 10, 2 * PAGE + 5);
    store.write(records.takeChanges());
    const restored = await store.load(10);
    expect(restored.inMemory).toBe(10);
    append(restored, 10, 20);
    store.write(restored.takeChanges());
    append(restored, 20, PAGE + 3);
    store.write(restored.takeChanges());
    await expectRecords(restored, store, PAGE + 3);
    await expectRecords(await store.load(PAGE + 3), store, PAGE + 3);
  });

  it('do not overwrite what a later owner has written', async () => {
    const store = new Store();
    const records = new PagedRecords('records');
    append(records, 0, 10);
    store.write(records.takeChanges());
    const late = await store.load(10);
    append(records, 10, 30);
    store.write(records.takeChanges());
    append(late, 10, 20);
    expect(() => store.write(late.takeChanges())).toThrow('conflict');
  });

  it('take it for an error that a page is missing', async () => {
    const store = new Store();
    await expect(store.load(1)).rejects.toThrow('records/0 is missing');
    const records = await store.load(PAGE);
    await expect(records.at(3, store.reader)).rejects.toThrow('records/0 is missing');
  });

  it('are the same however they are saved, restored and left unfinished', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            appended: fc.integer({ min: 0, max: 3 * PAGE }),
            outcome: fc.constantFrom('save', 'save later', 'fail', 'restart'),
          }),
          { maxLength: 12 },
        ),
        async (steps) => {
          const store = new Store();
          let records = new PagedRecords('records');
          let saved = 0;
          let waiting: (readonly ActorDocument[])[] = [];
          for (const { appended, outcome } of steps) {
            append(records, records.size, records.size + appended);
            const changes = records.takeChanges();
            switch (outcome) {
              case 'save later':
                waiting.push(changes);
                continue;
              case 'save':
                for (const documents of [...waiting, changes]) store.write(documents);
                saved = records.size;
                break;
              case 'fail':
                // The pages got there, and the state did not.
                for (const documents of [...waiting, changes]) store.write(documents);
                records = await store.load(saved);
                break;
              case 'restart':
                records = await store.load(saved);
                break;
            }
            waiting = [];
            if (records.size > 0)
              expect(await records.at(records.size - 1, store.reader)).toBe(record(records.size - 1));
          }
          await expectRecords(records, store, records.size);
        },
      ),
      { numRuns: 50 },
    ));
});
