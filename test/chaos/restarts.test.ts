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
      const { processes } = run.system;
      // New campaigns are known to collectors without actors once they are saved.
      for (const { campaignId } of run.campaigns) await run.management.stored(campaignId);
      await moreAnswers(run, 1_000);
      await Promise.all(processes.map((process) => process.kill()));
      await Promise.all(processes.map((process) => process.start()));
      await moreAnswers(run, 500);
      expect(await judge(run)).toMatchObject(EXACT);
    },
    TIMEOUT_MS,
  );
});
