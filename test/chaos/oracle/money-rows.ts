/** What the warehouse, the gateway and management have of the partners' money. */
import { openBackbone } from '../../../cli/engines/backbone.ts';
import { loadConfig } from '../../../config.ts';
import { waitFor } from '../../support/wait.ts';
import type { ManagementClients } from '../load/management-clients.ts';
import type { AskedPayout, AskedRefund } from '../load/payer.ts';
import { select } from './warehouse.ts';

/** Amounts in micros throughout. */
export interface MoneyEvidence {
  /** What partners have earned: by clicks and impressions as decided, by conversions as credited. */
  readonly earned: readonly EarnedRow[];
  readonly refunds: readonly RefundRow[];
  readonly entries: readonly EntryRow[];
  /** By partner: its account, as each management process tells it. */
  readonly accounts: ReadonlyMap<string, readonly Account[]>;
  /** By id: each payout, as each management process tells it. */
  readonly payouts: ReadonlyMap<string, readonly Payout[]>;
  readonly transfers: readonly Transfer[];
  readonly askedPayouts: readonly AskedPayout[];
  readonly askedRefunds: readonly AskedRefund[];
}

export interface EarnedRow {
  readonly campaignId: string;
  readonly partnerId: string;
  readonly type: number;
  readonly events: number;
  /** What the conversions were worth. */
  readonly value: bigint;
  readonly commission: bigint;
}

export interface RefundRow {
  readonly campaignId: string;
  readonly decisionId: string;
  readonly transactionId: string;
  readonly revenue: bigint;
  readonly commission: bigint;
  /** Of the conversion itself: what it was worth, and has earned; absent: it never counted. */
  readonly of: { readonly value: bigint; readonly commission: bigint } | undefined;
}

/** Entries of a partner, by account, cause, payout and campaign: how many there are, how many different, and their sum. */
export interface EntryRow {
  readonly partnerId: string;
  readonly account: string;
  readonly cause: string;
  readonly campaignId: string;
  readonly payoutId: string;
  readonly rows: number;
  readonly places: number;
  readonly sum: bigint;
}

export interface Account {
  readonly assigned: bigint;
  readonly reversed: bigint;
  readonly held: bigint;
  readonly payable: bigint;
  readonly inTransit: bigint;
  readonly paid: bigint;
  readonly balance: bigint;
}

export interface Payout {
  readonly partnerId: string;
  readonly status: string;
  readonly amount: bigint;
  readonly attempts: number;
}

/** A transfer as the simulated gateway keeps it. */
export interface Transfer {
  readonly payoutId: string;
  readonly partnerId: string;
  readonly micros: number;
  readonly status: string;
  readonly reversedMicros: number;
}

type Cell = string | number | undefined;
const MICROS_DIGITS = 6;
const OVER_WITHIN_MS = 180_000;

const EARNED = `
  SELECT campaign_id, partner_id, type, count(), 0, sum(commission_micros)
  FROM decided_events WHERE reason = 100 AND type < 3 GROUP BY ALL
  UNION ALL
  SELECT campaign_id, partner_id, 3, count(), sum(revenue_micros), sum(commission_micros) FROM credits GROUP BY ALL`;

const REFUNDS = `
  SELECT r.campaign_id, JSONExtractString(r.data, 'decision_id') AS decision,
    JSONExtractString(r.data, 'transaction_id'), JSONExtractString(r.data, 'revenue', 'amount'),
    JSONExtractString(r.data, 'commission', 'amount')
  FROM domain_events AS r WHERE r.type = 'conversion.refunded'`;

const CONVERSIONS = `
  SELECT partition, sequence, row, value_micros, commission_micros
  FROM decided_events WHERE reason = 100 AND type = 3`;

const ENTRIES = `
  SELECT partner_id, account, cause, campaign_id, payout_id, count(),
    uniqExact(partition, sequence, posting, leg), sum(amount_micros)
  FROM ledger_entries GROUP BY ALL`;

/** Reads the tables. */
export async function moneyRows(
  port: number,
): Promise<Pick<MoneyEvidence, 'earned' | 'refunds' | 'entries'>> {
  const [earned, refunds, conversions, entries] = await Promise.all(
    [EARNED, REFUNDS, CONVERSIONS, ENTRIES].map((query) => select(port, query)),
  );
  const counted = new Map(
    (conversions ?? []).map(([partition, sequence, row, value, commission]) => [
      [partition, sequence, row].map((part) => Number(part).toString(36)).join('-'),
      { value: BigInt(value ?? 0), commission: BigInt(commission ?? 0) },
    ]),
  );
  return {
    earned: (earned ?? []).map(([campaignId, partnerId, type, events, value, commission]: Cell[]) => ({
      campaignId: String(campaignId),
      partnerId: String(partnerId),
      type: Number(type),
      events: Number(events),
      value: BigInt(value ?? 0),
      commission: BigInt(commission ?? 0),
    })),
    refunds: (refunds ?? []).map(([campaignId, decisionId, transactionId, revenue, commission]: Cell[]) => ({
      campaignId: String(campaignId),
      decisionId: String(decisionId),
      transactionId: String(transactionId),
      revenue: microsOf(String(revenue)),
      commission: microsOf(String(commission)),
      of: counted.get(String(decisionId)),
    })),
    entries: (entries ?? []).map(
      ([partnerId, account, cause, campaignId, payoutId, rows, places, sum]: Cell[]) => ({
        partnerId: String(partnerId),
        account: String(account),
        cause: String(cause),
        campaignId: String(campaignId),
        payoutId: String(payoutId),
        rows: Number(rows),
        places: Number(places),
        sum: BigInt(sum ?? 0),
      }),
    ),
  };
}

/** Waits until no payout is under way. @throws Error if one stays so */
export async function untilPayoutsAreOver(
  management: ManagementClients,
  port: number,
): Promise<Map<string, Payout[]>> {
  const over = new Map<string, Payout[]>();
  await waitFor(
    'every payout to be over',
    async () => {
      const ids = await select(port, "SELECT DISTINCT payout_id FROM domain_events WHERE payout_id != ''");
      for (const [id] of ids) {
        const payoutId = String(id);
        if (over.has(payoutId)) continue;
        const views = await payoutEverywhere(management, payoutId);
        if (views.every(({ status }) => status === 'SUCCEEDED' || status === 'FAILED'))
          over.set(payoutId, views);
      }
      return over.size === ids.length;
    },
    OVER_WITHIN_MS,
  );
  return over;
}

/**
 * Waits until no message is under way and nothing is set aside, and until what accounts have come to is in the
 * warehouse.
 *
 * @throws Error if it does not come to that
 */
export async function untilAccountsAreTold(management: ManagementClients, port: number): Promise<void> {
  await waitFor(
    'every account to have been told everything',
    async () => {
      const [pending] = await everywhere(management, '/pagos/outbox/estadisticas', ({ pendientes }) =>
        Number(pendientes),
      );
      if (pending !== 0) return false;
      const partners = await select(port, 'SELECT DISTINCT partner_id FROM ledger_entries');
      for (const [id] of partners) {
        const partnerId = String(id);
        const accounts = await accountEverywhere(management, partnerId);
        if (accounts.some(({ inTransit }) => inTransit !== 0n)) return false;
        // The answer waits until the entries of the account are in the warehouse.
        await everywhere(management, `/v1/partners/${partnerId}/ledger?page_size=1`, () => undefined);
      }
      return true;
    },
    OVER_WITHIN_MS,
  );
}

/** A payout as each management process tells it. */
export function payoutEverywhere(management: ManagementClients, payoutId: string): Promise<Payout[]> {
  return everywhere(management, `/v1/payouts/${payoutId}`, (json) => ({
    partnerId: String(json.partner_id),
    status: String(json.status),
    amount: amountOf(json.amount),
    attempts: Number(json.attempts),
  }));
}

export function accountEverywhere(management: ManagementClients, partnerId: string): Promise<Account[]> {
  return everywhere(management, `/v1/partners/${partnerId}/account`, (json) => {
    const [balance = {}] = json.balances as Record<string, unknown>[];
    return {
      assigned: amountOf(balance.assigned),
      reversed: amountOf(balance.reversed),
      held: amountOf(balance.held),
      payable: amountOf(balance.payable),
      inTransit: amountOf(balance.in_transit),
      paid: amountOf(balance.paid),
      balance: amountOf(balance.balance),
    };
  });
}

function everywhere<T>(
  management: ManagementClients,
  path: string,
  read: (json: Record<string, unknown>) => T,
): Promise<T[]> {
  return Promise.all(
    Array.from({ length: management.count }, async (_, only) => {
      const { status, body } = await management.ask('GET', path, { only });
      if (status !== 200) throw new Error(`${path}: status ${status}: ${body.slice(0, 300)}`);
      return read(JSON.parse(body) as Record<string, unknown>);
    }),
  );
}

/** All transfers of the simulated gateway, as they lie among the snapshots. */
export async function gatewayTransfers(environment: NodeJS.ProcessEnv): Promise<Transfer[]> {
  const backbone = await openBackbone(loadConfig(environment));
  try {
    const transfers: Transfer[] = [];
    for await (const { value } of backbone.snapshots.list('gateway/'))
      transfers.push(JSON.parse(Buffer.from(value).toString()) as Transfer);
    return transfers;
  } finally {
    await backbone.close();
  }
}

/** An amount as JSON has it, such as `{"amount":"-12.50","currency":"USD"}`; of nothing, 0. */
function amountOf(money: unknown): bigint {
  return microsOf((money as { readonly amount?: string } | undefined)?.amount ?? '0');
}

function microsOf(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const micros = BigInt(whole + fraction.padEnd(MICROS_DIGITS, '0'));
  return amount.startsWith('-') ? -micros : micros;
}
