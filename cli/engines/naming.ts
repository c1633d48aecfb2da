/** Operational failures of what a setting points to, as failures of the setting. */
import { ConfigError } from '../../config.ts';
import { TurnpikeError } from '../../model/errors.ts';
import type { Setting } from '../../settings.ts';

/** Runs what depends on a setting. @throws ConfigError naming it, if that fails */
export async function naming<T>(setting: Setting, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof TurnpikeError)) throw error;
    throw new ConfigError(setting.name, 'cannot be used', error.message);
  }
}
