/**
 * The warehouse in process: chDB, the ClickHouse engine as a library. This is the only file that knows it.
 *
 * What it demands:
 * - It stays on the main thread: in a worker it crashes at exit. Its work runs on threads of libuv's
 *   pool, which the log needs too. So there is one lane for writing and one for reading, and a statement
 *   waits for the one before.
 * - A connection keeps the settings of its statements, and after a failed query it prepends what that
 *   had already written to the next result. So a connection that has failed is replaced.
 * - Rows given inside a statement are read as text, up to a blank line. So they go through a file.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { type ClickHouseClient, type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client';
import type { Session } from 'chdb';
import { TurnpikeError } from '../../model/errors.ts';
import { type Engine, type InsertStatement, READ_SETTINGS } from './engine.ts';
import { InsertFile } from './insert-file.ts';

/** chDB is compiled against another copy of the client's types: the same shape under another name. */
type ChdbConnection = NonNullable<ClickHouseClientConfigOptions['connection']>;

/**
 * The library is loaded by who uses it: half a gigabyte that a process with a server does without, and
 * that brings a process down when it was merely loaded in a worker.
 */
const require = createRequire(import.meta.url);
const chdb = (): typeof import('chdb') => require('chdb');
const chdbConnection = (): typeof import('chdb/connection') => require('chdb/connection');

const MiB = 2 ** 20;

/** The engine shares the process: its caches and its memory are bounded. */
const ENGINE_ARGUMENTS = [
  `--max_server_memory_usage=${2_048 * MiB}`,
  `--mark_cache_size=${64 * MiB}`,
  `--index_mark_cache_size=${16 * MiB}`,
  `--primary_index_cache_size=${64 * MiB}`,
  `--query_condition_cache_size=${16 * MiB}`,
  '--background_pool_size=2',
];

/** Directories open in this process. chDB itself would open one twice. */
const openDirectories = new Set<string>();

/**
 * Opens the engine on a directory, which is created if missing.
 *
 * @throws TurnpikeError `failed_precondition` if the directory is open already, here or elsewhere
 */
export function openChdb(directory: string): Engine {
  if (!isMainThread) throw new Error('the embedded warehouse runs on the main thread only');
  const path = resolve(directory);
  if (/[*?{}[\]]/.test(path)) refuse(path, 'its name has characters that stand for a pattern');
  if (openDirectories.has(path)) refuse(path, 'it is open already');
  mkdirSync(path, { recursive: true });
  const engine = new ChdbEngine(path, openSession(path));
  openDirectories.add(path);
  return engine;
}

/** The session that holds the directory, with the engine's own arguments. */
function openSession(path: string): Session {
  try {
    const { Session } = chdb();
    return new Session(path, { connectionArgs: ENGINE_ARGUMENTS });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'CHDB_CONNECTION') throw error;
    refuse(path, 'is another process using it?', error);
  }
}

function refuse(path: string, reason: string, cause?: unknown): never {
  const message = `the warehouse in ${path} cannot be opened: ${reason}`;
  throw new TurnpikeError({ code: 'failed_precondition', message }, { cause });
}

class ChdbEngine implements Engine {
  readonly #path: string;
  readonly #session: Session;
  /** The folder of files through which rows go in, and the present one. */
  readonly #inserts: string;
  #file: InsertFile;
  readonly #writing: Lane;
  readonly #reading: Lane;
  #lastFile = 0;

  constructor(path: string, session: Session) {
    this.#path = path;
    this.#session = session;
    this.#inserts = join(path, 'inserts');
    rmSync(this.#inserts, { recursive: true, force: true });
    mkdirSync(this.#inserts);
    this.#file = this.#newFile();
    this.#writing = new Lane(path, undefined);
    const settings = Object.entries(READ_SETTINGS).map(([name, value]) => `${name} = ${value}`);
    this.#reading = new Lane(path, `SET ${settings.join(', ')}`);
  }

  command(query: string, signal: AbortSignal): Promise<void> {
    return this.#writing.run(async (client) => {
      await client.command({ query, abort_signal: signal });
    }, signal);
  }

  insert({ into, how }: InsertStatement, rows: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#writing.run(async (client) => {
      const file = this.#file;
      try {
        await file.fill(rows);
        const query = `${into} FROM INFILE ${quoted(file.path)} ${how}`;
        await client.command({ query, abort_signal: signal });
      } catch (error) {
        // A statement that was given up still reads the file: it must not find another's rows there.
        this.#file = this.#newFile();
        await file.remove();
        throw error;
      }
    }, signal);
  }

  read<T>(read: (client: ClickHouseClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#reading.run(read, signal);
  }

  async close(): Promise<void> {
    await Promise.all([this.#writing.close(), this.#reading.close()]);
    await this.#file.remove();
    this.#session.close();
    // Statements that were given up still run: the directory is free when they have ended.
    await chdb().drainPending();
    openDirectories.delete(this.#path);
  }

  #newFile(): InsertFile {
    return new InsertFile(join(this.#inserts, `${++this.#lastFile}.bin`));
  }
}

/** One connection, used by one statement at a time. */
class Lane {
  readonly #path: string;
  readonly #prepare: string | undefined;
  #client: ClickHouseClient | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, prepare: string | undefined) {
    this.#path = path;
    this.#prepare = prepare;
  }

  run<T>(work: (client: ClickHouseClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    const result = this.#last.then(async () => {
      signal.throwIfAborted();
      try {
        return await work(await this.#connect());
      } catch (error) {
        await this.#disconnect();
        throw error;
      }
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#disconnect();
  }

  async #connect(): Promise<ClickHouseClient> {
    if (this.#client) return this.#client;
    const connection = chdbConnection().createChdbConnection({ path: this.#path }) as unknown;
    this.#client = createClient({ connection: connection as ChdbConnection });
    if (this.#prepare !== undefined) await this.#client.command({ query: this.#prepare });
    return this.#client;
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }
}

/** A string literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
