import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command, definition, eventsRecord } from '../../actors/test-support.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import { encodeCommand } from '../../model/record.ts';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { CollectorClient } from '../support/collector.ts';
import { launchCampaign, liveMetrics, rest, storedMetrics } from '../support/management.ts';
import { Server } from '../support/server.ts';

const PARTITIONS = 2;

interface LetterJson {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly error: string;
  readonly replay?: { readonly decision: { readonly id: string; readonly status: string } };
}

/** Appends what no gateway would let through, to the partition of a campaign. */
async function plant(dataDirectory: string, campaignId: string, records: readonly Uint8Array[]) {
  const log = openSegmentLog({ directory: join(dataDirectory, 'log'), partitions: PARTITIONS });
  for (const [index, record] of records.entries())
    await log.append(partitionOf(campaignId, PARTITIONS), `planted-${campaignId}-${index}`, record);
  await log.close();
}

/** A command whose handler cannot but throw. */
const POISON = encodeCommand({
  ...command('create'),
  commandId: 'poison',
  actorId: 'not-yet-there',
  payload: null,
});

/** A campaign that has lost a part of what it is when a click comes, and has it back before it begins. */
function brokenCampaign(): readonly Uint8Array[] {
  const actorId = 'mended';
  const whole = definition();
  const { uniqueness: _, ...broken } = whole;
  return [
    encodeCommand(command('create', { actorId, payload: broken })),
    eventsRecord([{ eventId: 'lost', campaignId: actorId, partnerId: 'maria' }]),
    encodeCommand(command('update', { actorId, payload: whole })),
    encodeCommand(command('activate', { actorId })),
  ];
}

async function letters(server: Server, query = ''): Promise<readonly LetterJson[]> {
  const { status, body } = await rest<{ readonly dead_letters: readonly LetterJson[] }>(
    server,
    'GET',
    `/v1/dead-letters${query}`,
  );
  expect(status).toBe(200);
  return body.dead_letters;
}

test('what makes an actor throw is set aside, its partition goes on, and it is replayed once', async () => {
  await using server = await Server.start({ settings: { TURNPIKE_PARTITIONS: String(PARTITIONS) } });
  await launchCampaign(server, 'neighbour');
  await using client = new CollectorClient(server.addresses.ingest);
  const click = (id: string) => ({ event_id: id, type: 'click' as const, campaign_id: 'neighbour' });
  await client.send([click('before')]);

  await server.terminate();
  await plant(server.dataDirectory, 'neighbour', [POISON]);
  await plant(server.dataDirectory, 'mended', brokenCampaign());
  await server.restart();

  await client.send([click('after'), click('before')]);
  expect(await liveMetrics(server, 'neighbour')).toMatchObject({ clicks: 2, duplicates: 1 });
  expect((await rest(server, 'GET', '/v1/campaigns/not-yet-there')).status).toBe(404);

  const [lost] = await letters(server, '?campaign_id=mended');
  expect(lost).toMatchObject({
    kind: 'EVENT',
    status: 'FAILED',
    campaign_id: 'mended',
    event_id: 'lost',
    reason: 'processing_failed',
    error: expect.stringContaining('TypeError'),
  });
  expect(await liveMetrics(server, 'mended')).toMatchObject({ received: 1, rejected: 1, clicks: 0 });

  const replay = (id = ''): Promise<{ status: number; body: LetterJson }> =>
    rest(server, 'POST', `/v1/dead-letters/${id}:replay`);
  const [first, second] = await Promise.all([replay(lost?.id), replay(lost?.id)]);
  expect(first).toMatchObject({
    status: 200,
    body: { status: 'REPLAYED', replay: { by: 'operator', decision: { status: 'accepted' } } },
  });
  expect(second).toEqual(first);
  const counted = { received: 2, accepted: 1, rejected: 1, clicks: 1, duplicates: 0 };
  expect(await storedMetrics(server, 'mended')).toMatchObject(counted);

  await server.kill();
  await server.restart();
  expect(await replay(lost?.id)).toEqual(first);
  expect(await liveMetrics(server, 'mended')).toMatchObject(counted);
  expect(await letters(server)).toEqual(
    expect.arrayContaining([first.body, expect.objectContaining({ kind: 'COMMAND', status: 'FAILED' })]),
  );
  const [poison] = (await letters(server)).filter(({ kind }) => kind === 'COMMAND');
  expect(await replay(poison?.id)).toMatchObject({ status: 409 });
  expect((await rest(server, 'GET', '/v1/campaigns/mended/conservation')).body).toMatchObject({
    balanced: true,
  });
  const { body: history } = await rest<{ readonly events: readonly { readonly type: string }[] }>(
    server,
    'GET',
    '/v1/campaigns/mended/history',
  );
  expect(history.events.filter(({ type }) => type === 'tracking.failed')).toHaveLength(1);
});
