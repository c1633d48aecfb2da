import { describe, expect, test } from 'vitest';
import { limits } from '../../../limits.ts';
import { emptyTotals } from '../../../model/campaign.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { waitFor } from '../../../test/support/wait.ts';
import type { Figures } from './figures.ts';
import { Watches } from './watches.ts';

const figures = (received: number): Figures => ({
  campaignId: 'c1',
  asOf: 0,
  currency: 'USD',
  totals: { ...emptyTotals(), received },
});

describe('watching campaigns', () => {
  test('asks the actor once, however many watch', async () => {
    let asked = 0;
    const watches = new Watches(async () => figures(++asked), 1);
    const heard: number[] = [];
    const stops = Array.from({ length: 50 }, () =>
      watches.watch('c1', { changed: ({ totals }) => heard.push(totals.received), failed: () => undefined }),
    );
    await waitFor('some changes', () => asked >= 5);
    for (const stop of stops) stop();
    expect(new Set(heard).size * 50).toBe(heard.length);
  });

  test('gives a late watcher the latest figures at once', async () => {
    const watches = new Watches(async () => figures(5), 60_000);
    const first = new Promise<void>((resolve) => {
      watches.watch('c1', { changed: () => resolve(), failed: () => undefined });
    });
    await first;
    const heard: number[] = [];
    watches.watch('c1', { changed: ({ totals }) => heard.push(totals.received), failed: () => undefined });
    expect(heard).toEqual([5]);
  });

  test('bounds the watchers, and gives places back', () => {
    const watches = new Watches(() => new Promise(() => undefined));
    const watcher = { changed: () => undefined, failed: () => undefined };
    const stops = Array.from({ length: limits.watchers }, (_, index) => watches.watch(`c${index}`, watcher));
    expect(() => watches.watch('one more', watcher)).toThrow('too many watch campaigns');
    stops[0]?.();
    stops[0]?.();
    watches.watch('one more', watcher);
    expect(() => watches.watch('another', watcher)).toThrow(TurnpikeError);
  });

  test('gives places back where there is nothing to watch', async () => {
    const watches = new Watches(async () => {
      throw new TurnpikeError({ code: 'not_found', message: 'none' });
    }, 1);
    const failures: unknown[] = [];
    const stops = Array.from({ length: limits.watchers }, () =>
      watches.watch('c1', { changed: () => undefined, failed: (error) => failures.push(error) }),
    );
    await waitFor('the failures', () => failures.length === limits.watchers);
    for (const stop of stops) stop();
    watches.watch('c2', { changed: () => undefined, failed: () => undefined });
  });
});
