/** A ClickHouse server for tests: `fixtures/clickhouse-server.mjs`, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../fixtures/clickhouse-server.mjs', import.meta.url));

export class ClickHouseServer {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts a server on the data of a directory, on a free port unless one is named. */
  static async start(directory: string, port = '0'): Promise<ClickHouseServer> {
    const child = spawn(process.execPath, [SCRIPT, directory, port], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [listening] = await once(createInterface({ input: child.stdout }), 'line');
    return new ClickHouseServer(child, listening as string);
  }

  get port(): string {
    return new URL(this.url).port;
  }

  /** Ends it, without a chance to do anything about it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
