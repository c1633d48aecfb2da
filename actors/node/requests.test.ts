import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Requests } from './requests.ts';

const WITHIN_MS = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Asks, and tells under which id and how it ended. */
function ask(requests: Requests, worker = 0) {
  const asked = { id: 0, outcome: 'waits' as unknown };
  requests
    .ask(worker, (id) => {
      asked.id = id;
    })
    .then(
      (value) => {
        asked.outcome = value;
      },
      (error: Error) => {
        asked.outcome = error.message;
      },
    );
  return asked;
}

describe('requests to threads', () => {
  test('end with their own reply', async () => {
    const requests = new Requests(WITHIN_MS);
    const [one, other] = [ask(requests), ask(requests)];
    requests.reply({ id: other.id, value: 'second' as never });
    requests.reply({ id: one.id, failure: { code: 'unavailable', message: 'not here' } });
    await vi.advanceTimersByTimeAsync(0);
    expect([one.outcome, other.outcome, requests.size]).toEqual(['not here', 'second', 0]);
  });

  test('are given up each in its time', async () => {
    const requests = new Requests(WITHIN_MS);
    const first = ask(requests);
    await vi.advanceTimersByTimeAsync(600);
    const second = ask(requests);
    await vi.advanceTimersByTimeAsync(WITHIN_MS - 600);
    expect([first.outcome, second.outcome]).toEqual([
      'the actors did not answer in time; try again',
      'waits',
    ]);
    await vi.advanceTimersByTimeAsync(600);
    expect(second.outcome).toBe('the actors did not answer in time; try again');
    expect(requests.size).toBe(0);
  });

  test('end with the thread that was asked', async () => {
    const requests = new Requests(WITHIN_MS);
    const [one, other] = [ask(requests, 1), ask(requests, 2)];
    requests.abandon(1);
    await vi.advanceTimersByTimeAsync(0);
    expect([one.outcome, other.outcome]).toEqual(['the actors are restarting; try again', 'waits']);
  });
});
