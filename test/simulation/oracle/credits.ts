/** Credits: each accepted conversion is credited to its last micro, and nothing else is; a credit of nobody earns nothing. */
import type { Row } from './check.ts';
import { type Ledger, REASON } from './ledger.ts';

const WHOLE_PPM = 1_000_000n;
const COLUMNS = ['share_ppm', 'revenue_micros', 'commission_micros'] as const;

/** Notes everything that is wrong in the ledger. */
export function checkCredits(ledger: Ledger, decided: readonly Row[], credits: readonly Row[]): void {
  const sums = new Map<string, bigint[]>();
  const touches = new Set<string>();
  for (const row of credits) {
    const place = placeOf(row);
    if (touches.has(`${place} ${row.touch}`)) ledger.fail(`touch ${row.touch} of ${place} is credited twice`);
    touches.add(`${place} ${row.touch}`);
    const sum = sums.get(place) ?? [0n, 0n, 0n];
    sums.set(
      place,
      COLUMNS.map((column, index) => (sum[index] as bigint) + BigInt(row[column] ?? 0)),
    );
    if (Number(row.share_ppm) === 0) ledger.fail(`touch ${row.touch} of ${place} is credited with nothing`);
    if (row.partner_id === '' && BigInt(row.commission_micros ?? 0) !== 0n)
      ledger.fail(`touch ${row.touch} of ${place} is nobody's and earns ${row.commission_micros}`);
  }
  for (const row of decided) {
    if (Number(row.type) !== 3 || Number(row.reason) !== REASON.accepted) continue;
    const place = placeOf(row);
    const due = [WHOLE_PPM, BigInt(row.value_micros ?? 0), BigInt(row.commission_micros ?? 0)];
    const found = sums.get(place);
    if (found?.join() !== due.join())
      ledger.fail(`${row.event_id} is credited with ${found?.join() ?? 'nothing'}, not with ${due.join()}`);
    sums.delete(place);
  }
  for (const place of sums.keys()) ledger.fail(`${place} is credited, and is no accepted conversion`);
}

function placeOf({ partition, sequence, row }: Row): string {
  return `${partition}:${sequence}/${row}`;
}
