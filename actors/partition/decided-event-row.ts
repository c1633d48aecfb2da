/** Writes a decided event as a row of the `decided_events` table, in the column order of its schema. */
import type { EventBatch } from '../../model/event-batch.ts';
import type { RowBinaryWriter } from '../../model/row-binary.ts';
import type { Decision } from '../campaign/decide.ts';

/** Writes the current row of `batch` with its decision. */
export function writeDecidedEvent(
  writer: RowBinaryWriter,
  batch: EventBatch,
  decision: Decision,
  partition: number,
  sequence: number,
  row: number,
  recordTime: number,
): void {
  writer.uint16(partition);
  writer.uint64(sequence);
  writer.uint32(row);
  writer.dateTime64(recordTime);
  writer.dateTime64(batch.occurredAt);
  writer.uint8(batch.type);
  writer.uint16(decision.reason);
  writer.uint8(batch.flags | decision.flags);
  writer.uint8(decision.isUnique ? 1 : 0);
  writer.int64(batch.valueMicros);
  writer.int64(decision.spendMicros);
  writer.int64(decision.commissionMicros);
  batch.writeStrings(writer);
}
