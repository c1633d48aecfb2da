/** `turnpike migrate`: brings the warehouse up to date and says what that took. */
import type { Config } from '../config.ts';
import { claimDataDir } from './engines/data-dir.ts';
import { openBareWarehouse } from './engines/warehouse.ts';

/**
 * Creates what is missing of the warehouse's schema. Safe to repeat.
 *
 * @throws ConfigError if the data folder cannot be used or is in use; TurnpikeError
 */
export async function migrate(config: Config, output: NodeJS.WritableStream): Promise<void> {
  if (config.clickhouseUrl === undefined) await claimDataDir(config.dataDir);
  const warehouse = openBareWarehouse(config);
  try {
    const steps = await warehouse.migrate();
    for (const step of steps) output.write(`${step}\n`);
    output.write(steps.length === 0 ? 'the warehouse is up to date\n' : 'the warehouse is up to date now\n');
  } finally {
    await warehouse.close();
  }
}
