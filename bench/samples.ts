/** Events for the benchmarks that need no server: the usual mix, as bodies and as records of the log. */
import { definition, KEY, NOON } from '../actors/test-support.ts';
import { Credentials } from '../ingest/access.ts';
import { admit } from '../ingest/admission.ts';
import { decodeBody } from '../ingest/decode.ts';
import { identify } from '../ingest/identity.ts';
import type { IncomingEvent } from '../ingest/incoming-event.ts';
import { RecordWriter } from '../ingest/record-writer.ts';
import type { Arrival } from '../ingest/submission.ts';
import { campaign, exchangeOf } from '../ingest/test-support.ts';
import { WaitingBatch } from '../ingest/waiting-batch.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { encodeCommand } from '../model/record.ts';
import type { LogRecord } from '../storage/log/port.ts';
import { Random } from '../test/support/random.ts';
import { event } from './load/request.ts';

/** Events in a body and in a record. */
export const BATCH = 500;
/** Record time between two records, in milliseconds. */
const RECORD_MS = 5;

export const SECRETS = { fingerprintKey: KEY, clickSecret: new Uint8Array(32).fill(7) };

export function campaignNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench-${index}`);
}

/** A body of `BATCH` events, unlike that of any other number. */
export function batchBody(campaigns: readonly string[], number: number): Buffer {
  const random = new Random(number + 1);
  const events = Array.from({ length: BATCH }, (_, index) =>
    event(random, random.pick(campaigns), `sample-${number.toString(36)}-${index.toString(36)}`),
  );
  return Buffer.from(JSON.stringify(events));
}

/** A directory in which all of them run. */
export function directoryOf(campaigns: readonly string[]): CampaignDirectory {
  const directory = new CampaignDirectory();
  for (const campaignId of campaigns) directory.put(campaign({ campaignId }));
  return directory;
}

export function arrivalAt(directory: CampaignDirectory, receivedAt: number): Arrival {
  return {
    exchange: exchangeOf({ method: 'POST' }),
    receivedAt,
    address: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
    referrer: '',
    credentials: new Credentials(directory, undefined, '', Buffer.alloc(0), receivedAt),
    defaultType: undefined,
    campaignId: undefined,
  };
}

/** The events of a body as the collector has them when it is about to append them. */
export function admitted(body: Buffer, directory: CampaignDirectory, receivedAt = NOON): IncomingEvent[] {
  const events: IncomingEvent[] = [];
  decodeBody(body, 'json', events);
  const arrival = arrivalAt(directory, receivedAt);
  for (const one of events) {
    identify(one, arrival, { directory, clickSecrets: [SECRETS.clickSecret] });
    admit(one, arrival, { partitions: 1 });
  }
  return events;
}

/** The record that the collector writes of a body. */
export function recordOf(body: Buffer, directory: CampaignDirectory, receivedAt = NOON): Uint8Array {
  const batch = WaitingBatch.take();
  for (const one of admitted(body, directory, receivedAt)) batch.add(one, SECRETS, receivedAt);
  const { data } = new RecordWriter().write(batch, 0);
  batch.recycle();
  return data;
}

/** The log of a partition: its campaigns are created and launched, then come `batches` records of `BATCH` events. */
export function partitionLog(campaigns: readonly string[], batches: number): LogRecord[] {
  const directory = directoryOf(campaigns);
  const datas: Uint8Array[] = campaigns.flatMap((campaignId) => launchRecords(campaignId));
  const launched = datas.length;
  for (let number = 0; number < batches; number++) {
    const body = batchBody(campaigns, number);
    datas.push(recordOf(body, directory, NOON + (launched + number) * RECORD_MS));
  }
  return datas.map((data, index) => ({ sequence: index + 1, time: NOON + index * RECORD_MS, data }));
}

/** The commands that create a campaign with an ample budget and launch it. */
export function launchRecords(campaignId: string): [Uint8Array, Uint8Array] {
  const payload = definition({
    writeKey: `key-${campaignId}`,
    budgetTotal: { micros: 9_000_000_000_000_000, currency: 'USD' },
  });
  const command = (name: string, body: object): Uint8Array =>
    encodeCommand({
      commandId: `${name}-${campaignId}`,
      actorKind: 'campaign',
      actorId: campaignId,
      name,
      payload: body,
      principal: { subject: 'bench' },
    });
  return [command('create', payload), command('activate', {})];
}
