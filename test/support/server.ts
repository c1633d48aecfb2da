/** The product as its users run it: the built program in a process of its own, on free ports and own data. */
import { cleanEnvironment } from './environment.ts';
import { freePorts } from './ports.ts';
import { type Exit, TestProcess } from './process.ts';
import { TURNPIKE } from './project.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary.ts';

export interface Addresses {
  /** Collector, `http://host:port`. */
  readonly ingest: string;
  /** REST gateway, `http://host:port`. */
  readonly http: string;
  /** gRPC, `host:port`. */
  readonly grpc: string;
}

export interface ServerOptions {
  /** More settings, `TURNPIKE_…`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** An existing data folder; else a new one, removed on disposal. */
  readonly dataDirectory?: string;
  /** Options of Node itself, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Milliseconds that a start may take; a long log that was never applied takes longer than the usual minute. */
  readonly readyWithinMs?: number;
}

/** How a process that was asked to end did so. */
export interface Termination extends Exit {
  /** Milliseconds from the signal to its end. */
  readonly tookMs: number;
}

const READY_WITHIN_MS = 60_000;

export class Server implements AsyncDisposable {
  readonly addresses: Addresses;
  readonly dataDirectory: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #folder: TemporaryFolder | undefined;
  readonly #nodeOptions: readonly string[];
  readonly #readyWithinMs: number;
  #process: TestProcess;
  #readyMs = 0;

  private constructor(
    addresses: Addresses,
    settings: Readonly<Record<string, string>>,
    dataDirectory: string,
    folder: TemporaryFolder | undefined,
    { nodeOptions = [], readyWithinMs = READY_WITHIN_MS }: ServerOptions,
  ) {
    this.addresses = addresses;
    this.#settings = settings;
    this.dataDirectory = dataDirectory;
    this.#folder = folder;
    this.#nodeOptions = nodeOptions;
    this.#readyWithinMs = readyWithinMs;
    this.#process = this.#spawn();
  }

  /** Starts a server and waits until it is ready. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const folder = options.dataDirectory === undefined ? temporaryFolder('data') : undefined;
    const dataDirectory = options.dataDirectory ?? (folder as TemporaryFolder).path;
    const [ingest, http, grpc] = (await freePorts(3)) as [number, number, number];
    const settings = {
      TURNPIKE_HOST: '127.0.0.1',
      TURNPIKE_INGEST_PORT: String(ingest),
      TURNPIKE_HTTP_PORT: String(http),
      TURNPIKE_GRPC_PORT: String(grpc),
      TURNPIKE_DATA_DIR: dataDirectory,
      ...options.settings,
    };
    const addresses = {
      ingest: `http://127.0.0.1:${ingest}`,
      http: `http://127.0.0.1:${http}`,
      grpc: `127.0.0.1:${grpc}`,
    };
    const server = new Server(addresses, settings, dataDirectory, folder, options);
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Milliseconds from the last start to `turnpike ready`. */
  get readyMs(): number {
    return this.#readyMs;
  }

  get process(): TestProcess {
    return this.#process;
  }

  /** Kills the process as a crash would and waits until it is gone. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.exited;
  }

  /** Asks the process to end, as an operator would. */
  async terminate(): Promise<Termination> {
    const begin = performance.now();
    this.#process.signal('SIGTERM');
    const exit = await this.#process.exited;
    return { ...exit, tookMs: performance.now() - begin };
  }

  /** Starts again after an end, with the same data and the same ports, and waits until it is ready. */
  async restart(): Promise<void> {
    this.#process = this.#spawn();
    await this.#ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    this.#folder?.[Symbol.dispose]();
  }

  #spawn(): TestProcess {
    const args = [...this.#nodeOptions, TURNPIKE, 'start'];
    return new TestProcess(process.execPath, args, cleanEnvironment(this.#settings));
  }

  async #ready(): Promise<void> {
    const begin = performance.now();
    await this.#process.line(/^turnpike ready\b.*$/m, this.#readyWithinMs);
    this.#readyMs = performance.now() - begin;
  }
}
