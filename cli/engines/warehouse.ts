/** Opens the warehouse that the settings choose, and makes sure that it is the cluster's only one. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Config, ConfigError } from '../../config.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { SETTINGS } from '../../settings.ts';
import type { Cluster } from '../../storage/cluster.ts';
import { RevisionConflict, type Snapshots } from '../../storage/snapshots/port.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { prepared } from '../../storage/warehouse/prepared.ts';
import { naming } from './naming.ts';

/**
 * Opens the warehouse as it is. Nothing is asked of a server yet.
 *
 * @throws ConfigError if the embedded one is in use by another process
 */
export function openBareWarehouse({ clickhouseUrl, dataDir }: Config): Warehouse {
  if (clickhouseUrl !== undefined) return openWarehouse({ url: clickhouseUrl });
  try {
    return openWarehouse({ chdbDirectory: join(dataDir, 'warehouse') });
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.code !== 'failed_precondition') throw error;
    throw new ConfigError(SETTINGS.dataDir.name, `is ${dataDir}`, error.message);
  }
}

/**
 * Opens the warehouse, brings its schema up to date, and claims it for the cluster. A server that cannot be
 * reached now is one that will be: the actors spool meanwhile.
 *
 * @throws ConfigError if it cannot be used, or is another cluster's
 */
export async function openClusterWarehouse(
  config: Config,
  cluster: Cluster,
  logger: Logger,
): Promise<Warehouse> {
  const { warehouse, prepare } = prepared(openBareWarehouse(config), cluster.id);
  const setting = config.clickhouseUrl === undefined ? SETTINGS.dataDir : SETTINGS.clickhouseUrl;
  await naming(setting, async () => {
    try {
      await prepare();
    } catch (error) {
      if (!(error instanceof TurnpikeError) || !error.retryable) throw error;
      logger.warn({ err: error }, 'the warehouse is away');
    }
  });
  return warehouse;
}

const EMBEDDED_WAREHOUSE = 'embedded-warehouse';

/**
 * Makes sure that a cluster's rows lie in one place: of several processes that share a log, one alone may
 * keep the warehouse in its data folder.
 *
 * @throws ConfigError if the warehouse lies in another folder
 */
export async function claimEmbeddedWarehouse(config: Config, snapshots: Snapshots): Promise<void> {
  const file = join(config.dataDir, 'warehouse.id');
  if (!existsSync(file)) writeFileSync(file, randomUUID(), { mode: 0o600 });
  const id = readFileSync(file, 'utf8');
  const known = await snapshots.get(EMBEDDED_WAREHOUSE);
  if (known && Buffer.from(known.value).toString() === id) return;
  try {
    await snapshots.commit([{ key: EMBEDDED_WAREHOUSE, value: Buffer.from(id), expected: 0 }]);
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
    throw new ConfigError(
      SETTINGS.clickhouseUrl.name,
      'is unset, but the cluster keeps its warehouse in the data folder of another process',
      'set it to a ClickHouse server that all actor nodes and managements share',
    );
  }
}
