/** Builds the parts that the roles of this process ask for, over whatever engines it has. */
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { PartitionGateway } from '../actors/node/gateway.ts';
import { registerActorMetrics } from '../actors/node/metrics.ts';
import { ActorNode } from '../actors/node/node.ts';
import { Ownership } from '../actors/node/ownership.ts';
import { Retention } from '../actors/node/retention.ts';
import type { WorkerStart } from '../actors/node/thread-messages.ts';
import type { WorkerEngines } from '../actors/node/worker-entry.ts';
import { type Config, servesHttp } from '../config.ts';
import { type Collector, createCollector } from '../ingest/collector.ts';
import type { IntegrationEvents } from '../management/application/partners/integration-events.ts';
import { takeFrom } from '../management/application/partners/integration-intake.ts';
import { createGrpcServer, type GrpcServer } from '../management/grpc/server.ts';
import { createHttpServer, type HttpServer } from '../management/rest/server.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { SYSTEM_CLOCK } from '../model/clock.ts';
import { fingerprintKey } from '../model/fingerprint.ts';
import { PartnerDirectory } from '../model/partner-directory.ts';
import { SETTINGS } from '../settings.ts';
import type { Dedup } from '../storage/dedup/port.ts';
import type { Gateway } from '../storage/gateway/port.ts';
import type { Warehouse } from '../storage/warehouse/port.ts';
import { openDirectories } from './directory.ts';
import type { Engines } from './engines/engines.ts';
import { openPayments } from './engines/payments.ts';
import { readNetworks } from './network-list.ts';
import { servicesOf } from './services.ts';
import { programVersion } from './version.ts';
import { watched } from './watched-gateway.ts';
import { type Deliveries, webhooksOf } from './webhooks.ts';

/** What runs in this process, as far as its roles ask for it. */
export interface Parts {
  readonly actors: Actors | undefined;
  readonly collector: Collector | undefined;
  readonly http: HttpServer | undefined;
  readonly grpc: GrpcServer | undefined;
  /** The taking of integration events from their feed. */
  readonly intake: Intake | undefined;
  /** To webhooks. */
  readonly deliveries: Deliveries | undefined;
  /** Who sends money to partners; whoever ends the parts closes it. */
  readonly payments: Gateway | undefined;
}

/** What takes events of other systems, until it is stopped. */
export interface Intake {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The actors of this process, from taking partitions to giving them up. */
export interface Actors {
  /** Resolves when the partitions held have applied what their logs held. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Context {
  readonly config: Config;
  readonly engines: Engines;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly gateway: PartitionGateway;
  readonly directory: CampaignDirectory;
  readonly payments: Gateway | undefined;
  readonly isReady: () => boolean;
}

/** Builds the parts; nothing listens or works yet. */
export async function buildParts(
  config: Config,
  engines: Engines,
  logger: Logger,
  isReady: () => boolean,
): Promise<Parts> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gateway = new PartitionGateway(engines);
  const { roles } = config;
  const needsDirectory = roles.has('ingest') || roles.has('management');
  const { campaigns: directory, partners: partnerDirectory } = needsDirectory
    ? await openDirectories(engines, logger)
    : { campaigns: new CampaignDirectory(), partners: new PartnerDirectory() };
  const speaksToGateway = roles.has('actors') || roles.has('management');
  const payments = speaksToGateway ? await paymentsOf(config, engines, gateway, registry, logger) : undefined;
  const context: Context = { config, engines, logger, registry, gateway, directory, payments, isReady };
  const { warehouse, dedup } = engines;
  const managed = roles.has('management') ? warehouse : undefined;
  const { webhooks, deliveries } = managed ? webhooksOf(config, engines, managed, registry, logger) : {};
  const services =
    managed &&
    webhooks &&
    payments &&
    servicesOf({
      engines,
      gateway,
      warehouse: managed,
      campaigns: directory,
      partners: partnerDirectory,
      webhooks,
      payments,
    });
  return {
    actors: roles.has('actors') && warehouse && payments ? actorsOf(context, warehouse, payments) : undefined,
    collector: dedup && (await collectorOf(context, dedup)),
    http: servesHttp(roles)
      ? await createHttpServer({
          ...services,
          registry,
          logger,
          ready: isReady,
          version: programVersion(),
        })
      : undefined,
    grpc: services && createGrpcServer({ ...services, registry, logger }),
    intake: services && intakeOf(context, services.integration),
    deliveries,
    payments,
  };
}

async function paymentsOf(
  config: Config,
  { cluster, snapshots }: Engines,
  actors: PartitionGateway,
  registry: Registry,
  logger: Logger,
): Promise<Gateway> {
  const resumes = config.roles.has('actors');
  const options = { clusterId: cluster.id, snapshots, actors, resumes, logger };
  return watched(await openPayments(config, options), registry, logger);
}

function intakeOf({ engines, logger }: Context, integration: IntegrationEvents): Intake {
  let stop: () => Promise<void> = async () => undefined;
  return {
    async start() {
      const feed = await engines.openIntegration(logger);
      const end = takeFrom(feed, integration);
      stop = async () => {
        await end();
        await feed.close();
      };
    },
    stop: () => stop(),
  };
}

async function collectorOf(context: Context, dedup: Dedup): Promise<Collector> {
  const { config, engines, gateway, directory, registry, logger, isReady } = context;
  const { cluster, log } = engines;
  const { dataCentreRanges: ranges } = config;
  const dataCentres = ranges && (await readNetworks(ranges, SETTINGS.dataCentreRanges.name));
  return createCollector({
    log,
    dedup,
    directory,
    gateway,
    secrets: {
      fingerprintKey: fingerprintKey(cluster.fingerprintSecret),
      clickSecrets: [cluster.clickSecret],
    },
    partitions: cluster.partitions,
    allowedOrigins: config.allowedOrigins,
    trustedProxies: config.trustedProxies,
    ...(dataCentres && { dataCentres }),
    listenOptions: { sharePort: config.sharePort },
    eventCollectorCampaign: config.eventCollectorCampaign,
    registry,
    logger,
    now: Date.now,
    ready: isReady,
  });
}

function actorsOf(context: Context, warehouse: Warehouse, payments: Gateway): Actors {
  const { config, engines, registry, logger } = context;
  const { cluster, log, calls, bus, isShared } = engines;
  const node = new ActorNode({
    log,
    warehouse,
    bus,
    gateway: payments,
    calls,
    workers: Math.min(config.workers, cluster.partitions),
    spawn: () => spawnWorker(config, engines),
    logger,
  });
  registerActorMetrics(registry, () => node.progress);
  const retention = new Retention({
    log,
    retentionMs: config.logRetentionMs,
    bytes: engines.logBytes,
    maxBytes: config.logBytes,
    progress: () => node.progress,
    now: Date.now,
    logger,
  });
  const ownership = isShared ? sharedOwnership(context, node) : undefined;
  return {
    async start() {
      if (ownership) await ownership.start();
      else for (let partition = 0; partition < cluster.partitions; partition++) node.take(partition);
      await node.caughtUp();
      retention.start();
    },
    async stop() {
      retention.stop();
      await ownership?.stop();
      await node.stop();
    },
  };
}

/** Partitions of a log that other nodes may work too are shared out among them. */
function sharedOwnership({ engines, logger }: Context, node: ActorNode): Ownership {
  const { cluster, snapshots } = engines;
  return new Ownership({
    node: randomUUID(),
    partitions: cluster.partitions,
    snapshots,
    clock: SYSTEM_CLOCK,
    take: (partition) => node.take(partition),
    give: (partition) => node.give(partition),
    logger,
  });
}

function spawnWorker(config: Config, { cluster, workerEngines }: Engines): Worker {
  const workerData: WorkerStart<WorkerEngines> = {
    engines: workerEngines,
    fingerprintKey: fingerprintKey(cluster.fingerprintSecret),
    logLevel: config.logLevel,
  };
  return new Worker(new URL('../actors/node/worker-entry.js', import.meta.url), { workerData });
}
