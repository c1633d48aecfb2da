/** Holds the server's totals against the demo's own account: which of them differ, and how. */
import { formatMicros } from '../../model/money.ts';
import { costOf } from './campaign-spec.ts';
import type { Account } from './ledger.ts';
import type { Figures } from './management-client.ts';

export interface Verdict {
  readonly account: Account;
  readonly live: Figures;
  readonly warehouse: Figures;
  readonly liveExact: boolean;
  readonly warehouseExact: boolean;
  /** What differs, one sentence each; empty: all is exact. */
  readonly differences: readonly string[];
}

/** Compares one campaign's figures, both from the actor and from the warehouse, with what was sent. */
export function compare(account: Account, live: Figures, warehouse: Figures): Verdict {
  const ofLive = differencesOf('live', account, live);
  const ofWarehouse = differencesOf('warehouse', account, warehouse);
  // With resends the number of duplicates may vary, but not between the two.
  if (live.duplicates !== warehouse.duplicates) {
    ofWarehouse.push(`warehouse: ${warehouse.duplicates} duplicates, but ${live.duplicates} live`);
  }
  return {
    account,
    live,
    warehouse,
    liveExact: ofLive.length === 0,
    warehouseExact: ofWarehouse.length === 0,
    differences: [...ofLive, ...ofWarehouse].map((difference) => `${account.spec.campaignId}: ${difference}`),
  };
}

/** What must come out for the campaign. */
interface Expected {
  readonly accepted: bigint;
  readonly pending: bigint;
  readonly impressions: bigint;
  readonly clicks: bigint;
  readonly conversions: bigint;
  readonly revenueMicros: bigint;
  readonly spendMicros: bigint;
}

/** A budget with room for N clicks takes the first N and no more; all else is accepted and paid for. */
function expectedOf(account: Account): Expected {
  const { tightClicks } = account.spec;
  if (tightClicks === undefined) {
    return {
      accepted: BigInt(account.unique),
      pending: 0n,
      impressions: BigInt(account.impressions),
      clicks: BigInt(account.clicks),
      conversions: BigInt(account.conversions),
      revenueMicros: account.revenueMicros,
      spendMicros: account.spendMicros,
    };
  }
  const paid = BigInt(Math.min(tightClicks, account.clicks));
  return {
    accepted: paid,
    pending: BigInt(account.unique) - paid,
    impressions: 0n,
    clicks: paid,
    conversions: 0n,
    revenueMicros: 0n,
    spendMicros: paid * BigInt(costOf(account.spec, 'click')),
  };
}

function differencesOf(source: string, account: Account, figures: Figures): string[] {
  const expected = expectedOf(account);
  const found: string[] = [];
  const check = (what: string, counted: bigint, sent: bigint): void => {
    if (counted !== sent) found.push(`${source}: ${counted} ${what}, expected ${sent}`);
  };
  check('accepted', figures.accepted, expected.accepted);
  check('pending', figures.pending, expected.pending);
  check('rejected', figures.rejected, 0n);
  check('impressions', figures.impressions, expected.impressions);
  check('clicks', figures.clicks, expected.clicks);
  check('conversions', figures.conversions, expected.conversions);

  const least = BigInt(account.repeats);
  const most = least + BigInt(account.resends);
  if (figures.duplicates < least || figures.duplicates > most) {
    const range = least === most ? String(least) : `${least} to ${most}`;
    found.push(`${source}: ${figures.duplicates} duplicates, expected ${range}`);
  }
  const decided = figures.accepted + figures.duplicates + figures.rejected + figures.pending;
  check('received (the sum of all decisions)', figures.received, decided);

  const { currency } = account.spec;
  if (figures.currency !== currency) found.push(`${source}: amounts in ${figures.currency}, not ${currency}`);
  const checkMoney = (what: string, counted: bigint, sent: bigint): void => {
    if (counted === sent) return;
    found.push(
      `${source}: ${what} ${formatMicros(counted, currency)} ${currency}, expected ${formatMicros(sent, currency)}`,
    );
  };
  checkMoney('revenue', figures.revenueMicros, expected.revenueMicros);
  checkMoney('spend', figures.spendMicros, expected.spendMicros);
  return found;
}
