import { describe, expect, test } from 'vitest';
import { EXACT, judge, moreAnswers, startScenario, suffer } from './scenario.ts';

const TIMEOUT_MS = 180_000;

describe('restarts under load', () => {
  test(
    'one process after the other, as for a new version, never interrupt the service, and all totals are exact',
    async () => {
      await using run = await startScenario({
        processes: { ingest: 2, actors: 2, management: 1 },
        seconds: 15,
      });
      for (const [index, role] of ['ingest', 'ingest', 'actors', 'actors', 'management'].entries()) {
        await suffer(run, `terminate ${role}`, 0, (index % 2) / 2);
        await moreAnswers(run, 250);
      }
      expect(await judge(run)).toMatchObject(EXACT);
      expect(run.watch.longestGapMs).toBeLessThan(3_000);
    },
    TIMEOUT_MS,
  );

  test(
    'everything killed at one moment comes back exact',
    async () => {
      await using run = await startScenario({
        processes: { ingest: 1, actors: 2, management: 1 },
        seconds: 15,
      });
      await suffer(run, 'kill everything', 0);
      await moreAnswers(run, 500);
      expect(await judge(run)).toMatchObject(EXACT);
    },
    TIMEOUT_MS,
  );
});
