/** A warehouse that brings its schema up to date before it is used, whenever it can first be reached. */
import type { Warehouse } from './port.ts';

/** Wraps a warehouse: until its schema is there, what is asked of it fails as the migration does. */
export function migrated(warehouse: Warehouse): Warehouse {
  let migration: Promise<readonly string[]> | undefined;
  const migrate = (): Promise<readonly string[]> => {
    migration ??= warehouse.migrate().catch((error: unknown) => {
      migration = undefined;
      throw error;
    });
    return migration;
  };
  return {
    async insert(block) {
      await migrate();
      await warehouse.insert(block);
    },
    async query(text, parameters) {
      await migrate();
      return warehouse.query(text, parameters);
    },
    migrate,
    close: () => warehouse.close(),
  };
}
