/**
 * Verifies the books of all partners: that they balance, that accounts know what was entered, and that what was
 * entered is what campaigns have decided and payouts have come to; and payouts against what the gateway has sent, where
 * it can be asked. It needs the warehouse and the snapshots alone, so it says the same however much of the log is left.
 */
import type { Sources } from '../sources.ts';
import { checkBalances } from './balances-check.ts';
import { BooksFindings } from './findings.ts';
import { readStandings } from './standing.ts';
import { checkTold } from './told-check.ts';
import { checkTransfers } from './transfers-check.ts';

export async function verifyBooks(sources: Sources): Promise<BooksFindings> {
  const findings = new BooksFindings();
  const standings = await readStandings(sources);
  for (const standing of standings) await checkBalances(sources, standing, findings);
  for (const { partition } of standings) await checkTold(sources, partition, standings, findings);
  if (sources.gateway) await checkTransfers(sources, sources.gateway, findings);
  return findings;
}
