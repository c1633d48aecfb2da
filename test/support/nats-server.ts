/** A real NATS server with JetStream, on a port and with a data folder that it keeps over restarts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cleanEnvironment } from './environment.ts';
import { freePorts } from './ports.ts';
import { TestProcess } from './process.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary.ts';
import { waitFor } from './wait.ts';

export interface NatsServerOptions {
  /** Lines of its configuration beyond address and folder. */
  readonly configuration?: string;
  /** Lines of its `jetstream` block. */
  readonly jetstream?: string;
}

export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: TemporaryFolder = temporaryFolder('nats');
  #process: TestProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** A server that takes clients. */
  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const [port] = await freePorts(1);
    const server = new NatsServer(port as number);
    server.configure(options);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Changes its configuration, from its next start on. */
  configure({ configuration = '', jetstream = '' }: NatsServerOptions): void {
    const text = [
      `listen: "127.0.0.1:${this.port}"`,
      `jetstream { store_dir: "${join(this.#folder.path, 'data')}"\n${jetstream}\n}`,
      configuration,
    ].join('\n');
    writeFileSync(this.#configurationPath, text);
  }

  /** Starts it, on the same port and with the same data as before. */
  async start(): Promise<void> {
    const environment = cleanEnvironment();
    // Debian keeps it where not everybody looks for programs.
    const path = [environment.PATH ?? '', '/usr/sbin'].join(delimiter);
    const server = new TestProcess('nats-server', ['-c', this.#configurationPath], {
      ...environment,
      PATH: path,
    });
    this.#process = server;
    await waitFor(
      'the NATS server to take clients',
      () => {
        if (server.exit) throw new Error(`it has ended:\n${server.output}`);
        return server.stderr.includes('Server is ready');
      },
      20_000,
    );
  }

  /** Ends it as an operator would. */
  async stop(): Promise<void> {
    this.#running.signal('SIGTERM');
    await this.#running.exited;
    this.#process = undefined;
  }

  /** Kills it: it has no time to put anything in order. */
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

  get #configurationPath(): string {
    return join(this.#folder.path, 'nats-server.conf');
  }

  get #running(): TestProcess {
    if (this.#process === undefined) throw new Error('the NATS server is not running');
    return this.#process;
  }
}

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
