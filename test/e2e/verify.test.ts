import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CollectorClient, chunks } from '../support/collector.ts';
import { cleanEnvironment, seed } from '../support/environment.ts';
import { launchCampaign, rest } from '../support/management.ts';
import { TestProcess } from '../support/process.ts';
import { PROJECT_ROOT, TURNPIKE } from '../support/project.ts';
import { Random } from '../support/random.ts';
import { Server } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { makeTraffic } from '../support/traffic.ts';
import { queryWarehouse } from '../support/warehouse.ts';

interface DifferenceJson {
  readonly table: string;
  readonly kind: string;
  readonly event_id?: string;
  readonly partner_id?: string;
  readonly values?: readonly {
    readonly column: string;
    readonly found: string;
    readonly expected: string;
  }[];
}

interface ReportJson {
  readonly exact: boolean;
  readonly partitions: readonly {
    readonly level: string;
    readonly events: number;
    readonly rows: number;
    readonly waiting: number;
    readonly missing: number;
    readonly extra: number;
    readonly different: number;
  }[];
  readonly unknown_partitions: Readonly<Record<string, number>>;
  readonly differences: readonly DifferenceJson[];
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function verify(dataDirectory: string, ...options: string[]): Promise<Outcome> {
  await using child = new TestProcess(
    process.execPath,
    [TURNPIKE, 'verify', ...options],
    cleanEnvironment({ TURNPIKE_DATA_DIR: dataDirectory, TURNPIKE_PARTITIONS: '4' }),
  );
  const { code } = await child.exited;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

async function reportOf(
  dataDirectory: string,
): Promise<ReportJson & { readonly code: number | null; readonly counts: readonly number[] }> {
  const { code, stdout } = await verify(dataDirectory, '--json');
  const report = JSON.parse(stdout.trim().split('\n').at(-1) as string) as ReportJson;
  const sum = (kind: 'missing' | 'extra' | 'different'): number =>
    report.partitions.reduce((total, partition) => total + partition[kind], 0);
  return { ...report, code, counts: [sum('missing'), sum('extra'), sum('different')] };
}

/** Runs statements on the warehouse of a server that has ended. */
async function spoil(dataDirectory: string, ...statements: string[]): Promise<void> {
  const script = join(PROJECT_ROOT, 'test/support/change-warehouse.mjs');
  await promisify(execFile)(
    process.execPath,
    [
      script,
      join(dataDirectory, 'warehouse'),
      ...statements.map((text) => `${text} SETTINGS mutations_sync = 2`),
    ],
    { env: cleanEnvironment() },
  );
}

/** Has traffic, with a kill in the middle of it, and ends when all of it is in the warehouse. */
async function run(dataDirectory: string): Promise<void> {
  const settings = { TURNPIKE_PARTITIONS: '4' };
  await using server = await Server.start({ dataDirectory, settings });
  const campaignIds = ['open', 'halted', 'one', 'two', 'three'];
  for (const campaignId of campaignIds) await launchCampaign(server, campaignId);
  await launchCampaign(server, 'tight', { budget: { total: { amount: '10.00', currency: 'USD' } } });
  await rest(server, 'POST', '/v1/campaigns/halted:pause', {});
  const { events } = makeTraffic(new Random(seed), [...campaignIds, 'tight'], 4_000);
  const half = events.length / 2;
  for (const part of [events.slice(0, half), events.slice(half)]) {
    await using client = new CollectorClient(server.addresses.ingest);
    await client.sendAll(chunks(part, 50), 8);
    if (part[0] !== events[0]) break;
    await server.kill();
    await server.restart();
  }
  // The report waits until all is in the warehouse.
  for (const campaignId of [...campaignIds, 'tight'])
    await rest(server, 'GET', `/v1/campaigns/${campaignId}/conservation`);
  expect((await server.terminate()).code).toBe(0);
}

describe('turnpike verify', () => {
  test(`finds nothing after a life with a crash, and whatever is spoilt afterwards (seed ${seed})`, async () => {
    using folder = temporaryFolder('verify');
    const { path } = folder;
    await run(path);
    const sound = await reportOf(path);
    expect(sound).toMatchObject({ code: 0, exact: true, differences: [], counts: [0, 0, 0] });
    expect(new Set(sound.partitions.map(({ level }) => level))).toEqual(new Set(['replay']));
    expect(sound.partitions.reduce((total, { rows }) => total + rows, 0)).toBeGreaterThan(4_000);
    expect(sound.partitions.every(({ waiting }) => waiting === 0)).toBe(true);

    const { stdout: some } = await verify(path, '--partition', '1', '--json');
    expect((JSON.parse(some) as ReportJson).partitions).toEqual([sound.partitions[1]]);
    expect(await verify(path, '--partition', '4')).toMatchObject({
      code: 2,
      stderr: 'turnpike: there is no partition 4: give --partition a number from 0 to 3\n',
    });

    const [victim, other] = await queryWarehouse<{ readonly event_id: string }>(
      path,
      `SELECT event_id FROM decided_events WHERE reason = 100 AND campaign_id = 'open' ORDER BY sequence, row LIMIT 2`,
      {},
    );
    const [gone, altered] = [victim?.event_id as string, other?.event_id as string];
    await spoil(path, `ALTER TABLE decided_events DELETE WHERE event_id = '${gone}' AND reason = 100`);
    const missing = await reportOf(path);
    expect([missing.code, missing.exact, missing.counts]).toEqual([1, false, [1, 0, 0]]);
    expect(missing.differences).toMatchObject([
      { table: 'decided_events', kind: 'missing', event_id: gone, campaign_id: 'open' },
    ]);

    await spoil(
      path,
      `INSERT INTO decided_events SELECT * FROM decided_events WHERE event_id = '${altered}' AND reason = 100`,
      `ALTER TABLE decided_events UPDATE goal = 'planted' WHERE event_id = '${altered}'`,
    );
    const extra = await reportOf(path);
    expect([extra.code, extra.counts]).toEqual([1, [1, 1, 1]]);
    expect(extra.differences).toMatchObject([
      { kind: 'missing', event_id: gone },
      {
        kind: 'different',
        event_id: altered,
        values: [{ column: 'goal', found: 'planted', expected: '' }],
      },
      { kind: 'extra', event_id: altered },
    ]);

    await spoil(
      path,
      `ALTER TABLE aggregates UPDATE spend_micros = spend_micros + 1 WHERE campaign_id = 'one' AND spend_micros > 0`,
      `INSERT INTO decided_events (partition, sequence, campaign_id) SELECT 77, 1, 'open'`,
    );
    const { stdout, code } = await verify(path);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /aggregates partition \d, campaign one, .* different: spend_micros is \d+1, not \d+0\n/,
    );
    expect(stdout).toContain(`(${gone} of open) missing\n`);
    expect(stdout).toContain('1 rows are of partition 77, which there is none of\n');
    expect(stdout).toContain('the warehouse is not what the log says');
  });

  test('leaves the data of a running server alone, and says to stop it', async () => {
    await using server = await Server.start({ settings: { TURNPIKE_PARTITIONS: '4' } });
    const { code, stderr } = await verify(server.dataDirectory);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `turnpike: TURNPIKE_DATA_DIR is ${server.dataDirectory}, which another process uses`,
    );
    expect(stderr).toContain('stop that one first');
  });

  test('refuses a folder without data, and a partition that there is none of', async () => {
    using folder = temporaryFolder('verify');
    expect(await verify(folder.path)).toMatchObject({
      code: 2,
      stderr: `turnpike: TURNPIKE_DATA_DIR is ${folder.path}, where there is no log to verify: set it to the data folder of a server that has run\n`,
    });
    expect(await verify(folder.path, '--partition', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Expected a whole number from 0 to 1023.'),
    });
  });
});
