import { expect, test } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { CollectorClient, chunks, type EventJson } from '../support/collector.ts';
import { cleanEnvironment, seed } from '../support/environment.ts';
import { launchCampaign, rest } from '../support/management.ts';
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import { Random } from '../support/random.ts';
import { makeTraffic } from '../support/traffic.ts';

const PARTITIONS = '4';
const CAMPAIGNS = ['a', 'b', 'c', 'd', 'e'];

interface ReportJson {
  readonly exact: boolean;
  readonly differences: readonly unknown[];
  readonly partitions: readonly {
    readonly level: string;
    readonly events: number;
    readonly rows: number;
    readonly waiting: number;
  }[];
}

async function verify(cluster: Cluster): Promise<ReportJson & { readonly code: number | null }> {
  const settings = { ...cluster.settings, TURNPIKE_PARTITIONS: PARTITIONS };
  await using child = new TestProcess(
    process.execPath,
    [TURNPIKE, 'verify', '--json'],
    cleanEnvironment(settings),
  );
  const { code } = await child.exited;
  const line = child.stdout.trim().split('\n').at(-1) as string;
  if (line === '') throw new Error(child.output);
  return { ...(JSON.parse(line) as ReportJson), code };
}

test(`a system that runs is verified meanwhile, and one of its nodes killed (seed ${seed})`, async () => {
  await using cluster = await Cluster.start();
  const join = (roles: string) => cluster.join(roles, { TURNPIKE_PARTITIONS: PARTITIONS });
  const [collector, management, victim] = await Promise.all([
    join('ingest'),
    join('management'),
    join('actors'),
  ]);
  await join('actors');
  for (const campaignId of CAMPAIGNS) await launchCampaign(management, campaignId);

  let isLoaded = true;
  let sent = 0;
  /** Traffic until the looks have been taken, as far as there is some. */
  function* traffic(): Generator<readonly EventJson[]> {
    for (const batch of chunks(makeTraffic(new Random(seed), CAMPAIGNS, 60_000).events, 50)) {
      if (!isLoaded) return;
      sent += batch.length;
      yield batch;
    }
  }
  await using client = new CollectorClient(collector.addresses.ingest);
  const load = client.sendAll(traffic(), 2);
  const looks = [await verify(cluster)];
  await victim.kill();
  looks.push(await verify(cluster));
  isLoaded = false;
  await load;
  for (const look of looks) expect(look).toMatchObject({ code: 0, exact: true, differences: [] });

  // The report waits until all is in the warehouse.
  for (const campaignId of CAMPAIGNS)
    expect((await rest(management, 'GET', `/v1/campaigns/${campaignId}/conservation`)).body).toMatchObject({
      balanced: true,
    });
  const { partitions, ...last } = await verify(cluster);
  expect(last).toEqual({
    code: 0,
    exact: true,
    seconds: expect.any(Number),
    differences: [],
    books: expect.objectContaining({ wrong: 0 }),
    unknown_partitions: {},
  });
  for (const { level, waiting, events: read } of partitions)
    expect([level, waiting]).toEqual([read > 0 ? 'replay' : 'empty', 0]);
  expect(partitions.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThan(sent / 2);
});
