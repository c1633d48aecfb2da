import { describe, expect, test } from 'vitest';
import { limits } from '../../../limits.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { waitFor } from '../../../test/support/wait.ts';
import { type Live, type Look, Watches } from './watches.ts';

/** What is watched in these tests: a number, which is its sequence too. */
const live = (sequence: number): Live<number> => ({ sequence, view: sequence });
const never = () => new Promise<undefined>(() => undefined);

function watching(look: Look<number>, intervalMs = 1) {
  const heard: number[] = [];
  const failures: unknown[] = [];
  const watches = new Watches<number>({ look, intervalMs });
  const watch = (id = 'c1') =>
    watches.watch(id, { changed: ({ view }) => heard.push(view), failed: (error) => failures.push(error) });
  return { watches, watch, heard, failures };
}

describe('watching what is live', () => {
  test('asks once, however many watch, for what is newer than what was seen', async () => {
    const asked: (number | undefined)[] = [];
    const { watch, heard } = watching(async (_id, after = 0) => {
      asked.push(after);
      return after < 4 ? live(after + 1) : never();
    });
    const stops = Array.from({ length: 50 }, () => watch());
    await waitFor('the last change', () => asked.length === 5);
    for (const stop of stops) stop();
    expect(asked).toEqual([0, 1, 2, 3, 4]);
    expect(heard).toEqual([1, 2, 3, 4].flatMap((view) => Array.from({ length: 50 }, () => view)));
  });

  test('tells nothing where what happened has changed nothing', async () => {
    let sequence = 0;
    const views = [5, 5, 6];
    const { watch, heard } = watching(async () => {
      const view = views[sequence++];
      return view === undefined ? never() : { sequence, view };
    });
    const stop = watch();
    await waitFor('all looks', () => sequence === 4);
    expect(heard).toEqual([5, 6]);
    stop();
  });

  test('gives a late watcher at once what there is', async () => {
    const { watch, heard } = watching(async () => live(5), 60_000);
    watch();
    await waitFor('the first', () => heard.length === 1);
    watch();
    expect(heard).toEqual([5, 5]);
  });

  test('bounds the watchers, and gives places back', () => {
    const { watch } = watching(never);
    const stops = Array.from({ length: limits.watchers }, (_, index) => watch(`c${index}`));
    expect(() => watch('one more')).toThrow('too many watch what is live');
    stops[0]?.();
    stops[0]?.();
    watch('one more');
    expect(() => watch('another')).toThrow(TurnpikeError);
  });

  test('gives places back where there is nothing to watch', async () => {
    const { watch, failures } = watching(async () => {
      throw new TurnpikeError({ code: 'not_found', message: 'there is no campaign c1' });
    }, 60_000);
    const stops = Array.from({ length: limits.watchers }, () => watch());
    await waitFor('the failures', () => failures.length === limits.watchers);
    for (const stop of stops) stop();
    watch('c2');
  });

  test('asks again where nobody could answer for a moment, or nothing has happened', async () => {
    const answers: (() => Live<number> | undefined)[] = [
      () => {
        throw new TurnpikeError({ code: 'unavailable', message: 'away' });
      },
      () => undefined,
      () => live(7),
    ];
    const { watch, heard, failures } = watching(async () => {
      const answer = answers.shift();
      return answer ? answer() : never();
    });
    watch();
    await waitFor('what there is', () => heard.length > 0);
    expect([heard, failures]).toEqual([[7], []]);
  });
});
