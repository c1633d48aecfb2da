/**
 * The warehouse: ClickHouse, in process or on a server, through the official client.
 *
 * An insert is one block of one part, so that its token covers all of it: it is there once or not at all,
 * however often it is repeated. Aggregates need no token, and those of several partitions go in together.
 */
import { limits } from '../../limits.ts';
import { openChdb, quoted } from './chdb.ts';
import { type Engine, QUERY_MS } from './engine.ts';
import { warehouseFailure } from './failures.ts';
import { GatheredInserts } from './gathered-inserts.ts';
import { connectHttp } from './http.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.ts';
import type { QueryParameter, Table, Warehouse, WarehouseBlock } from './port.ts';

/** Longer than the actors' patience: an insert that they have given up may still succeed. */
const INSERT_MS = 2 * limits.warehouseMs;
const MIGRATION_MS = 60_000;

/** One block, whatever a server's profile says; inserts are far below these bounds. */
const ONE_BLOCK = [
  'async_insert = 0',
  'insert_deduplicate = 1',
  'max_insert_block_size = 1048576',
  'min_insert_block_size_rows = 1048576',
  'min_insert_block_size_bytes = 268435456',
].join(', ');

export type WarehouseOptions =
  /** A ClickHouse server: `http(s)://[user[:password]@]host[:port]/[database]`. */
  | { readonly url: string }
  /** The directory of the embedded engine; created if missing. */
  | { readonly chdbDirectory: string };

/**
 * Opens the warehouse. The tables are there after `migrate`.
 *
 * @throws TurnpikeError `failed_precondition` if the embedded engine's directory is in use
 */
export function openWarehouse(options: WarehouseOptions): Warehouse {
  return new ClickHouseWarehouse(
    'url' in options ? connectHttp(options.url) : openChdb(options.chdbDirectory),
  );
}

class ClickHouseWarehouse implements Warehouse {
  readonly #engine: Engine;
  /** Aggregates: a row is an absolute value of its version, so it may come as often as it likes. */
  readonly #aggregates = new GatheredInserts((bodies) =>
    this.#insert('aggregates', ONE_BLOCK, Buffer.concat(bodies)),
  );
  #closing: Promise<void> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  insert(block: WarehouseBlock): Promise<void> {
    const { table, token, rows, data } = block;
    if (rows === 0) return Promise.resolve();
    if (table === 'aggregates') return this.#aggregates.add(block);
    return this.#insert(table, `insert_deduplication_token = ${quoted(token)}, ${ONE_BLOCK}`, data);
  }

  query<Row>(text: string, parameters: Readonly<Record<string, QueryParameter>> = {}): Promise<Row[]> {
    return bounded(QUERY_MS, (signal) =>
      this.#engine.read(async (client) => {
        const result = await client.query({
          query: text,
          query_params: parameters,
          format: 'JSONEachRow',
          abort_signal: signal,
        });
        return result.json<Row>();
      }, signal),
    );
  }

  async migrate(): Promise<readonly string[]> {
    await this.#command(MIGRATIONS_TABLE);
    const done = await this.query<{ version: number }>('SELECT DISTINCT version FROM schema_migrations');
    const versions = new Set(done.map(({ version }) => version));
    const applied: string[] = [];
    for (const { version, name, needsSetting, statements } of MIGRATIONS) {
      if (versions.has(version)) continue;
      if (needsSetting !== undefined && !(await this.#knows(needsSetting))) continue;
      for (const statement of statements) await this.#command(statement);
      await this.#command(
        `INSERT INTO schema_migrations (version, name) SETTINGS async_insert = 0 SELECT ${version}, ${quoted(name)}`,
      );
      applied.push(`${version}: ${name}`);
    }
    return applied;
  }

  async claim(cluster: string): Promise<readonly string[]> {
    const claimed = await this.#clusters();
    if (claimed.length > 0) return claimed;
    await this.#command(`INSERT INTO clusters (id) SETTINGS async_insert = 0 SELECT ${quoted(cluster)}`);
    // Another cluster may have had the same idea.
    return this.#clusters();
  }

  close(): Promise<void> {
    this.#closing ??= this.#engine.close();
    return this.#closing;
  }

  #insert(table: Table, settings: string, data: Uint8Array): Promise<void> {
    const statement = { into: `INSERT INTO ${table}`, how: `SETTINGS ${settings} FORMAT Native` };
    return bounded(INSERT_MS, (signal) => this.#engine.insert(statement, data, signal));
  }

  /** Whether tables can be given the setting. */
  async #knows(setting: string): Promise<boolean> {
    const text = 'SELECT name FROM system.merge_tree_settings WHERE name = {setting:String}';
    return (await this.query(text, { setting })).length > 0;
  }

  async #clusters(): Promise<readonly string[]> {
    const rows = await this.query<{ id: string }>('SELECT DISTINCT id FROM clusters ORDER BY id');
    return rows.map(({ id }) => id);
  }

  #command(text: string): Promise<void> {
    return bounded(MIGRATION_MS, (signal) => this.#engine.command(text, signal));
  }
}

/** Runs an operation for at most `ms`; its failures are the port's. */
async function bounded<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(ms);
  try {
    return await run(signal);
  } catch (error) {
    throw warehouseFailure(error, signal);
  }
}
