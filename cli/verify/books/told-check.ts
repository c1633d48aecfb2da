/**
 * Holds what accounts have posted of what they were told against what those who told it have decided: commissions
 * against the decisions of campaigns, reversals against their refunds, what was paid against what payouts have come to.
 */
import { EventType } from '../../../model/event.ts';
import type { Sources } from '../sources.ts';
import type { BooksCheckName, BooksFindings } from './findings.ts';
import type { Standing } from './standing.ts';
import { Told, type ToldSums, toldQuery } from './told-sums.ts';

/** A decimal amount of JSON, in micros. */
const micros = (amount: string): string => `toInt128(toDecimal128OrZero(${amount}, 6) * 1000000)`;

const DECIDED = 'partition = {from:UInt16} AND sequence <= {until:UInt64}';
const EARNED = toldQuery(`
  SELECT partner_id, campaign_id AS key, sequence AS told, commission_micros AS micros
  FROM credits
  WHERE ${DECIDED} AND partner_id != '' AND commission_micros != 0
  UNION ALL
  SELECT partner_id, campaign_id AS key, sequence AS told, commission_micros AS micros
  FROM decided_events
  WHERE ${DECIDED} AND partner_id != '' AND commission_micros != 0 AND type != ${EventType.conversion}`);
const REFUNDED = toldQuery(`
  SELECT JSONExtractString(item, 'partner_id') AS partner_id, campaign_id AS key, sequence AS told,
    ${micros(`JSONExtractString(item, 'amount', 'amount')`)} AS micros
  FROM (
    SELECT campaign_id, sequence, arrayJoin(JSONExtractArrayRaw(data, 'reversed')) AS item
    FROM domain_events WHERE ${DECIDED} AND type = 'conversion.refunded'
  )`);
// What has succeeded, but for what has come back as a whole after that.
const SUCCEEDED = toldQuery(`
  SELECT partner_id, payout_id AS key, sequence AS told,
    ${micros(`JSONExtractString(data, 'amount', 'amount')`)} * if(type = 'payout.succeeded', 1, -1) AS micros
  FROM domain_events
  WHERE ${DECIDED} AND (type = 'payout.succeeded' OR
    (type = 'payout.failed' AND JSONExtractString(data, 'failure', 'code') = 'reversed' AND JSONHas(data, 'transfer_id')))`);

/** What was posted of it: the legs that meet a condition. */
const posted = (key: string, condition: string): string =>
  toldQuery(`
  SELECT partner_id, ${key} AS key, source_sequence AS told, amount_micros AS micros
  FROM ledger_entries
  WHERE source_partition = {from:UInt16} AND source_sequence > 0 AND source_sequence <= {until:UInt64}
    AND ${condition}`);

interface ToldCheck {
  readonly check: BooksCheckName;
  /** What a key is. */
  readonly key: 'campaign_id' | 'payout_id';
  readonly decided: string;
  readonly posted: string;
}

const CHECKS: readonly ToldCheck[] = [
  {
    check: 'commissions',
    key: 'campaign_id',
    decided: EARNED,
    posted: posted('campaign_id', `cause = 'assigned' AND leg = 1`),
  },
  {
    check: 'reversals',
    key: 'campaign_id',
    decided: REFUNDED,
    posted: posted('campaign_id', `cause = 'reversed' AND leg = 1`),
  },
  {
    check: 'payouts',
    key: 'payout_id',
    decided: SUCCEEDED,
    posted: posted('payout_id', `account = 'paid'`),
  },
];

/** @param from the partition that has told the others */
export async function checkTold(
  sources: Pick<Sources, 'warehouse' | 'partitions'>,
  from: number,
  standings: readonly Standing[],
  findings: BooksFindings,
): Promise<void> {
  const told = new Told(sources, from, standings);
  for (const { check, key, decided, posted: entered } of CHECKS) {
    const expected = await told.sums(decided);
    const found = await told.sums(entered);
    for (const [partner, name] of keysOf(expected, found))
      findings.compare(
        check,
        { partner_id: partner, [key]: name },
        found.get(partner)?.get(name) ?? 0n,
        expected.get(partner)?.get(name) ?? 0n,
      );
  }
}

/** The keys of both, each once. */
function* keysOf(one: ToldSums, other: ToldSums): Generator<readonly [partner: string, key: string]> {
  for (const [partner, sums] of one) for (const key of sums.keys()) yield [partner, key];
  for (const [partner, sums] of other)
    for (const key of sums.keys()) if (!one.get(partner)?.has(key)) yield [partner, key];
}
