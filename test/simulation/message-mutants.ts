/** The sending of messages with one protection taken out: each must be found where actors talk. */
import { keys } from '../../actors/keys.ts';
import { decodeMessages, encodeMessages, RecordKind } from '../../model/record.ts';
import type { LogRecord } from '../../storage/log/port.ts';
import type { Snapshot } from '../../storage/snapshots/port.ts';
import { changingReads, type Mutant } from './mutant.ts';

/** The record as if it were the first of its kind. */
function withNewName(record: LogRecord): LogRecord {
  if (record.data[0] !== RecordKind.messages) return record;
  const batch = decodeMessages(record.data);
  return { ...record, data: encodeMessages({ ...batch, upTo: record.sequence, first: 0 }) };
}

/** Partitions whose cursors may be asked for. */
const PARTITIONS = 8;
const CURSORS = new Set(Array.from({ length: PARTITIONS }, (_, partition) => keys.cursor(partition)));

function withoutInbox(snapshot: Snapshot | undefined): Snapshot | undefined {
  if (!snapshot || !CURSORS.has(snapshot.key)) return snapshot;
  const { inbox: _, ...cursor } = JSON.parse(Buffer.from(snapshot.value).toString());
  return { ...snapshot, value: Buffer.from(JSON.stringify(cursor)) };
}

export const MESSAGE_MUTANTS = {
  'marks that are not looked at': changingReads(withNewName),
  'marks that are not kept': {
    snapshots: (snapshots) => ({
      ...snapshots,
      get: async (key) => withoutInbox(await snapshots.get(key)),
    }),
  },
  'sent before the one before is stored': {
    sends: (log, { world }) => ({
      append: async (partition, recordId, data) => {
        const append = (): void => {
          log.append(partition, recordId, data).catch(() => world.after(1_000, append));
        };
        append();
        return 1;
      },
    }),
  },
  'forgotten before they are stored': {
    sends: (log) => ({
      append: async (partition, recordId, data) => {
        log.append(partition, recordId, data).catch(() => undefined);
        return 1;
      },
    }),
  },
} satisfies Readonly<Record<string, Mutant>>;
