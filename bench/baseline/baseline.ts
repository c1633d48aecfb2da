/** The pipeline that a team would write first, on servers of its own: see the two programs beside this file. */
import { request } from 'undici';
import { NatsServer } from '../../test/support/nats-server.ts';
import { RedisServer } from '../../test/support/redis-server.ts';
import { waitFor } from '../../test/support/wait.ts';
import { untilAtRest } from '../processor-time.ts';
import { Resources } from '../resources.ts';
import { Program } from '../servers/program.ts';

const COUNTED_WITHIN_MS = 120_000;
const REST_WITHIN_MS = 5_000;

export class Baseline implements AsyncDisposable {
  readonly pids: readonly number[];
  readonly port: number;
  readonly #actorsPort: number;
  readonly #resources: Resources;

  private constructor(resources: Resources, pids: readonly number[], port: number, actorsPort: number) {
    this.#resources = resources;
    this.pids = pids;
    this.port = port;
    this.#actorsPort = actorsPort;
  }

  static async start(): Promise<Baseline> {
    const resources = new Resources();
    try {
      const nats = resources.use(await NatsServer.start());
      const redis = resources.use(await RedisServer.start());
      const program = async (name: string, args: readonly string[]): Promise<Program> =>
        resources.use(await Program.start(new URL(name, import.meta.url), args));
      const collector = await program('./collector-main.js', [nats.url, redis.url]);
      const actors = await program('./actors-main.js', [nats.url]);
      const pids = [nats.pid, redis.pid, collector.pid, actors.pid];
      return new Baseline(resources, pids, collector.port, actors.port);
    } catch (error) {
      await resources[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Events that its actors have counted. */
  async counted(): Promise<number> {
    const answer = await request(`http://127.0.0.1:${this.#actorsPort}/counts`);
    return ((await answer.body.json()) as { readonly counted: number }).counted;
  }

  /** Waits until so many are counted, and it is at rest. */
  async settle(expected: number): Promise<number> {
    await waitFor(
      `the baseline to count ${expected} events`,
      async () => (await this.counted()) >= expected,
      COUNTED_WITHIN_MS,
    );
    await untilAtRest(this.pids, REST_WITHIN_MS);
    return this.counted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}
