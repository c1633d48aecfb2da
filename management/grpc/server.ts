/** The gRPC server: campaigns, audiences, tracking, administration, health and reflection. */
import { isIPv6 } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { limits } from '../../limits.ts';
import { AdminServiceService } from '../../proto/generated/turnpike/v1/admin_service.ts';
import { AudienceServiceService } from '../../proto/generated/turnpike/v1/audience_service.ts';
import { BudgetServiceService } from '../../proto/generated/turnpike/v1/budget_service.ts';
import { CampaignServiceService } from '../../proto/generated/turnpike/v1/campaign_service.ts';
import { CommissionServiceService } from '../../proto/generated/turnpike/v1/commission_service.ts';
import { PartnerServiceService } from '../../proto/generated/turnpike/v1/partner_service.ts';
import { PayoutServiceService } from '../../proto/generated/turnpike/v1/payout_service.ts';
import { TrackingServiceService } from '../../proto/generated/turnpike/v1/tracking_service.ts';
import { WebhookServiceService } from '../../proto/generated/turnpike/v1/webhook_service.ts';
import { createAudiences } from '../application/campaigns/audiences.ts';
import type { Services } from '../application/services.ts';
import { requestMetrics } from '../request-metrics.ts';
import { budgetService } from './budget-service.ts';
import { audienceService } from './campaigns/audience-service.ts';
import { campaignService } from './campaigns/campaign-service.ts';
import { commissionService } from './commissions/commission-service.ts';
import { OpenStreams } from './open-streams.ts';
import { partnerService } from './partners/partner-service.ts';
import { payoutService } from './payouts/payout-service.ts';
import { reflectionService } from './reflection.ts';
import { adminService } from './tracking/admin-service.ts';
import { trackingService } from './tracking/tracking-service.ts';
import { tolerant } from './unary.ts';
import { webhookService } from './webhooks/webhook-service.ts';

export interface GrpcServerDependencies extends Omit<Services, 'integration' | 'notices'> {
  readonly registry: Registry;
  readonly logger: Logger;
}

export interface GrpcServer {
  /** Listens, on any free port for 0, and says SERVING from then on. @returns the port */
  listen(host: string, port: number): Promise<{ readonly port: number }>;
  /** Ends streams, answers calls under way, and cuts off what is left after `deadlineMs`. */
  close(deadlineMs?: number): Promise<void>;
}

const SECOND = 1_000;
/** Milliseconds that calls under way are given at shutdown unless said. */
const CLOSE_MS = 3 * SECOND;

/** The whole server, and its services, as health checks name them. */
const HEALTH_NAMES = [
  '',
  'turnpike.v1.CampaignService',
  'turnpike.v1.BudgetService',
  'turnpike.v1.AudienceService',
  'turnpike.v1.TrackingService',
  'turnpike.v1.AdminService',
  'turnpike.v1.PartnerService',
  'turnpike.v1.CommissionService',
  'turnpike.v1.PayoutService',
  'turnpike.v1.WebhookService',
];

export function createGrpcServer(dependencies: GrpcServerDependencies): GrpcServer {
  const {
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
  } = dependencies;
  const streams = new OpenStreams();
  const server = new Server({
    'grpc.max_receive_message_length': limits.managementBodyBytes,
    'grpc.max_concurrent_streams': limits.callsPerConnection,
    // Finds connections that died without a word, and closes those that nobody uses.
    'grpc.keepalive_time_ms': 60 * SECOND,
    'grpc.keepalive_timeout_ms': 20 * SECOND,
    'grpc.max_connection_idle_ms': 600 * SECOND,
    interceptors: [streams.interceptor],
  });
  const health = new HealthImplementation();
  const setHealth = (status: 'SERVING' | 'NOT_SERVING'): void => {
    for (const name of HEALTH_NAMES) health.setStatus(name, status);
  };
  setHealth('NOT_SERVING');
  const observe = requestMetrics(registry);
  server.addService(tolerant(CampaignServiceService), campaignService(campaigns, { logger, observe }));
  server.addService(tolerant(BudgetServiceService), budgetService(budgets, { logger, observe }));
  server.addService(
    tolerant(AudienceServiceService),
    audienceService(createAudiences(campaigns), { logger, observe }),
  );
  server.addService(tolerant(TrackingServiceService), trackingService(tracking, { logger, observe }));
  server.addService(tolerant(AdminServiceService), adminService(deadLetters, { logger, observe }));
  server.addService(tolerant(PartnerServiceService), partnerService(partners, accounts, { logger, observe }));
  server.addService(tolerant(CommissionServiceService), commissionService(commissions, { logger, observe }));
  server.addService(tolerant(PayoutServiceService), payoutService(payouts, { logger, observe }));
  server.addService(tolerant(WebhookServiceService), webhookService(webhooks, { logger, observe }));
  health.addToServer(server);
  reflectionService().addToServer(server);

  return {
    async listen(host, port) {
      const bound = await bind(server, host, port);
      setHealth('SERVING');
      return { port: bound };
    },

    async close(deadlineMs = CLOSE_MS) {
      setHealth('NOT_SERVING');
      streams.endAll();
      await shutDown(server, deadlineMs);
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}

function shutDown(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = setTimeout(() => server.forceShutdown(), deadlineMs);
    server.tryShutdown((error) => {
      clearTimeout(cut);
      if (error) reject(error);
      else resolve();
    });
  });
}
