/**
 * The composition root: wires the parts over the engines and takes the process through its life, from the
 * data folder to `turnpike ready` and from SIGTERM to the exit. Together with the entry of the actor
 * threads it is the only place that knows which engine serves which port.
 */
import { Worker } from 'node:worker_threads';
import { type Logger, pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { keys } from '../actors/keys.ts';
import type { WorkerStart } from '../actors/messages.ts';
import { registerActorMetrics } from '../actors/metrics.ts';
import { ActorNode } from '../actors/node.ts';
import { Retention } from '../actors/retention.ts';
import type { WorkerEngines } from '../actors/worker-entry.ts';
import { type Config, ConfigError, configureLibraries, refuseDistributedEngines } from '../config.ts';
import { type Collector, createCollector } from '../ingest/collector.ts';
import { limits } from '../limits.ts';
import { createCampaigns } from '../management/application/campaigns.ts';
import { createGrpcServer, type GrpcServer } from '../management/grpc/server.ts';
import { createHttpServer, type HttpServer } from '../management/rest/server.ts';
import type { CampaignSummary } from '../model/campaign.ts';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { fingerprintKey } from '../model/fingerprint.ts';
import { SETTINGS } from '../settings.ts';
import type { Snapshots } from '../storage/snapshots/port.ts';
import { type Engines, openEngines } from './engines.ts';
import { ExitCode } from './exit.ts';
import { programVersion } from './version.ts';

/** Everything that runs, in the order in which it must end. */
interface Running {
  readonly collector: Collector;
  readonly http: HttpServer;
  readonly grpc: GrpcServer;
  readonly retention: Retention;
  readonly actors: ActorNode;
  readonly engines: Engines;
}

/**
 * Runs Turnpike until SIGTERM or SIGINT; resolves when it accepts work.
 *
 * @throws ConfigError if a setting does not fit what is there
 */
export async function start(config: Config): Promise<void> {
  refuseDistributedEngines(config);
  refusePartialRoles(config);
  configureLibraries();
  const logger = pino({ level: config.logLevel, base: null }, pino.destination(2));
  const engines = await openEngines(config);
  let isReady = false;
  const running = await assemble(config, engines, logger, () => isReady);
  const { collector, http, grpc, actors, retention } = running;
  await actors.start();
  retention.start();
  const ports = await Promise.all([
    bind(collector, SETTINGS.ingestPort, config.host, config.ingestPort),
    bind(http, SETTINGS.httpPort, config.host, config.httpPort),
    bind(grpc, SETTINGS.grpcPort, config.host, config.grpcPort),
  ]);
  isReady = true;
  const stop = (signal: NodeJS.Signals): void => {
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
    isReady = false;
    logger.info({ signal }, 'draining');
    void shutDown(running, logger);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const [ingest, rest, rpc] = ports.map(({ port }) => `${host}:${port}`);
  console.log(`turnpike ready ingest=http://${ingest} http=http://${rest} grpc=${rpc}`);
}

function refusePartialRoles(config: Config): void {
  if (config.roles.size === 3) return;
  throw new ConfigError(
    'TURNPIKE_ROLES',
    `is ${[...config.roles].join(',')}, but the embedded engines live in one process`,
    'unset it to run all roles',
  );
}

/** @throws ConfigError naming the port that cannot be had */
async function bind(
  server: Pick<HttpServer, 'listen'>,
  setting: { readonly name: string },
  host: string,
  port: number,
): Promise<{ readonly port: number }> {
  try {
    return await server.listen(host, port);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ConfigError(
      setting.name,
      `is ${port}, which cannot be bound on ${host} (${reason})`,
      'set it to a port that is free and that this user may use',
    );
  }
}

async function assemble(
  config: Config,
  engines: Engines,
  logger: Logger,
  ready: () => boolean,
): Promise<Running> {
  const { cluster, log, dedup, warehouse, snapshots } = engines;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const directory = await readDirectory(snapshots);
  const actors = new ActorNode({
    log,
    warehouse,
    directory,
    workers: Math.min(config.workers, cluster.partitions),
    spawn: (partitions) => spawnWorker(config, engines, partitions),
    logger,
  });
  registerActorMetrics(registry, () => actors.progress);
  const retention = new Retention({
    log,
    retentionMs: config.logRetentionMs,
    bytes: () => log.bytes,
    maxBytes: config.logBytes,
    progress: () => actors.progress,
    now: Date.now,
    logger,
  });
  const collector = createCollector({
    log,
    dedup,
    directory,
    gateway: actors,
    secrets: {
      fingerprintKey: fingerprintKey(cluster.fingerprintSecret),
      clickSecrets: [cluster.clickSecret],
    },
    partitions: cluster.partitions,
    allowedOrigins: config.allowedOrigins,
    registry,
    logger,
    now: Date.now,
    ready,
  });
  const campaigns = createCampaigns({ gateway: actors, directory, warehouse, now: Date.now });
  const http = await createHttpServer({ campaigns, registry, logger, ready, version: programVersion() });
  const grpc = await createGrpcServer({ campaigns, registry, logger });
  return { collector, http, grpc, retention, actors, engines };
}

/** The campaigns as they were last saved; what the log holds beyond that, the actors tell when they have read it. */
async function readDirectory(snapshots: Snapshots): Promise<CampaignDirectory> {
  const directory = new CampaignDirectory();
  for await (const { value } of snapshots.list(keys.summaryPrefix))
    directory.put(JSON.parse(Buffer.from(value).toString()) as CampaignSummary);
  return directory;
}

function spawnWorker(config: Config, engines: Engines, partitions: readonly number[]): Worker {
  const workerData: WorkerStart<WorkerEngines> = {
    engines: { log: engines.log.share(), snapshotsDirectory: engines.snapshotsDirectory },
    partitions,
    fingerprintKey: fingerprintKey(engines.cluster.fingerprintSecret),
    logLevel: config.logLevel,
  };
  return new Worker(new URL('../actors/worker-entry.js', import.meta.url), { workerData });
}

/** Answers what is under way, saves what can be saved, and ends the process. */
async function shutDown(running: Running, logger: Logger): Promise<void> {
  const { collector, http, grpc, retention, actors, engines } = running;
  setTimeout(() => {
    // Whatever was answered is durable; what is cut off here is replayed at the next start.
    logger.warn('shutdown took too long; the rest is cut off');
    process.exit(ExitCode.ok);
  }, limits.shutdownMs).unref();
  retention.stop();
  await collector.drain();
  await Promise.all([http.close(), grpc.close()]);
  await actors.stop();
  await engines.close();
  collector.close();
  logger.info('stopped');
  process.exit(ExitCode.ok);
}
