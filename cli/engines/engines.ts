/**
 * Opens the engines that the settings choose: for each port the distributed one where its URL is set, else
 * the embedded one. A process opens what its roles need. Together with the entry of the actor threads, this
 * folder is the only place that knows which engine serves which port.
 */
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { SETTINGS } from '../../settings.ts';
import { openMemoryDedup } from '../../storage/dedup/memory.ts';
import type { Dedup } from '../../storage/dedup/port.ts';
import { openRedisDedup } from '../../storage/dedup/redis.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type Backbone, openBackbone } from './backbone.ts';
import { claimDataDir } from './data-dir.ts';
import { naming } from './naming.ts';
import { claimEmbeddedWarehouse, openClusterWarehouse } from './warehouse.ts';

export interface Engines extends Backbone {
  /** For the roles `actors` and `management`. */
  readonly warehouse: Warehouse | undefined;
  /** For the role `ingest`. */
  readonly dedup: Dedup | undefined;
}

/**
 * Opens everything, in the order in which a failure is clearest.
 *
 * @throws ConfigError if something cannot be reached, is in use, or was created otherwise
 */
export async function openEngines(config: Config, logger: Logger): Promise<Engines> {
  const { roles } = config;
  const needsWarehouse = roles.has('actors') || roles.has('management');
  const embedsWarehouse = needsWarehouse && config.clickhouseUrl === undefined;
  if (config.natsUrl === undefined || embedsWarehouse) await claimDataDir(config.dataDir);

  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const engine of opened.reverse()) await engine.close();
  };
  try {
    const backbone = await openBackbone(config);
    opened.push(backbone);
    if (backbone.isShared && embedsWarehouse) await claimEmbeddedWarehouse(config, backbone.snapshots);
    const { cluster } = backbone;
    const warehouse = needsWarehouse ? await openClusterWarehouse(config, cluster, logger) : undefined;
    if (warehouse) opened.push(warehouse);
    const dedup = roles.has('ingest') ? await openDedup(config, logger) : undefined;
    if (dedup) opened.push(dedup);
    return { ...backbone, warehouse, dedup, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function openDedup({ redisUrl }: Config, logger: Logger): Promise<Dedup> {
  if (redisUrl === undefined) return Promise.resolve(openMemoryDedup({}));
  return naming(SETTINGS.redisUrl, () => openRedisDedup({ url: redisUrl, logger }));
}
