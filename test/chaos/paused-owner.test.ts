import { describe, expect, test } from 'vitest';
import { EXACT, judge, moreAnswers, startScenario, suffer } from './scenario.ts';

const ASLEEP_MS = 12_000;

describe('an actor node that sleeps longer than its lease, and one that is cut off', () => {
  test('loses its partitions to the other node, and does no harm when it is heard again', async () => {
    await using run = await startScenario({
      processes: { ingest: 1, actors: 2, management: 1 },
      seconds: 5 + (2 * ASLEEP_MS) / 1_000,
    });
    for (const fault of ['stop-beyond-lease actors', 'black-hole nats (actors)']) {
      const { recoveryMs } = await suffer(run, fault, ASLEEP_MS);
      await moreAnswers(run, 1_000);
      // Canaries came through all partitions while it was away.
      expect(recoveryMs).toBeLessThan(ASLEEP_MS);
    }
    expect(await judge(run)).toMatchObject(EXACT);
  }, 240_000);
});
