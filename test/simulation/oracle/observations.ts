/** What must hold at any moment, and not only at rest. */
import type { Row } from './check.ts';
import type { Ledger } from './ledger.ts';

/** Everything up to `sequence` is said to be in the warehouse: is it? */
export function checkSettled(
  ledger: Ledger,
  decided: readonly Row[],
  partition: number,
  sequence: number,
): void {
  const places = new Set(decided.map((row) => `${row.partition}:${row.sequence}/${row.row}`));
  for (const [eventId, deliveries] of ledger.deliveries)
    for (const delivery of deliveries) {
      if (delivery.partition !== partition || delivery.sequence > sequence) continue;
      if (!places.has(`${partition}:${delivery.sequence}/${delivery.row}`))
        ledger.fail(
          `${eventId} at ${partition}:${delivery.sequence} is not in the warehouse, though it is said to be up to ${sequence}`,
        );
    }
}

/**
 * Live figures include everything that was in the log when they were asked for.
 *
 * @param receivedBefore events of the campaign in the log at that time
 * @param capMicros its budget
 */
export function checkLive(
  ledger: Ledger,
  campaignId: string,
  live: { readonly received: number; readonly spendMicros: bigint } | undefined,
  receivedBefore: number,
  capMicros: number | undefined,
): void {
  const received = live?.received ?? 0;
  if (received < receivedBefore)
    ledger.fail(`${campaignId} showed ${received} events when ${receivedBefore} were in the log`);
  const possible = ledger.receivedOf(campaignId) + ledger.replaysOf(campaignId);
  if (received > possible) ledger.fail(`${campaignId} showed ${received} events of ${possible}`);
  if (live && capMicros !== undefined && live.spendMicros > BigInt(capMicros))
    ledger.fail(`${campaignId} showed ${live.spendMicros} spent of ${capMicros}`);
}
