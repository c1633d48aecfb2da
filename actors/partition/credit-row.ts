/** Writes the credits of a conversion as rows of the `credits` table, in the column order of its schema. */
import type { Attribution } from '../../model/attribution.ts';
import { releaseOf } from '../../model/commissions.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import { FIELD } from '../../model/event-batch.ts';
import type { RowBinaryWriter } from '../../model/row-binary.ts';
import { splitMicros } from '../campaign/attribution/attribution-shares.ts';
import type { Decision } from '../campaign/decide.ts';

/**
 * Writes one row for each touch that the current row of `batch`, a conversion, is credited to. Revenue is split
 * among them so that no micro is lost; the commission of each is what its partner earns by it.
 *
 * @returns how many rows there are
 */
export function writeCredits(
  writer: RowBinaryWriter,
  batch: EventBatch,
  { model, credits }: Attribution,
  { revenueMicros, earnings }: Pick<Decision, 'revenueMicros' | 'earnings'>,
  partition: number,
  sequence: number,
  row: number,
  recordTime: number,
): number {
  const campaignId = batch.string(FIELD.campaignId) ?? '';
  const revenue = splitMicros(
    revenueMicros,
    credits.map(({ sharePpm }) => sharePpm),
  );
  const commission = credits.map(() => 0);
  const releaseAt = credits.map(() => 0);
  for (const { credit, micros, holdMs } of earnings) {
    commission[credit] = micros;
    releaseAt[credit] = releaseOf(recordTime, holdMs);
  }
  for (const [index, { touch, sharePpm }] of credits.entries()) {
    writer.string(campaignId);
    writer.uint16(partition);
    writer.uint64(sequence);
    writer.uint32(row);
    writer.uint8(index);
    writer.dateTime64(recordTime);
    writer.dateTime64(batch.occurredAt);
    writer.string(touch.partnerId);
    writer.string(touch.contentId);
    writer.string(touch.kind);
    writer.dateTime64(touch.touchedAt);
    writer.uint64((BigInt(touch.nonce[0]) << 32n) | BigInt(touch.nonce[1]));
    writer.string(model);
    writer.uint32(sharePpm);
    writer.int64(revenue[index] as number);
    writer.int64(commission[index] as number);
    writer.dateTime64(releaseAt[index] as number);
  }
  return credits.length;
}
