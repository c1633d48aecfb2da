/**
 * Holds the entries of a partition's accounts against each other, whose sum is 0, and against the balances that the
 * accounts have saved.
 */
import { balancesOf } from '../../../actors/account/codec.ts';
import { keys } from '../../../actors/keys.ts';
import { LEDGER_ACCOUNTS, type LedgerAccount } from '../../../model/account.ts';
import type { QueryParameter } from '../../../storage/warehouse/port.ts';
import type { Sources } from '../sources.ts';
import type { BooksFindings } from './findings.ts';
import type { Standing } from './standing.ts';

/** Sums in micros by currency and account. */
type Sums = Map<string, Map<string, bigint>>;

interface SumRow {
  readonly partner_id: string;
  readonly currency: string;
  readonly account: string;
  readonly micros: string;
}

const STATE = '/state';

export async function checkBalances(
  sources: Sources,
  { partition, saved, settled }: Standing,
  findings: BooksFindings,
): Promise<void> {
  // The entries of blocks in the spool are not in the warehouse.
  if (settled < saved) return;
  const entered = await readSums(sources, 'sequence <= {to:UInt64}', { partition, to: saved });
  for (const [partner, sums] of entered) checkZero(partner, sums, findings);
  const prefix = keys.actorDocument(partition, 'account', '', '').slice(0, -1);
  for await (const { key, value } of sources.snapshots.list(prefix)) {
    if (!key.endsWith(STATE)) continue;
    const { partnerId, applied, balances } = balancesOf(value);
    // It may have gone on since the cursor was read.
    const later = { partition, to: applied, partner: partnerId };
    const sums =
      applied <= saved ? entered.get(partnerId) : (await readSums(sources, OF_PARTNER, later)).get(partnerId);
    checkBalancesOf(partnerId, balances, sums ?? new Map(), findings);
    entered.delete(partnerId);
  }
  for (const [partner, sums] of entered) checkBalancesOf(partner, new Map(), sums, findings);
}

const OF_PARTNER = 'sequence <= {to:UInt64} AND partner_id = {partner:String}';

function checkZero(partner: string, sums: Sums, findings: BooksFindings): void {
  for (const [currency, byAccount] of sums) {
    let sum = 0n;
    for (const micros of byAccount.values()) sum += micros;
    findings.compare('ledger', { partner_id: partner, currency }, sum, 0n);
  }
}

function checkBalancesOf(
  partner: string,
  balances: ReadonlyMap<string, Readonly<Record<LedgerAccount, bigint>>>,
  sums: Sums,
  findings: BooksFindings,
): void {
  for (const currency of new Set([...balances.keys(), ...sums.keys()]))
    for (const account of LEDGER_ACCOUNTS) {
      const found = balances.get(currency)?.[account] ?? 0n;
      const expected = sums.get(currency)?.get(account) ?? 0n;
      findings.compare('balance', { partner_id: partner, currency, account }, found, expected);
    }
}

/** The sums of a partition's entries, by partner. */
async function readSums(
  { warehouse }: Pick<Sources, 'warehouse'>,
  condition: string,
  parameters: Readonly<Record<string, QueryParameter>>,
): Promise<Map<string, Sums>> {
  const rows = await warehouse.query<SumRow>(
    `SELECT partner_id, currency, account, toString(sum(toInt128(amount_micros))) AS micros
     FROM ledger_entries WHERE partition = {partition:UInt16} AND ${condition}
     GROUP BY partner_id, currency, account`,
    parameters,
  );
  const partners = new Map<string, Sums>();
  for (const { partner_id: partner, currency, account, micros } of rows) {
    const sums: Sums = partners.get(partner) ?? new Map();
    const byAccount = sums.get(currency) ?? new Map<string, bigint>();
    partners.set(partner, sums.set(currency, byAccount.set(account, BigInt(micros))));
  }
  return partners;
}
