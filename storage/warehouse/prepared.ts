/** A warehouse that is made ready before it is used, whenever it can first be reached. */
import { fail } from '../../model/errors.ts';
import type { Warehouse } from './port.ts';

/**
 * Wraps a warehouse: it brings the schema up to date and claims the warehouse for the cluster. Until then,
 * what is asked of it fails as that does.
 *
 * @returns the warehouse, and what makes it ready
 */
export function prepared(
  warehouse: Warehouse,
  cluster: string,
): { readonly warehouse: Warehouse; readonly prepare: () => Promise<void> } {
  let preparation: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    preparation ??= makeReady(warehouse, cluster).catch((error: unknown) => {
      preparation = undefined;
      throw error;
    });
    return preparation;
  };
  const wrapped: Warehouse = {
    async insert(block) {
      await prepare();
      await warehouse.insert(block);
    },
    async query(text, parameters) {
      await prepare();
      return warehouse.query(text, parameters);
    },
    migrate: () => warehouse.migrate(),
    claim: (name) => warehouse.claim(name),
    close: () => warehouse.close(),
  };
  return { warehouse: wrapped, prepare };
}

/** @throws TurnpikeError `failed_precondition` if it is another cluster's */
async function makeReady(warehouse: Warehouse, cluster: string): Promise<void> {
  await warehouse.migrate();
  const clusters = await warehouse.claim(cluster);
  if (clusters.length !== 1 || clusters[0] !== cluster)
    fail(
      'failed_precondition',
      'it holds the rows of another cluster; give each cluster a database of its own',
    );
}
