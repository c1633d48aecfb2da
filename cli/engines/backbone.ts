/** Opens the log, the snapshots and the calls: what holds a cluster, or a single process, together. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { WorkerEngines } from '../../actors/node/worker-entry.ts';
import { type Config, ConfigError } from '../../config.ts';
import { SETTINGS, type Setting } from '../../settings.ts';
import { openLocalCalls } from '../../storage/calls/local.ts';
import { openNatsCalls } from '../../storage/calls/nats.ts';
import type { Calls } from '../../storage/calls/port.ts';
import { type Cluster, DATA_FORMAT, openCluster } from '../../storage/cluster.ts';
import { openLocalBus } from '../../storage/events/local.ts';
import { openNatsBus } from '../../storage/events/nats.ts';
import type { EventBus } from '../../storage/events/port.ts';
import { openLocalIntegration } from '../../storage/integration/local.ts';
import { openNatsIntegration } from '../../storage/integration/nats.ts';
import type { IntegrationFeed } from '../../storage/integration/port.ts';
import { openJetStreamLog } from '../../storage/log/jetstream.ts';
import type { Log } from '../../storage/log/port.ts';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import { openNatsSnapshots } from '../../storage/snapshots/nats-kv.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import { naming } from './naming.ts';

export interface Backbone {
  readonly cluster: Cluster;
  readonly log: Log;
  /** Bytes that the log takes. */
  readonly logBytes: () => Promise<number>;
  readonly snapshots: Snapshots;
  readonly calls: Calls;
  readonly bus: EventBus;
  /** Opens the feed of integration events; whoever does closes it. */
  readonly openIntegration: (logger: Logger) => Promise<IntegrationFeed>;
  /** Whether other processes may use them too. */
  readonly isShared: boolean;
  /** How actor threads open them. */
  readonly workerEngines: WorkerEngines;
  close(): Promise<void>;
}

/**
 * Opens the log, the snapshots and the calls. Of the embedded engines, the data folder must be locked.
 *
 * @throws ConfigError if they cannot be reached or were created with other partitions
 */
export async function openBackbone(config: Config): Promise<Backbone> {
  return config.natsUrl === undefined ? openEmbedded(config) : openDistributed(config, config.natsUrl);
}

async function openEmbedded(config: Config): Promise<Backbone> {
  const snapshotsDirectory = join(config.dataDir, 'snapshots');
  const snapshots = openLmdbSnapshots({ directory: snapshotsDirectory });
  const cluster = await openCluster(snapshots, config.partitions);
  const refusal =
    otherFormat(cluster, SETTINGS.dataDir, config.dataDir) ??
    otherPartitions(config, cluster, config.dataDir, 'choose another TURNPIKE_DATA_DIR');
  if (refusal) {
    await snapshots.close();
    throw refusal;
  }
  const logDirectory = join(config.dataDir, 'log');
  const log = await naming(SETTINGS.dataDir, async () =>
    openSegmentLog({ directory: logDirectory, partitions: cluster.partitions }),
  );
  return {
    cluster,
    log,
    logBytes: async () => log.bytes,
    snapshots,
    calls: openLocalCalls(),
    bus: openLocalBus(),
    openIntegration: async (logger) => openLocalIntegration(logger),
    isShared: false,
    workerEngines: { kind: 'embedded', log: log.share(), snapshotsDirectory },
    async close() {
      await log.close();
      await snapshots.close();
    },
  };
}

async function openDistributed(config: Config, url: string): Promise<Backbone> {
  const replicas = config.natsReplicas;
  return naming(SETTINGS.natsUrl, async () => {
    const snapshots = await openNatsSnapshots({ url, replicas });
    const cluster = await openCluster(snapshots, config.partitions);
    const refusal =
      otherFormat(cluster, SETTINGS.natsUrl, 'the cluster') ??
      otherPartitions(config, cluster, 'the cluster', 'use another NATS');
    if (refusal) {
      await snapshots.close();
      throw refusal;
    }
    const { partitions } = cluster;
    const log = await openJetStreamLog({ url, partitions, replicas });
    const calls = await openNatsCalls({ url });
    const bus = await openNatsBus({ url, replicas });
    return {
      cluster,
      log,
      logBytes: () => log.bytes(),
      snapshots,
      calls,
      bus,
      openIntegration: (logger) =>
        naming(SETTINGS.natsUrl, () => openNatsIntegration({ url, replicas, logger })),
      isShared: true,
      workerEngines: { kind: 'distributed', url, partitions },
      async close() {
        await calls.close();
        await bus.close();
        await log.close();
        await snapshots.close();
      },
    };
  });
}

/** Data of another format would be read wrongly, or not at all. */
function otherFormat({ format }: Cluster, setting: Setting, where: string): ConfigError | undefined {
  if (format === DATA_FORMAT) return undefined;
  return new ConfigError(
    setting.name,
    `points to ${where}, whose data has format ${format}, and this version reads ${DATA_FORMAT}`,
    'start the version that wrote it, or let it point to something new; see docs/operations.md, Upgrades',
  );
}

function otherPartitions(
  config: Config,
  cluster: Cluster,
  where: string,
  otherwise: string,
): ConfigError | undefined {
  if (cluster.partitions === config.partitions) return undefined;
  return new ConfigError(
    SETTINGS.partitions.name,
    `is ${config.partitions}, but ${where} was created with ${cluster.partitions}`,
    `set it to ${cluster.partitions}, or ${otherwise}`,
  );
}
