import { join } from 'node:path';
import { expect, test } from 'vitest';
import { partitionOf } from '../../model/fingerprint.ts';
import { encodeCommand } from '../../model/record.ts';
import { openLmdbLog } from '../../storage/log/lmdb.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import { CollectorClient } from '../support/collector.ts';
import { launchCampaign, liveMetrics, rest, storedMetrics } from '../support/management.ts';
import { Server } from '../support/server.ts';

const PARTITIONS = 2;

/** Appends a command that no gateway would let through: its handler cannot but throw. */
async function plantPoison(dataDirectory: string, campaignId: string): Promise<void> {
  const log = openLmdbLog({ directory: join(dataDirectory, 'log'), partitions: PARTITIONS });
  const poison = encodeCommand({
    commandId: 'poison',
    actorKind: 'campaign',
    actorId: 'not-yet-there',
    name: 'create',
    payload: null,
    principal: { subject: 'test' },
  });
  await log.append(partitionOf(campaignId, PARTITIONS), 'poison', poison);
  await log.close();
}

async function deadLetters(dataDirectory: string): Promise<string[]> {
  const snapshots = openLmdbSnapshots({ directory: join(dataDirectory, 'snapshots') });
  const letters: string[] = [];
  for await (const { value } of snapshots.list('dead-letter/')) letters.push(Buffer.from(value).toString());
  await snapshots.close();
  return letters;
}

test('a record that makes an actor throw is set aside, and its partition goes on', async () => {
  await using server = await Server.start({ settings: { TURNPIKE_PARTITIONS: String(PARTITIONS) } });
  await launchCampaign(server, 'neighbour');
  await using client = new CollectorClient(server.addresses.ingest);
  const click = (id: string) => ({ event_id: id, type: 'click' as const, campaign_id: 'neighbour' });
  await client.send([click('before')]);

  await server.terminate();
  await plantPoison(server.dataDirectory, 'neighbour');
  await server.restart();

  await client.send([click('after'), click('before')]);
  expect(await liveMetrics(server, 'neighbour')).toMatchObject({ clicks: 2, duplicates: 1 });
  expect((await rest(server, 'GET', '/v1/campaigns/not-yet-there')).status).toBe(404);

  // The dead letter is written with its block, as are the figures.
  await storedMetrics(server, 'neighbour');
  await server.terminate();
  const letters = await deadLetters(server.dataDirectory);
  expect(letters).toHaveLength(1);
  expect(letters[0]).toContain('"commandId":"poison"');
});
