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
}

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #options: RedisServerOptions;
  readonly #folder: TemporaryFolder = temporaryFolder('redis');
  #process: TestProcess | undefined;

  private constructor(port: number, options: RedisServerOptions) {
    this.port = port;
    this.#options = options;
  }

  /** A server that takes commands. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await RedisServer.prepare(options);
    await server.start();
    return server;
  }

  /** A server that is not running yet: nobody listens on its port. */
  static async prepare(options: RedisServerOptions = {}): Promise<RedisServer> {
    const [port] = await freePorts(1);
    return new RedisServer(port as number, options);
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
    const rest = ['--save', '', '--appendonly', 'no', ...(this.#options.settings ?? []), ...settings];
    this.#process = new TestProcess('redis-server', [...own, ...rest], cleanEnvironment());
  }

  /** Runs a command over a connection of its own. */
  async run(command: string, ...values: (string | number)[]): Promise<unknown> {
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
