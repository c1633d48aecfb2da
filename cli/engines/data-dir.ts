/** The data folder of the embedded engines: one process at a time may use it. */
import { mkdirSync } from 'node:fs';
import { ConfigError } from '../../config.ts';
import { SETTINGS } from '../../settings.ts';
import { lockFolder } from '../../storage/log/folder-lock.ts';

/**
 * Creates the data folder, for this user alone, if it is missing, and locks it.
 *
 * @throws ConfigError if it cannot be created, or another process uses it
 */
export async function claimDataDir(dataDir: string): Promise<void> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      SETTINGS.dataDir.name,
      `is ${dataDir}, which cannot be created (${code})`,
      'set it to a folder that this user may write',
    );
  }
  if (!lockFolder(dataDir))
    throw new ConfigError(
      SETTINGS.dataDir.name,
      `is ${dataDir}, which another process uses`,
      'stop that one first, or choose another folder',
    );
}
