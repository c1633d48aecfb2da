import { describe, expect, it } from 'vitest';
import { processorTimeMs, readOwnMemory, readStat } from './processor-time.ts';

const STAT =
  '4242 (node) S 1 4242 4242 0 -1 4194560 9000 0 12 0 1234 567 0 0 20 0 11 0 100 1000000 2000 184467';

describe('the account of a process', () => {
  it('tells user and system time', () => {
    expect(readStat(STAT)).toBe((1234 + 567) * 10);
  });

  it('is not confused by the name of the command', () => {
    expect(readStat(STAT.replace('(node)', '(a) b (c) d)'))).toBe(18_010);
  });

  it('is refused if it is something else', () => {
    expect(() => readStat('nothing of the kind')).toThrow('not an account');
  });

  it('of this process grows with its work', () => {
    const before = processorTimeMs([process.pid]);
    while (process.cpuUsage().user < 60_000) Math.hypot(1, 2);
    expect(processorTimeMs([process.pid])).toBeGreaterThanOrEqual(before);
    expect(processorTimeMs([])).toBe(0);
  });

  it('tells the memory of the process alone', () => {
    expect(readOwnMemory('Name:\tnode\nVmRSS:\t  9000 kB\nRssAnon:\t  2048 kB\nThreads:\t3\n')).toBe(
      2_097_152,
    );
    expect(() => readOwnMemory('Name:\tnode\n')).toThrow('ended');
  });
});
