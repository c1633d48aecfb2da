/** All that management can do, by subject: what both protocols are thin over. */
import type { Accounts } from './accounts/accounts.ts';
import type { Budgets } from './budgets/budgets.ts';
import type { Campaigns } from './campaigns/campaigns.ts';
import type { Commissions } from './commissions/commissions.ts';
import type { IntegrationEvents } from './partners/integration-events.ts';
import type { Partners } from './partners/partners.ts';
import type { GatewayNotices } from './payouts/notices.ts';
import type { Payouts } from './payouts/payouts.ts';
import type { DeadLetters } from './tracking/dead-letters.ts';
import type { Tracking } from './tracking/tracking.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

export interface Services {
  readonly campaigns: Campaigns;
  readonly budgets: Budgets;
  readonly commissions: Commissions;
  readonly tracking: Tracking;
  readonly deadLetters: DeadLetters;
  readonly partners: Partners;
  readonly accounts: Accounts;
  readonly payouts: Payouts;
  readonly notices: GatewayNotices;
  readonly integration: IntegrationEvents;
  readonly webhooks: Webhooks;
}

/** Some of them. */
export type SomeServices = { readonly [Name in keyof Services]?: Services[Name] | undefined };
