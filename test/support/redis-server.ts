/** A real Redis server on a port of its own, with a folder that is gone afterwards. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { cleanEnvironment } from './environment.ts';
import { freePorts } from './ports.ts';
import { TestProcess } from './process.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary.ts';
import { waitFor } from './wait.ts';

export interface RedisServerOptions {
  /** Arguments of `redis-server`, such as `['--requirepass', 'secret']`. */
  readonly settings?: readonly string[];
  /** What a client must say, if `settings` demand it. */
  readonly password?: string;
  /** Whether it may become part of a cluster. */
  readonly isClusterNode?: boolean;
}

/** Attempts to start on a free port: another process may take it first. */
const ATTEMPTS = 3;

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  /** Where other nodes of its cluster reach it. */
  readonly clusterPort: number;
  readonly #options: RedisServerOptions;
  readonly #folder: TemporaryFolder = temporaryFolder('redis');
  #process: TestProcess | undefined;

  private constructor(port: number, clusterPort: number, options: RedisServerOptions) {
    this.port = port;
    this.clusterPort = clusterPort;
    this.#options = options;
  }

  /** A server that takes commands. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    for (let attempt = 1; ; attempt++) {
      const server = await RedisServer.prepare(options);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server[Symbol.asyncDispose]();
        if (attempt === ATTEMPTS || !String(error).includes('Address already in use')) throw error;
      }
    }
  }

  /** A server that is not running yet: nobody listens on its port. */
  static async prepare(options: RedisServerOptions = {}): Promise<RedisServer> {
    const [port, clusterPort] = (await freePorts(2)) as [number, number];
    return new RedisServer(port, clusterPort, options);
  }

  /** For a client that needs no password. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, on the same port as before, with what it has saved: nothing, unless told to. */
  async start(settings: readonly string[] = []): Promise<void> {
    this.launch(settings);
    await this.#running.line(/Ready to accept connections/, 20_000);
  }

  /** Starts it without waiting for anything. */
  launch(settings: readonly string[] = []): void {
    const own = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder.path];
    const memory = ['--save', '', '--appendonly', 'no'];
    const cluster = this.#options.isClusterNode
      ? ['--cluster-enabled', 'yes', '--cluster-port', `${this.clusterPort}`]
      : [];
    const all = [...own, ...memory, ...cluster, ...(this.#options.settings ?? []), ...settings];
    this.#process = new TestProcess('redis-server', all, cleanEnvironment());
  }

  /** Runs a command over a connection of its own. */
  async run(command: string, ...values: (string | number | Buffer)[]): Promise<unknown> {
    const client = new Redis({
      port: this.port,
      host: '127.0.0.1',
      ...(this.#options.password === undefined ? {} : { password: this.#options.password }),
      enableReadyCheck: false,
      disableClientInfo: true,
      retryStrategy: null,
    });
    // A failure to connect fails the command too.
    client.on('error', () => undefined);
    try {
      return await client.call(command, ...values);
    } finally {
      client.disconnect();
    }
  }

  /** A number from `INFO`, such as `used_memory`. */
  async info(name: string): Promise<number> {
    const text = String(await this.run('INFO', 'everything'));
    const value = new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`INFO has no ${name}`);
    return Number(value);
  }

  /** Kills it, as a crash of the machine would: what it had in memory is gone. */
  async kill(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#process = undefined;
  }

  /** Stops it in its tracks: it accepts connections but answers nothing. */
  async pause(): Promise<void> {
    this.#running.signal('SIGSTOP');
    await waitFor('the server to stop', () => isStopped(this.#running.pid));
  }

  resume(): void {
    this.#running.signal('SIGCONT');
  }

  /** Its process, while it runs. */
  get pid(): number {
    return this.#running.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.#folder[Symbol.dispose]();
  }

  get #running(): TestProcess {
    if (this.#process === undefined) throw new Error('the Redis server is not running');
    return this.#process;
  }
}

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
