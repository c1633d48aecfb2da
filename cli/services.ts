/** Builds all that management can do, over the engines of this process. */
import { createAccounts } from '../management/application/accounts/accounts.ts';
import { createBudgets } from '../management/application/budgets/budgets.ts';
import { createCampaigns } from '../management/application/campaigns/campaigns.ts';
import { withSlots } from '../management/application/campaigns/slots.ts';
import { createCommissions } from '../management/application/commissions/commissions.ts';
import { createIntegrationEvents } from '../management/application/partners/integration-events.ts';
import { createPartners } from '../management/application/partners/partners.ts';
import { createGatewayNotices } from '../management/application/payouts/notices.ts';
import { createPayouts } from '../management/application/payouts/payouts.ts';
import type { Services } from '../management/application/services.ts';
import { createDeadLetters } from '../management/application/tracking/dead-letters.ts';
import { createTracking } from '../management/application/tracking/tracking.ts';
import type { Webhooks } from '../management/application/webhooks/webhooks.ts';
import type { ActorGateway, ActorObserver } from '../model/actor-gateway.ts';
import type { CampaignDirectory } from '../model/campaign-directory.ts';
import type { PartnerDirectory } from '../model/partner-directory.ts';
import type { Gateway } from '../storage/gateway/port.ts';
import type { Warehouse } from '../storage/warehouse/port.ts';
import type { Engines } from './engines/engines.ts';

export interface ServiceParts {
  readonly engines: Pick<Engines, 'cluster' | 'snapshots'>;
  readonly gateway: ActorGateway & ActorObserver;
  readonly warehouse: Warehouse;
  readonly campaigns: CampaignDirectory;
  readonly partners: PartnerDirectory;
  readonly webhooks: Webhooks;
  readonly payments: Gateway;
}

export function servicesOf(parts: ServiceParts): Services {
  const { engines, gateway, warehouse, webhooks } = parts;
  const { cluster, snapshots } = engines;
  const now = Date.now;
  const slotted = withSlots(gateway, { now });
  const campaigns = createCampaigns({
    gateway: slotted,
    observer: gateway,
    directory: parts.campaigns,
    warehouse,
    now,
  });
  return {
    campaigns,
    budgets: createBudgets({ gateway: slotted, now }),
    commissions: createCommissions({ gateway, warehouse, now }),
    tracking: createTracking({ gateway, warehouse }),
    deadLetters: createDeadLetters({ gateway, snapshots, partitions: cluster.partitions }),
    partners: createPartners({ gateway, observer: gateway, directory: parts.partners }),
    accounts: createAccounts({ gateway, warehouse }),
    payouts: createPayouts({ gateway, warehouse, now }),
    notices: createGatewayNotices({ gateway, payments: parts.payments }),
    integration: createIntegrationEvents({ gateway, campaigns }),
    webhooks,
  };
}
