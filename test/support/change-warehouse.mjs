// Usage: node change-warehouse.mjs FOLDER STATEMENT… Runs statements that spoil the embedded warehouse of a server that has ended.
import { openChdb } from '../../dist/storage/warehouse/chdb.js';

const [chdbDirectory, ...statements] = process.argv.slice(2);
const engine = openChdb(chdbDirectory);
try {
  for (const statement of statements) await engine.command(statement, AbortSignal.timeout(60_000));
} finally {
  await engine.close();
}
