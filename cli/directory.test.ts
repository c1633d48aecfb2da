import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CampaignSummary } from '../model/campaign.ts';
import type { CampaignDirectory } from '../model/campaign-directory.ts';
import { partitionOf } from '../model/fingerprint.ts';
import { openLocalCalls } from '../storage/calls/local.ts';
import { openLmdbSnapshots } from '../storage/snapshots/lmdb.ts';
import type { Snapshots } from '../storage/snapshots/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../test/support/temporary.ts';
import { waitFor } from '../test/support/wait.ts';
import { openDirectories } from './directory.ts';

const PARTITIONS = 2;
const summary = (campaignId: string, revision: number): CampaignSummary =>
  ({ campaignId, revision, status: 'ACTIVE', writeKey: `wk_${campaignId}` }) as CampaignSummary;

describe('the directory of a process that shares its snapshots', () => {
  const calls = openLocalCalls();
  const logger = pino({ level: 'silent' });
  let folder: TemporaryFolder;
  let snapshots: Snapshots;
  let ending: AbortController;
  beforeEach(() => {
    folder = temporaryFolder('directory');
    snapshots = openLmdbSnapshots({ directory: folder.path });
    ending = new AbortController();
  });
  afterEach(async () => {
    ending.abort();
    await calls.close();
    await snapshots.close();
    folder[Symbol.dispose]();
  });

  const open = async (isShared = true): Promise<CampaignDirectory> => {
    const log = { partitions: PARTITIONS, lastSequence: async () => 7 };
    const sources = { snapshots, calls, log, isShared } as unknown as Parameters<typeof openDirectories>[0];
    return (await openDirectories(sources, logger, ending.signal)).campaigns;
  };
  const save = (one: CampaignSummary): Promise<number[]> =>
    snapshots.commit([{ key: `summary/${one.campaignId}`, value: Buffer.from(JSON.stringify(one)) }]);

  test('has what is saved, what is being saved, and the news', async () => {
    await save(summary('saved', 1));
    const directory = await open();
    expect(directory.get('saved')).toMatchObject({ revision: 1 });
    await save(summary('later', 2));
    await waitFor('the later one', () => directory.get('later'));
    calls.announce(summary('news', 3));
    expect(directory.get('news')).toMatchObject({ revision: 3 });
  });

  test('may lack campaigns of a partition until its worker has told what is not saved yet', async () => {
    const partition = partitionOf('fresh', PARTITIONS);
    const asked: unknown[] = [];
    const directory = await open();
    expect(directory.mayLack('fresh')).toBe(true);
    const stop = calls.serve(partition, async (question) => {
      asked.push(question);
      return [summary('fresh', 5)];
    });
    await waitFor('the campaign', () => directory.get('fresh'));
    expect(asked[0]).toEqual({ kind: 'summaries', sequence: 7 });
    const nobody = Array.from({ length: 50 }, (_, index) => `nobody-${index}`);
    const own = nobody.find((id) => partitionOf(id, PARTITIONS) === partition) as string;
    const others = nobody.find((id) => partitionOf(id, PARTITIONS) !== partition) as string;
    expect([directory.mayLack('fresh'), directory.mayLack(own), directory.mayLack(others)]).toEqual([
      false,
      false,
      true,
    ]);
    stop();
    await waitFor('the worker to be missed', () => directory.mayLack(own));
    expect(directory.mayLack('fresh')).toBe(false);
  });

  test('lacks nothing where the actors are in the same process', async () => {
    expect((await open(false)).mayLack('nobody')).toBe(false);
  });
});
