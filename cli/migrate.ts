/** `turnpike migrate`: brings the warehouse up to date and says what that took. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, refuseDistributedEngines } from '../config.ts';
import { openWarehouse } from '../storage/warehouse/clickhouse.ts';

/**
 * Creates what is missing of the warehouse's schema. Safe to repeat.
 *
 * @throws ConfigError; TurnpikeError if the warehouse cannot be opened, for instance because it is in use
 */
export async function migrate(config: Config, output: NodeJS.WritableStream): Promise<void> {
  refuseDistributedEngines(config);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const warehouse = openWarehouse({ chdbDirectory: join(config.dataDir, 'warehouse') });
  try {
    const steps = await warehouse.migrate();
    for (const step of steps) output.write(`${step}\n`);
    output.write(
      steps.length === 0
        ? 'the warehouse is up to date\n'
        : `the warehouse is up to date now: ${steps.length} changes\n`,
    );
  } finally {
    await warehouse.close();
  }
}
