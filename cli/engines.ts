/** Opens the engines that the settings choose, in the order in which a failure is clearest. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError } from '../config.ts';
import { TurnpikeError } from '../model/errors.ts';
import { type Cluster, openCluster } from '../storage/cluster.ts';
import { openMemoryDedup } from '../storage/dedup/memory.ts';
import type { Dedup } from '../storage/dedup/port.ts';
import { type LmdbLog, openLmdbLog } from '../storage/log/lmdb.ts';
import { openLmdbSnapshots } from '../storage/snapshots/lmdb.ts';
import type { Snapshots } from '../storage/snapshots/port.ts';
import { openWarehouse } from '../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../storage/warehouse/port.ts';

export interface Engines {
  readonly warehouse: Warehouse;
  readonly snapshots: Snapshots;
  readonly snapshotsDirectory: string;
  readonly cluster: Cluster;
  readonly log: LmdbLog;
  readonly dedup: Dedup;
  close(): Promise<void>;
}

/**
 * Opens everything below the data folder.
 *
 * @throws ConfigError if the folder cannot be used, is in use, or was created with other partitions
 */
export async function openEngines(config: Config): Promise<Engines> {
  createDataDir(config.dataDir);
  // The warehouse first: it locks the folder, so a second process stops here, before it touches anything.
  const warehouse = openEmbeddedWarehouse(config.dataDir);
  await warehouse.migrate();
  const snapshotsDirectory = join(config.dataDir, 'snapshots');
  const snapshots = openLmdbSnapshots({ directory: snapshotsDirectory });
  const cluster = await openCluster(snapshots, config.partitions);
  if (cluster.partitions !== config.partitions) {
    await snapshots.close();
    await warehouse.close();
    throw new ConfigError(
      'TURNPIKE_PARTITIONS',
      `is ${config.partitions}, but ${config.dataDir} was created with ${cluster.partitions}`,
      `set it to ${cluster.partitions}, or choose another TURNPIKE_DATA_DIR`,
    );
  }
  const log = openLmdbLog({ directory: join(config.dataDir, 'log'), partitions: cluster.partitions });
  const dedup = openMemoryDedup({});
  return {
    warehouse,
    snapshots,
    snapshotsDirectory,
    cluster,
    log,
    dedup,
    async close() {
      await dedup.close();
      await log.close();
      await snapshots.close();
      await warehouse.close();
    },
  };
}

/** Creates the data folder, for this user alone, if it is missing. @throws ConfigError */
export function createDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      'TURNPIKE_DATA_DIR',
      `is ${dataDir}, which cannot be created (${code})`,
      'set it to a folder that this user may write',
    );
  }
}

/** Opens the warehouse in the data folder, as it is. @throws ConfigError if another process uses it */
export function openEmbeddedWarehouse(dataDir: string): Warehouse {
  try {
    return openWarehouse({ chdbDirectory: join(dataDir, 'warehouse') });
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.code !== 'failed_precondition') throw error;
    throw new ConfigError('TURNPIKE_DATA_DIR', `is ${dataDir}`, error.message);
  }
}
