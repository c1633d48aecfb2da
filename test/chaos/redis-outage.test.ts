import { describe, expect, test } from 'vitest';
import { sizes } from '../support/environment.ts';
import { PATIENT_MS } from './load/load.ts';
import { EXACT, judge, moreAnswers, startScenario, suffer } from './scenario.ts';

const AWAY_MS = sizes.redisAwaySeconds * 1_000;
const TIMEOUT_MS = 2 * AWAY_MS + 180_000;

describe('without Redis', () => {
  test(
    'killed for a while under load, and then stopped in its tracks, no request fails and all totals are exact',
    async () => {
      await using run = await startScenario({
        processes: { ingest: 2, actors: 1, management: 1 },
        seconds: 5 + (2 * AWAY_MS) / 1_000,
        timeoutsMs: [PATIENT_MS],
      });
      for (const fault of ['kill redis', 'stop redis']) {
        await suffer(run, fault, AWAY_MS);
        await moreAnswers(run, 500);
      }
      expect(await judge(run)).toMatchObject(EXACT);
      expect([...run.watch.failures]).toEqual([]);
      expect(run.watch.longestGapMs).toBeLessThan(5_000);
    },
    TIMEOUT_MS,
  );
});
