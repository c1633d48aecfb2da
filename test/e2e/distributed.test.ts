import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partitionOf } from '../../model/fingerprint.ts';
import { ClickHouseServer } from '../contracts/support/clickhouse-server.ts';
import { Cluster } from '../support/cluster.ts';
import { type BatchJson, CollectorClient, chunks } from '../support/collector.ts';
import { cleanEnvironment, seed } from '../support/environment.ts';
import { LiveClient } from '../support/live-client.ts';
import { figuresOf, launchCampaign, liveMetrics, rest, storedMetrics } from '../support/management.ts';
import { NatsServer } from '../support/nats-server.ts';
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import { Random } from '../support/random.ts';
import { Server } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { countedTotals, isConserved, makeTraffic } from '../support/traffic.ts';
import { waitFor } from '../support/wait.ts';

const PARTITIONS = 16;

/** The partitions that a process works, as its metrics say. */
async function partitionsOf(server: Server): Promise<number[]> {
  const text = await (await fetch(`${server.addresses.http}/metrics`)).text();
  return [...text.matchAll(/^turnpike_partition_epoch\{partition="(\d+)"\}/gm)].map((match) =>
    Number(match[1]),
  );
}

/** Waits until the nodes work every partition once, each an equal share. */
async function sharedOut(...nodes: readonly Server[]): Promise<void> {
  await waitFor(`${nodes.length} nodes to share the partitions`, async () => {
    const shares = await Promise.all(nodes.map(partitionsOf));
    const even = shares.every(({ length }) => Math.abs(length - PARTITIONS / nodes.length) < 1);
    return even && new Set(shares.flat()).size === PARTITIONS && shares.flat().length === PARTITIONS;
  });
}

describe('roles in processes of their own', () => {
  let cluster: Cluster;
  let management: Server;
  let otherManagement: Server;
  let collectors: [Server, Server];
  let nodes: [Server, Server];

  beforeAll(async () => {
    cluster = await Cluster.start();
    [management, otherManagement, ...collectors] = await Promise.all([
      cluster.join('management'),
      cluster.join('management'),
      cluster.join('ingest'),
      cluster.join('ingest'),
    ]);
    nodes = [await cluster.join('actors'), await cluster.join('actors')];
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  const [first, second] = ['first', 'second'];

  test('share the partitions out evenly', () => sharedOut(...nodes));

  test('let every collector know a campaign as soon as it is launched', async () => {
    for (let number = 0; number < 20; number++) {
      const campaignId = `fresh-${number}`;
      await launchCampaign(number % 2 === 0 ? management : otherManagement, campaignId);
      for (const { addresses } of collectors) {
        const answer = await fetch(`${addresses.ingest}/c/${campaignId}?event_id=${addresses.ingest}`, {
          redirect: 'manual',
        });
        expect(answer.status, campaignId).toBe(302);
      }
    }
  });

  test('never tell that a campaign does not exist which does, however new campaign and collector are', async () => {
    for (const node of nodes) await node.kill();
    const created = launchCampaign(management, 'newborn', {});
    const [collector] = await Promise.all([
      cluster.join('ingest'),
      ...nodes.map((node) => node.restart()),
      created,
    ]);
    await using client = new CollectorClient(collector.addresses.ingest);
    const { results } = await client.send([{ event_id: 'first', type: 'click', campaign_id: 'newborn' }]);
    expect(results[0]).toMatchObject({ status: 'accepted' });
    const nobodys = await client.send([
      { event_id: 'second', type: 'click', campaign_id: 'newborn' },
      { event_id: 'third', type: 'click', campaign_id: 'never-made' },
    ]);
    expect(nobodys.results).toMatchObject([{ status: 'accepted' }, { reason: 'unknown_campaign' }]);
    await sharedOut(...nodes);
  });

  test('answer with every event that was answered before, wherever it was sent and is asked', async () => {
    await launchCampaign(management, first);
    await using one = new CollectorClient(collectors[0].addresses.ingest);
    await using other = new CollectorClient(collectors[1].addresses.ingest);
    for (let round = 1; round <= 10; round++) {
      for (const [client, name] of [
        [one, 'one'],
        [other, 'other'],
      ] as const)
        await client.send([{ event_id: `${name}-${round}`, type: 'click', campaign_id: first }]);
      for (const asked of [management, otherManagement])
        expect(await liveMetrics(asked, first)).toMatchObject({ accepted: 2 * round });
    }
    // The same event by another collector.
    const repeated = await other.send([{ event_id: 'one-1', type: 'click', campaign_id: first }]);
    expect(repeated.results[0]).toMatchObject({ status: 'duplicate' });
  });

  test('tell a postback the actor’s own decision', async () => {
    const sale = `campaign_id=${first}&transaction_id=order-1&goal=sale&value=10.00&currency=USD`;
    const post = async (collector: Server, eventId: string): Promise<unknown> => {
      const answer = await fetch(`${collector.addresses.ingest}/v1/postback?${sale}&event_id=${eventId}`);
      return ((await answer.json()) as BatchJson).results[0];
    };
    expect(await post(collectors[0], 'sale-1')).toMatchObject({ status: 'accepted' });
    expect(await post(collectors[1], 'sale-2')).toMatchObject({
      status: 'duplicate',
      reason: 'duplicate_transaction',
    });
  });

  test('tell the live feed what happens in other processes', async () => {
    const partner = { partner_id: 'ana', name: 'Ana', kind: 'INFLUENCER' };
    await rest(management, 'POST', '/v1/partners', partner);
    using one = await new LiveClient(management.addresses.http, `/v1/campaigns/${first}/live`).opened();
    using other = await new LiveClient(
      otherManagement.addresses.http,
      `/v1/campaigns/${first}/live`,
    ).opened();
    const { data } = await one.heard('the first', ({ snapshot }) => snapshot === true);
    one.say({ type: 'subscribe', topics: ['partner:ana'] });
    await one.heard('the partner', ({ topic }) => topic === 'partner:ana');
    await using client = new CollectorClient(collectors[0].addresses.ingest);
    await client.send([{ event_id: 'live-1', type: 'click', campaign_id: first }]);
    const clicks = data.clicks + 1;
    for (const feed of [one, other])
      await feed.heard('the click', (message) => message.data.clicks === clicks);
  });

  test('lose nothing and count nothing twice while nodes are killed, stopped and joined under load', async () => {
    const campaignIds = ['a', 'b', 'c', 'd', second];
    for (const campaignId of campaignIds) await launchCampaign(management, campaignId);
    using feed = await new LiveClient(
      otherManagement.addresses.http,
      `/v1/campaigns/${second}/live`,
    ).opened();
    const traffic = makeTraffic(new Random(seed), campaignIds, 60_000);
    const batches = chunks(traffic.events, 100);
    await using one = new CollectorClient(collectors[0].addresses.ingest, 4);
    await using other = new CollectorClient(collectors[1].addresses.ingest, 4);
    let sent = 0;
    const half = (parity: number) =>
      (function* () {
        for (let at = parity; at < batches.length; at += 2) {
          sent++;
          yield batches[at] as (typeof batches)[number];
        }
      })();
    const load = Promise.all([one.sendAll(half(0), 4), other.sendAll(half(1), 4)]);
    const reached = (share: number): Promise<boolean> =>
      waitFor(`${share} of the load`, () => sent >= share * batches.length, 120_000);

    await reached(0.1);
    await nodes[0].kill();
    await reached(0.3);
    await nodes[0].restart();
    // Beyond its lease: the other node takes over, then it wakes up.
    nodes[1].process.signal('SIGSTOP');
    await sharedOut(nodes[0]);
    await reached(0.6);
    nodes[1].process.signal('SIGCONT');
    await sharedOut(...nodes);
    await collectors[0].kill();
    await collectors[0].restart();
    await reached(0.8);
    expect(await nodes[0].terminate()).toMatchObject({ code: 0 });
    nodes[0] = await cluster.join('actors');
    await load;
    await sharedOut(...nodes);

    for (const campaignId of campaignIds) {
      const live = await liveMetrics(otherManagement, campaignId);
      expect(countedTotals(live), campaignId).toEqual(traffic.expected.get(campaignId));
      expect(isConserved(live)).toBe(true);
      expect(figuresOf(await storedMetrics(management, campaignId)), campaignId).toEqual(figuresOf(live));
      if (campaignId === second) await feed.heard('all of it', ({ data }) => data.received === live.received);
    }
    const told = feed.messages.map(({ data }) => data.received);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  test('answer a command though its node dies, and carry it out once', async () => {
    await launchCampaign(management, 'orphan');
    const partition = partitionOf('orphan', PARTITIONS);
    const shares = await Promise.all(nodes.map(partitionsOf));
    const owner = nodes[shares.findIndex((share) => share.includes(partition))] as Server;
    const pause = async (by: Server): Promise<unknown> => {
      const path = '/v1/campaigns/orphan:pause';
      const { status, body } = await rest(by, 'POST', path, {}, { 'idempotency-key': 'pause-1' });
      expect({ status, body }).toMatchObject({ status: 200, body: { status: 'PAUSED' } });
      return body;
    };
    const killed = owner.kill();
    const answer = await pause(management);
    await killed;
    expect(await pause(otherManagement)).toEqual(answer);
    await owner.restart();
  });

  test('serve operators on every process', async () => {
    for (const address of [
      collectors[1].addresses.ingest,
      nodes[1].addresses.http,
      management.addresses.http,
    ])
      for (const route of ['healthz', 'readyz', 'metrics'])
        expect((await fetch(`${address}/${route}`)).status, `${address}/${route}`).toBe(200);
  });
});

describe('a distributed process refuses to start', () => {
  async function refusal(settings: Readonly<Record<string, string>>): Promise<string> {
    using folder = temporaryFolder('refusal');
    const environment = cleanEnvironment({
      TURNPIKE_INGEST_PORT: '0',
      TURNPIKE_HTTP_PORT: '0',
      TURNPIKE_GRPC_PORT: '0',
      TURNPIKE_DATA_DIR: folder.path,
      TURNPIKE_LOG_LEVEL: 'silent',
      ...settings,
    });
    await using child = new TestProcess(process.execPath, [TURNPIKE, 'start'], environment);
    const { code } = await child.exited;
    expect(code).toBe(2);
    expect(child.stderr.trim().split('\n')).toHaveLength(1);
    return child.stderr.trim();
  }

  test('without its NATS, or one that is none, and does not repeat the password', async () => {
    const line = await refusal({ TURNPIKE_NATS_URL: 'nats://me:hunter2@127.0.0.1:1' });
    expect(line).toMatch(/^turnpike: TURNPIKE_NATS_URL cannot be used: NATS cannot be reached/);
    expect(line).not.toContain('hunter2');
  });

  test('with other partitions than the cluster, or a second embedded warehouse', async () => {
    await using nats = await NatsServer.start();
    await using server = await Server.start({ settings: { TURNPIKE_NATS_URL: nats.url } });
    expect(await refusal({ TURNPIKE_NATS_URL: nats.url, TURNPIKE_PARTITIONS: '8' })).toContain(
      'TURNPIKE_PARTITIONS is 8, but the cluster was created with 16: set it to 16, or use another NATS',
    );
    expect(await refusal({ TURNPIKE_NATS_URL: nats.url })).toContain('TURNPIKE_CLICKHOUSE_URL is unset, but');
    expect((await fetch(`${server.addresses.ingest}/readyz`)).status).toBe(200);
  });

  test('on the warehouse of another cluster', async () => {
    using folder = temporaryFolder('clickhouse');
    await using one = await NatsServer.start();
    await using other = await NatsServer.start();
    const clickhouse = await ClickHouseServer.start(folder.path);
    try {
      const settings = { TURNPIKE_NATS_URL: one.url, TURNPIKE_CLICKHOUSE_URL: clickhouse.url };
      await using server = await Server.start({ settings });
      expect(await refusal({ ...settings, TURNPIKE_NATS_URL: other.url })).toBe(
        'turnpike: TURNPIKE_CLICKHOUSE_URL cannot be used: it holds the rows of another cluster; give each ' +
          'cluster a database of its own',
      );
      expect((await fetch(`${server.addresses.ingest}/readyz`)).status).toBe(200);
    } finally {
      await clickhouse.stop();
    }
  });
});
