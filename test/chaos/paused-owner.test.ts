import { describe, expect, test } from 'vitest';
import { EXACT, judge, moreAnswers, startScenario, suffer } from './scenario.ts';

const ASLEEP_MS = 12_000;

describe('an actor node that sleeps longer than its lease', () => {
  test('loses its partitions to the other node, and does no harm when it wakes', async () => {
    await using run = await startScenario({
      processes: { ingest: 1, actors: 2, management: 1 },
      seconds: 5 + ASLEEP_MS / 1_000,
    });
    const { recoveryMs } = await suffer(run, 'stop-beyond-lease actors', ASLEEP_MS);
    await moreAnswers(run, 1_000);
    expect(await judge(run)).toMatchObject(EXACT);
    // Canaries came through all partitions while it slept.
    expect(recoveryMs).toBeLessThan(ASLEEP_MS);
  }, 180_000);

  test('that is cut off instead does no harm when it is heard again', async () => {
    await using run = await startScenario({
      processes: { ingest: 1, actors: 2, management: 1 },
      seconds: 5 + ASLEEP_MS / 1_000,
    });
    const { recoveryMs } = await suffer(run, 'black-hole nats (actors)', ASLEEP_MS);
    await moreAnswers(run, 1_000);
    expect(await judge(run)).toMatchObject(EXACT);
    expect(recoveryMs).toBeLessThan(ASLEEP_MS);
  }, 180_000);
});
