/** What every engine of `storage/integration` does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IntegrationFeed, Taken } from '../../storage/integration/port.ts';
import { waitFor } from '../support/wait.ts';

export interface FeedUnderTest {
  /** The feed as one process has it. */
  open(): Promise<IntegrationFeed>;
  /** Ends everything that was opened. */
  close(): Promise<void>;
}

const DONE: Taken = { kind: 'done' };
const idOf = (event: unknown): string => (event as { readonly id: string }).id;

export function describeFeed(name: string, start: () => Promise<FeedUnderTest>): void {
  describe(`${name}: the feed of integration events`, () => {
    let engine: FeedUnderTest;
    let feed: IntegrationFeed;
    beforeEach(async () => {
      engine = await start();
      feed = await engine.open();
    });
    afterEach(() => engine?.close());

    const send = async (...ids: string[]): Promise<void> => {
      for (const id of ids) await feed.send('test.happened', { id, text: 'Ünïcode ✓' });
    };

    test('hands over what was sent, in order, also before anybody took it', async () => {
      const taken: unknown[] = [];
      await send('a', 'b');
      feed.take(async (event) => {
        taken.push(event);
        return DONE;
      });
      await send('c');
      await waitFor('the events', () => taken.length >= 3);
      expect(taken).toEqual(['a', 'b', 'c'].map((id) => ({ id, text: 'Ünïcode ✓' })));
    });

    test('hands an event over again until it is taken', async () => {
      const tries: string[] = [];
      feed.take(async (event) => {
        tries.push(idOf(event));
        if (tries.length < 3) throw new Error('not now');
        return DONE;
      });
      await send('a');
      await waitFor('the third try', () => tries.length >= 3, 20_000);
      expect(tries).toEqual(['a', 'a', 'a']);
    });

    test('does not hand over again what was refused, and goes on', async () => {
      const tries: string[] = [];
      feed.take(async (event) => {
        tries.push(idOf(event));
        return idOf(event) === 'poison' ? { kind: 'refused', reason: 'it is wrong' } : DONE;
      });
      await send('poison', 'good');
      await waitFor('the good one', () => tries.includes('good'));
      expect(tries).toEqual(['poison', 'good']);
    });

    test('is ended when what is under way is done', async () => {
      let finish = (): void => undefined;
      let isDone = false;
      const started = new Promise<void>((resolve) => {
        const end = feed.take(async () => {
          resolve();
          await new Promise<void>((done) => {
            finish = done;
          });
          isDone = true;
          return DONE;
        });
        stop = end;
      });
      await send('a');
      await started;
      const ended = stop();
      finish();
      await ended;
      expect(isDone).toBe(true);
    });

    let stop: () => Promise<void> = async () => undefined;
  });
}
