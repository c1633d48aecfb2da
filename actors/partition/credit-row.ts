/** Adds the credits of a conversion as rows of the `credits` table, in the column order of its schema. */
import type { Attribution } from '../../model/attribution.ts';
import type { TableRows } from '../../model/columns/table-rows.ts';
import { releaseOf } from '../../model/commissions.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import { FIELD } from '../../model/event-batch.ts';
import { splitMicros } from '../campaign/attribution/attribution-shares.ts';
import type { Decision } from '../campaign/decide.ts';

/**
 * Adds one row for each touch that the current row of `batch`, a conversion, is credited to. Revenue is split
 * among them so that no micro is lost; the commission of each is what its partner earns by it.
 */
export function addCredits(
  rows: TableRows,
  batch: EventBatch,
  { model, credits }: Attribution,
  { revenueMicros, earnings }: Pick<Decision, 'revenueMicros' | 'earnings'>,
  partition: number,
  sequence: number,
  row: number,
  recordTime: number,
): void {
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
    rows.add(
      campaignId,
      partition,
      sequence,
      row,
      index,
      recordTime,
      batch.occurredAt,
      touch.partnerId,
      touch.contentId,
      touch.kind,
      touch.touchedAt,
      (BigInt(touch.nonce[0]) << 32n) | BigInt(touch.nonce[1]),
      model,
      sharePpm,
      revenue[index] as number,
      commission[index] as number,
      releaseAt[index] as number,
    );
  }
}
