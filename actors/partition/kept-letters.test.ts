import { beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { encodeLetter, type LogPlace, letterId, letterKey, letterPrefix } from '../../model/dead-letter.ts';
import { REASONS } from '../../model/decision.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { Snapshot, SnapshotWrite } from '../../storage/snapshots/port.ts';
import { told } from '../messaging/test-listener.ts';
import type { DocumentWrite } from '../stored.ts';
import { letterDocument, replayDocument } from './dead-letters.ts';
import { KeptLetters } from './kept-letters.ts';

const BOUND = limits.deadLettersPerPartition;

class Documents {
  readonly values = new Map<string, Uint8Array>();
  failure: Error | undefined;

  async *list(prefix: string): AsyncGenerator<Snapshot> {
    for (const key of [...this.values.keys()].filter((key) => key.startsWith(prefix)).sort())
      yield { key, value: this.values.get(key) as Uint8Array, revision: 1 };
  }

  async commit(writes: readonly SnapshotWrite[]): Promise<number[]> {
    if (this.failure) throw this.failure;
    return writes.map(({ key, value }) => {
      if (value) this.values.set(key, value);
      else this.values.delete(key);
      return value ? 1 : 0;
    });
  }
}

const place = (sequence: number): LogPlace => ({ partition: 3, sequence, row: 0 });
const letter = (sequence: number): DocumentWrite =>
  letterDocument({
    ...place(sequence),
    id: letterId(place(sequence)),
    kind: 'RECORD',
    time: 0,
    reason: REASONS.processing_failed,
    error: 'Error',
    record: '',
  });
const messageLetter = (sequence: number): DocumentWrite =>
  letterDocument({
    ...place(sequence),
    id: letterId(place(sequence)),
    kind: 'MESSAGE',
    time: 0,
    reason: REASONS.processing_failed,
    error: 'Error',
    message: told('maria', 'something'),
    origin: { from: 1, upTo: 7 },
  });
const replay = (sequence: number): DocumentWrite =>
  replayDocument(place(sequence), { time: 1, by: 'somebody', decisionId: '3-zz-0', reason: 100 });
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

let documents: Documents;
let failures: unknown[];
beforeEach(() => {
  documents = new Documents();
  failures = [];
});

const open = (): Promise<KeptLetters> =>
  KeptLetters.open({ partition: 3, snapshots: documents, failed: (error) => failures.push(error) });

async function save(kept: KeptLetters, writes: readonly DocumentWrite[]): Promise<void> {
  await documents.commit(writes);
  kept.saved(writes);
  await kept.stop();
}

const sequences = (): number[] =>
  [...documents.values.keys()]
    .filter((key) => !key.endsWith('/replay'))
    .map((key) => Number(key.split('/')[2]?.split('-')[0]))
    .sort((a, b) => a - b);

describe('the letters of a partition', () => {
  it('are counted as long as they were not replayed, over restarts too', async () => {
    const kept = await open();
    await save(kept, [
      letter(1),
      letter(2),
      letter(3),
      { key: 'partition/3/other', value: new Uint8Array() },
    ]);
    await save(kept, [replay(2)]);
    expect(kept.waiting).toBe(2);
    expect((await open()).waiting).toBe(2);
    await save(kept, [letter(2), letter(1)]);
    expect(kept.waiting).toBe(2);
  });

  it('are not those of other partitions', async () => {
    documents.values.set(
      letterKey({ partition: 30, sequence: 1, row: 0 }),
      encodeLetter({ time: 1, by: '', decisionId: '', reason: 100 }),
    );
    expect((await open()).waiting).toBe(0);
    expect(letterPrefix(3)).toBe('dead-letter/3/');
  });

  it('are given up beyond their bound: the oldest of those that were replayed first', async () => {
    const kept = await open();
    await save(kept, [...range(1, BOUND).map(letter), replay(7), replay(5), replay(9)]);
    expect(documents.values.size).toBe(BOUND + 3);
    await save(kept, range(BOUND + 1, BOUND + 2).map(letter));
    expect(range(1, BOUND + 2).filter((one) => !sequences().includes(one))).toEqual([5, 7]);
    expect(documents.values.size).toBe(BOUND + 1);
  });

  it('are given up from the oldest on where none was replayed', async () => {
    const kept = await open();
    await save(kept, range(1, BOUND + 3).map(letter));
    expect(sequences()).toEqual(range(4, BOUND + 3));
    expect(kept.waiting).toBe(BOUND);
  });

  it('stay for the moment where they cannot be given up now', async () => {
    const kept = await open();
    await documents.commit(range(1, BOUND + 1).map(letter));
    documents.failure = new TurnpikeError({ code: 'unavailable', message: 'away' });
    kept.saved(range(1, BOUND + 1).map(letter));
    await kept.stop();
    expect([sequences().length, failures]).toEqual([BOUND + 1, []]);
    documents.failure = undefined;
    await save(kept, [letter(BOUND + 2)]);
    expect(sequences()).toEqual(range(3, BOUND + 2));
  });

  it('of messages are kept until they are replayed, however many others there are', async () => {
    const kept = await open();
    await save(kept, range(1, 5).map(messageLetter));
    await save(kept, range(6, BOUND + 10).map(letter));
    expect(sequences().slice(0, 6)).toEqual([1, 2, 3, 4, 5, 11]);
    expect((await open()).waitingMessages).toBe(5);
    await save(kept, [replay(2)]);
    expect(sequences()).not.toContain(2);
    expect(kept.waitingMessages).toBe(4);
  });
});
