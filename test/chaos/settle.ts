/** Waits until the system is at rest, and gathers what the oracle judges. */
import { waitFor } from '../support/wait.ts';
import type { SentCommand } from './load/commander.ts';
import type { Figures, ManagementClients } from './load/management-clients.ts';
import type { Payer } from './load/payer.ts';
import type { Evidence } from './oracle/evidence.ts';
import {
  type Account,
  accountEverywhere,
  gatewayTransfers,
  moneyRows,
  untilAccountsAreTold,
  untilPayoutsAreOver,
} from './oracle/money-rows.ts';
import { aggregateSums, decidedRows, happenedRows } from './oracle/warehouse.ts';
import type { ChaosRun } from './run.ts';

const SETTLED_WITHIN_MS = 120_000;

/** @throws Error if the warehouse does not come to tell what the live figures tell */
export async function settledEvidence(
  run: Pick<ChaosRun, 'campaigns' | 'ledger' | 'management' | 'system'>,
  commands: readonly SentCommand[],
  payer: Pick<Payer, 'payouts' | 'refunds'>,
): Promise<Evidence> {
  const { campaigns, ledger, management, system } = run;
  const { port } = system.service('clickhouse');
  const payouts = await untilPayoutsAreOver(management, port);
  const live = new Map<string, Figures[]>();
  const stored = new Map<string, Figures>();
  for (const { campaignId } of campaigns) {
    live.set(campaignId, await liveEverywhere(management, campaignId));
    stored.set(campaignId, await settled(management, campaignId, ledger.complaints));
  }
  await untilAccountsAreTold(management, port);
  const money = await moneyRows(port);
  const partners = new Set(money.entries.map(({ partnerId }) => partnerId));
  const accounts = new Map<string, Account[]>();
  for (const partnerId of partners) accounts.set(partnerId, await accountEverywhere(management, partnerId));
  return {
    campaigns,
    ledger,
    commands,
    live,
    stored,
    aggregates: await aggregateSums(port),
    rows: await decidedRows(port, system.topology.partitions),
    happened: await happenedRows(port),
    money: {
      ...money,
      accounts,
      payouts,
      transfers: await gatewayTransfers(system.environment),
      askedPayouts: payer.payouts,
      askedRefunds: payer.refunds,
    },
  };
}

function liveEverywhere(management: ManagementClients, campaignId: string): Promise<Figures[]> {
  const asked = Array.from({ length: management.count }, (_, only) => management.live(campaignId, { only }));
  return Promise.all(asked);
}

/** The figures of the warehouse; they are said to include everything, so no second look ought to be needed. */
async function settled(
  management: ManagementClients,
  campaignId: string,
  complaints: string[],
): Promise<Figures> {
  const first = await management.stored(campaignId, { withinMs: SETTLED_WITHIN_MS });
  const live = await management.live(campaignId);
  if (first.received === live.received) return first;
  const late = await waitFor(
    `the warehouse to have all of ${campaignId}`,
    async () => {
      const figures = await management.stored(campaignId);
      return figures.received === live.received ? figures : undefined;
    },
    SETTLED_WITHIN_MS,
  ).catch(() => first);
  const what = `${first.received} events of ${live.received}, ${late.received} in the end`;
  complaints.push(`${campaignId}: the warehouse was said to have everything and had ${what}`);
  return late;
}
