import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ProgressState, showProgress, styleFor } from './progress.ts';

/** A stream that keeps what is written, with what the bar asks of a terminal. */
function terminal(isTTY: boolean): { readonly stream: NodeJS.WriteStream; text(): string } {
  const through = new PassThrough();
  const stream = Object.assign(through, {
    isTTY,
    columns: 120,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  }) as unknown as NodeJS.WriteStream;
  return { stream, text: () => String(through.read() ?? '') };
}

describe('showProgress', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const state: ProgressState = {
    phase: 'sending',
    done: 0.25,
    events: 5_000,
    retries: 0,
    trouble: undefined,
  };

  test('writes a plain line now and then', () => {
    const { stream, text } = terminal(false);
    let current = state;
    const end = showProgress('lines', () => current, stream);
    vi.advanceTimersByTime(2_000);
    expect(text()).toBe('sending   25 %  5,000 events answered, 2,500/s, 0 retries\n');
    current = { phase: 'sending', done: 1, events: 6_000, retries: 3, trouble: 'ECONNREFUSED' };
    vi.advanceTimersByTime(2_000);
    expect(text()).toBe('sending  100 %  6,000 events answered, 500/s, 3 retries, waiting: ECONNREFUSED\n');
    end();
    vi.advanceTimersByTime(10_000);
    expect(text()).toBe('');
  });

  test('draws a bar on a terminal, and may be ended twice', () => {
    const { stream, text } = terminal(true);
    const end = showProgress('bar', () => state, stream);
    vi.advanceTimersByTime(1_000);
    expect(text()).toContain('25 %  5,000 events');
    end();
    end();
  });

  test('shows nothing if that is asked for', () => {
    const { stream, text } = terminal(true);
    showProgress('none', () => state, stream)();
    vi.advanceTimersByTime(5_000);
    expect(text()).toBe('');
  });

  test('takes the bar only where people watch', () => {
    expect([styleFor(terminal(true).stream), styleFor(terminal(false).stream)]).toEqual(['bar', 'lines']);
  });
});
