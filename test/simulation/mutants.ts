/**
 * The system with one protection taken out. The simulation must find each of them: they are tests of the
 * proof itself. All are put between the system and its ports, so that the product knows nothing of them.
 */
import { contentOf } from '../../actors/partition/content.ts';
import { REPLAY_LETTER, type ReplayPayload } from '../../model/dead-letter.ts';
import { EventBatch } from '../../model/event-batch.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import { encodeCommand } from '../../model/record.ts';
import type { LogRecord } from '../../storage/log/port.ts';
import type { Snapshot } from '../../storage/snapshots/port.ts';
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import { MESSAGE_MUTANTS } from './message-mutants.ts';
import { changingReads, type Mutant } from './mutant.ts';
import { incrementsOf } from './mutant-increments.ts';

/** More words than the fingerprints of a record have. */
const WORDS_PER_RECORD = 1 << 16;

/** The record with fingerprints that no other record has. */
function withoutIdentity(record: LogRecord): LogRecord {
  if (record.data[0] !== 1) return record;
  const data = new Uint8Array(record.data);
  const { fingerprints, rows } = new EventBatch(data);
  for (let word = 0; word < rows * FINGERPRINT_WORDS; word++)
    fingerprints[word] = record.sequence * WORDS_PER_RECORD + word;
  return { ...record, data };
}
/** The record with a letter of its own, if it asks for a replay. */
function withAnotherLetter(record: LogRecord): LogRecord {
  const content = contentOf(record);
  if (content.kind !== 'command' || content.command.name !== REPLAY_LETTER) return record;
  const { command } = content;
  const payload = command.payload as ReplayPayload;
  const letterId = payload.letterId.replace(/-.*/, `-${record.sequence.toString(36)}-0`);
  return { ...record, data: encodeCommand({ ...command, payload: { ...payload, letterId } }) };
}

/** The document without what stood in it before, if it is a page of tallies. */
function withoutBefore(snapshot: Snapshot | undefined): Snapshot | undefined {
  if (!snapshot?.key.includes('/tallies-')) return snapshot;
  const page = JSON.parse(Buffer.from(snapshot.value).toString());
  return { ...snapshot, value: Buffer.from(JSON.stringify({ ...page, before: [] })) };
}

export const MUTANTS = {
  'answer before append': {
    appends: (log) => ({
      append: async (partition, recordId, data) => {
        log.append(partition, recordId, data).catch(() => undefined);
        return 1;
      },
    }),
  },
  'confirm before append': {
    dedup: (dedup) => ({
      ...dedup,
      async claim(keys, token) {
        const claimed = keys.slice();
        const results = await dedup.claim(keys, token);
        await dedup.confirm(claimed, token);
        return results;
      },
    }),
  },
  'no actor-side window': changingReads(withoutIdentity),
  'letters that are not told apart': changingReads(withAnotherLetter),
  'snapshot without compare-and-set': {
    snapshots: (snapshots) => ({
      ...snapshots,
      commit: (writes) => snapshots.commit(writes.map(({ key, value }) => ({ key, value }))),
    }),
  },
  'tallies of a commit that has stopped': {
    snapshots: (snapshots) => ({
      ...snapshots,
      get: async (key) => withoutBefore(await snapshots.get(key)),
    }),
  },
  'block boundaries by wall clock': changingReads((record, process) => ({
    ...record,
    time: process.clock.now(),
  })),
  'aggregates as increments': {
    sumsAggregates: true,
    warehouse: (warehouse) => {
      const increments = incrementsOf();
      return {
        insert: (block: WarehouseBlock) =>
          warehouse.insert(block.table === 'aggregates' ? increments(block) : block),
      };
    },
  },
  ...MESSAGE_MUTANTS,
} satisfies Readonly<Record<string, Mutant>>;

export type MutantName = keyof typeof MUTANTS;
