/** Management over its real sockets, with actors in memory behind it. */
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import { createAccounts } from '../../management/application/accounts/accounts.ts';
import type { PostingRow } from '../../management/application/accounts/ledger-query.ts';
import { createBudgets } from '../../management/application/budgets/budgets.ts';
import { createCampaigns } from '../../management/application/campaigns/campaigns.ts';
import { HISTORY_QUERY, type HistoryRow } from '../../management/application/campaigns/history-query.ts';
import { withSlots } from '../../management/application/campaigns/slots.ts';
import { createCommissions } from '../../management/application/commissions/commissions.ts';
import { REASONS_QUERY, type ReasonRow } from '../../management/application/figures/conservation-query.ts';
import type { AggregateRow } from '../../management/application/figures/figures-query.ts';
import { createIntegrationEvents } from '../../management/application/partners/integration-events.ts';
import { createPartners } from '../../management/application/partners/partners.ts';
import { createGatewayNotices } from '../../management/application/payouts/notices.ts';
import type { PayoutRow } from '../../management/application/payouts/payout-query.ts';
import { createPayouts } from '../../management/application/payouts/payouts.ts';
import type { CreditRow, PartnerCreditsRow } from '../../management/application/tracking/credits-query.ts';
import { createDeadLetters } from '../../management/application/tracking/dead-letters.ts';
import { createTracking } from '../../management/application/tracking/tracking.ts';
import type { EventRow } from '../../management/application/tracking/tracking-query.ts';
import { createWebhooks } from '../../management/application/webhooks/webhooks.ts';
import { createSender } from '../../management/delivery/sender.ts';
import { WebhookStore } from '../../management/delivery/store.ts';
import { createGrpcServer } from '../../management/grpc/server.ts';
import { createHttpServer } from '../../management/rest/server.ts';
import { CampaignDirectory } from '../../model/campaign-directory.ts';
import { PartnerDirectory } from '../../model/partner-directory.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { QueryParameter, Warehouse } from '../../storage/warehouse/port.ts';
import { MemorySnapshots } from '../support/memory-snapshots.ts';
import { ActorsInMemory } from './actors-in-memory.ts';

/** Of the cluster. */
export const PARTITIONS = 16;

/** The moment at which the tests' clock stands. */
export const NOW = Date.parse('2026-11-22T12:34:56.789Z');

/** A warehouse that gives the rows it was told to give; its SQL is tested against the real engine. */
class RowsInMemory implements Warehouse {
  rows: AggregateRow[] = [];
  /** What the query of reasons gives. */
  reasons: ReasonRow[] = [];
  /** What queries of single events give. */
  events: EventRow[] = [];
  /** What queries of credits give: those of events, and those by partner. */
  credits: CreditRow[] = [];
  partners: PartnerCreditsRow[] = [];
  /** What queries of payouts, and of what was posted to books, give. */
  payouts: PayoutRow[] = [];
  postings: PostingRow[] = [];
  /** What queries of domain events give. */
  history: HistoryRow[] = [];
  asked: Readonly<Record<string, QueryParameter>> | undefined;
  /** Happens while a query is under way. */
  meanwhile: () => void = () => undefined;

  async query<Row>(text: string, parameters?: Readonly<Record<string, QueryParameter>>): Promise<Row[]> {
    this.asked = parameters;
    this.meanwhile();
    if (text === REASONS_QUERY) return this.reasons as Row[];
    if (text.includes('payout_id, toUnix')) return this.payouts as Row[];
    if (text.includes('FROM ledger_entries')) return this.postings as Row[];
    if (text === HISTORY_QUERY) return this.history as Row[];
    if (text.includes('FROM credits'))
      return (text.includes('GROUP BY') ? this.partners : this.credits) as Row[];
    return (text.includes('FROM decided_events') ? this.events : this.rows) as Row[];
  }

  async insert(): Promise<void> {}

  async claim(cluster: string): Promise<readonly string[]> {
    return [cluster];
  }

  async migrate(): Promise<readonly string[]> {
    return [];
  }

  async close(): Promise<void> {}
}

/** Lines of the log, as objects. */
class LogLines {
  readonly lines: { readonly level: number; readonly msg: string }[] = [];
  readonly logger: Logger = pino(
    { level: 'info' },
    { write: (line: string) => void this.lines.push(JSON.parse(line)) },
  );
}

export class ManagementSystem implements AsyncDisposable {
  readonly directory = new CampaignDirectory();
  readonly partnerDirectory = new PartnerDirectory();
  /** What the clock shows. */
  time = NOW;
  readonly actors = new ActorsInMemory(this.directory, () => this.time, this.partnerDirectory);
  readonly warehouse = new RowsInMemory();
  /** What the payment gateway's webhook says; nothing that concerns anybody unless set. */
  readonly payments: { notice: Gateway['notice'] } = { notice: () => undefined };
  readonly registry = new Registry();
  readonly log = new LogLines();
  readonly snapshots = new MemorySnapshots();
  ready = true;
  /** `http://127.0.0.1:port` */
  http = '';
  /** `127.0.0.1:port` */
  grpc = '';
  #close: (() => Promise<unknown>) | undefined;

  /** @param own a warehouse in the place of `warehouse`, which is given what the actors write */
  static async start(own?: Warehouse): Promise<ManagementSystem> {
    const system = new ManagementSystem();
    const { actors: gateway, directory, registry } = system;
    const warehouse = own ?? system.warehouse;
    gateway.warehouse = own;
    const { logger } = system.log;
    const slotted = withSlots(gateway, { now: () => NOW });
    const campaigns = createCampaigns({
      gateway: slotted,
      observer: gateway,
      directory,
      warehouse,
      now: () => NOW,
    });
    const budgets = createBudgets({ gateway: slotted, now: () => NOW });
    const commissions = createCommissions({ gateway, warehouse, now: () => system.time });
    const partners = createPartners({ gateway, observer: gateway, directory: system.partnerDirectory });
    const accounts = createAccounts({ gateway, warehouse });
    const payouts = createPayouts({ gateway, warehouse, now: () => NOW });
    const notices = createGatewayNotices({ gateway, payments: system.payments });
    const integration = createIntegrationEvents({ gateway, campaigns });
    const tracking = createTracking({ gateway, warehouse });
    const deadLetters = createDeadLetters({ gateway, snapshots: system.snapshots, partitions: PARTITIONS });
    const sender = createSender({ allowPrivate: true, version: '1.2.3', now: () => NOW });
    const webhooks = createWebhooks({
      store: new WebhookStore(system.snapshots),
      sender,
      log: { partitions: 2, lastSequence: async (partition) => 10 + partition },
      // The receivers of the tests are on this machine.
      allowPrivate: true,
      now: () => NOW,
    });
    const http = await createHttpServer({
      campaigns,
      budgets,
      commissions,
      tracking,
      deadLetters,
      partners,
      accounts,
      payouts,
      notices,
      integration,
      webhooks,
      registry,
      logger,
      ready: () => system.ready,
      version: '1.2.3',
    });
    const grpc = createGrpcServer({
      campaigns,
      budgets,
      commissions,
      tracking,
      deadLetters,
      partners,
      accounts,
      payouts,
      webhooks,
      registry,
      logger,
    });
    system.http = `http://127.0.0.1:${(await http.listen('127.0.0.1', 0)).port}`;
    system.grpc = `127.0.0.1:${(await grpc.listen('127.0.0.1', 0)).port}`;
    system.#close = () => Promise.all([http.close(), grpc.close(), sender.close()]);
    return system;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close?.();
  }
}

/** A campaign that can be launched, as REST is sent it. */
export const SUMMER = {
  campaign_id: 'summer',
  brand_id: 'acme',
  name: 'Summer sale',
  type: 'AFFILIATE',
  objective: 'SALES',
  landing_page_url: 'https://shop.example/summer?ref={click_id}',
  budget: { total: { amount: '1000.00', currency: 'USD' } },
  cost: { model: 'CPC', rate: { amount: '0.25', currency: 'USD' } },
};
