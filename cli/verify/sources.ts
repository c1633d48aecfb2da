/**
 * What a verification reads: the log, the snapshots and the warehouse. No partition is taken, no epoch raised,
 * no row written.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError } from '../../config.ts';
import { type FingerprintKey, fingerprintKey } from '../../model/fingerprint.ts';
import { SETTINGS } from '../../settings.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log } from '../../storage/log/port.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { openBackbone } from '../engines/backbone.ts';
import { claimDataDir } from '../engines/data-dir.ts';
import { openGatewayToCheck } from '../engines/payments.ts';
import { openBareWarehouse } from '../engines/warehouse.ts';

export interface Sources {
  readonly partitions: number;
  /** Keys the fingerprints of identifiers. */
  readonly fingerprintKey: FingerprintKey;
  readonly log: Pick<Log, 'read' | 'lastSequence'>;
  readonly snapshots: Pick<Snapshots, 'get' | 'list'>;
  readonly warehouse: Pick<Warehouse, 'query'>;
  /** Who has sent money to partners; absent: it is not asked. */
  readonly gateway?: Pick<Gateway, 'transfers' | 'transfersOf'> | undefined;
  /** Whether the system may run meanwhile: then there may be more at any moment. */
  readonly isLive: boolean;
  close(): Promise<void>;
}

/**
 * Opens the engines that the settings choose. What lies in the data folder is had by one process at a time: a
 * server that uses it must be stopped before.
 *
 * @param asksGateway whether a payment gateway elsewhere is asked what it has sent; the simulated one always is
 * @throws ConfigError if there is nothing to verify, or another process has the data folder
 */
export async function openSources(config: Config, asksGateway: boolean): Promise<Sources> {
  const { dataDir, natsUrl, clickhouseUrl } = config;
  const needed = [
    ...(natsUrl === undefined ? ['log', 'snapshots'] : []),
    ...(clickhouseUrl === undefined ? ['warehouse'] : []),
  ];
  const absent = needed.find((folder) => !existsSync(join(dataDir, folder)));
  if (absent !== undefined)
    throw new ConfigError(
      SETTINGS.dataDir.name,
      `is ${dataDir}, where there is no ${absent} to verify`,
      'set it to the data folder of a server that has run',
    );
  if (needed.length > 0) await claimDataDir(dataDir);
  const warehouse = openBareWarehouse(config);
  try {
    const backbone = await openBackbone(config);
    const { cluster, log, snapshots } = backbone;
    const gateway =
      config.gateway === 'simulated' || asksGateway
        ? await openGatewayToCheck(config, { clusterId: cluster.id, snapshots })
        : undefined;
    return {
      partitions: cluster.partitions,
      fingerprintKey: fingerprintKey(cluster.fingerprintSecret),
      log,
      snapshots,
      warehouse,
      gateway,
      isLive: backbone.isShared,
      async close() {
        await gateway?.close();
        await backbone.close();
        await warehouse.close();
      },
    };
  } catch (error) {
    await warehouse.close();
    throw error;
  }
}
