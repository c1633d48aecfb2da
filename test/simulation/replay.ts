/**
 * I4: a worker that starts from nothing and reads the whole log gives the same blocks, the same states and the
 * same messages, byte for byte.
 */
import { actorFactories } from '../../actors/actors.ts';
import { campaignActors } from '../../actors/campaign/actor.ts';
import { Partition } from '../../actors/partition/partition.ts';
import { RecordKind } from '../../model/record.ts';
import { poisonable } from './hosts/poison.ts';
import { LogServer } from './ports/log.ts';
import { SnapshotServer } from './ports/snapshots.ts';
import { WarehouseServer } from './ports/warehouse.ts';
import { SimulatedProcess } from './process.ts';
import { FINGERPRINT_KEY, loggerOf, type Site } from './site.ts';

const PAUSE_MS = 100;

/** Replays every partition up to where it was settled, and notes what comes out otherwise. */
export async function checkReplay(site: Site): Promise<void> {
  const { world, log, snapshots, warehouse, ledger, mutant } = site;
  const replayed = new SnapshotServer(world);
  const rows = new WarehouseServer(world);
  const source = new LogServer(world, log.partitions.length);
  log.partitions.forEach(({ records }, partition) => {
    source.of(partition).records.push(...records);
  });
  const process = new SimulatedProcess(world, 'replay', 0, false);
  const told = new Set<string>();
  for (let partition = 0; partition < log.partitions.length; partition++) {
    const reads = source.handle(process);
    const worker = new Partition({
      partition,
      // What it sends is in the log already.
      log: {
        ...reads,
        ...mutant.reads?.(reads, process),
        append: async (target, _, data) => {
          if (data[0] === RecordKind.messages) told.add(messageText(target, data));
          return 0;
        },
      },
      snapshots: replayed.handle(process),
      warehouse: rows.handle(process),
      bus: { publish: async () => undefined },
      gateway: { transfer: async () => ({ kind: 'unknown', message: 'nothing is sent again' }) },
      factories: {
        ...actorFactories(FINGERPRINT_KEY),
        campaign: poisonable(campaignActors(FINGERPRINT_KEY), site.mendedAt),
        ...site.factories,
        ...mutant.factories,
      },
      events: { summary: () => undefined },
      clock: process.clock,
      logger: loggerOf(process),
    });
    worker.start();
    const sequence = source.last(partition);
    await worker.ask({ kind: 'settled', sequence });
    while ((worker.progress?.outbox.messages.pending ?? 0) > 0) await world.sleep(PAUSE_MS);
    await worker.stop();
  }
  checkTold(site, told);
  for (const [key, block] of rows.blocks) {
    const original = warehouse.blocks.get(key);
    if (original === undefined) ledger.fail(`a replay writes ${key}, which was never written`);
    else if (Buffer.compare(original, block) !== 0) ledger.fail(`a replay writes ${key} with other bytes`);
  }
  for (const key of warehouse.blocks.keys())
    if (!rows.blocks.has(key)) ledger.fail(`a replay does not write ${key}`);
  for (const [key, { value }] of replayed.documents) {
    if (!isState(key)) continue;
    const original = snapshots.documents.get(key);
    if (original === undefined) ledger.fail(`a replay saves ${key}, which is not there`);
    else if (Buffer.compare(original.value, value) !== 0)
      ledger.fail(`a replay saves ${key} with other bytes: ${difference(original.value, value)}`);
  }
}

/** The records of messages that a replay sends are those that lie in the logs. */
function checkTold({ log, ledger }: Site, told: ReadonlySet<string>): void {
  const stored = new Set<string>();
  log.partitions.forEach(({ records }, partition) => {
    for (const { data } of records)
      if (data[0] === RecordKind.messages) stored.add(messageText(partition, data));
  });
  for (const text of told)
    if (!stored.has(text)) ledger.fail(`a replay sends what was never sent, to ${text}`);
  for (const text of stored)
    if (!told.has(text)) ledger.fail(`a replay does not send what was sent to ${text}`);
}

function messageText(partition: number, data: Uint8Array): string {
  return `${partition}: ${Buffer.from(data).toString('latin1')}`;
}

function isState(key: string): boolean {
  return /^partition\/\d+\/(campaign|partner|account|payout)\/.*\/state$|^(partner-)?summary\/|^dead-letter\//.test(
    key,
  );
}

/** Where two documents begin to differ. */
function difference(one: Uint8Array, other: Uint8Array): string {
  const [left, right] = [Buffer.from(one).toString(), Buffer.from(other).toString()];
  let at = 0;
  while (left[at] === right[at]) at++;
  const shown = (text: string): string => text.slice(Math.max(0, at - 60), at + 60);
  return `…${shown(left)}… was …${shown(right)}…`;
}
