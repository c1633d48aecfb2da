/** A distributed system: the services, and processes of the product in roles of their own. */
import { ClickHouseServer } from '../contracts/support/clickhouse-server.ts';
import { NatsServer } from './nats-server.ts';
import { RedisServer } from './redis-server.ts';
import { Server } from './server.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary.ts';

export class Cluster implements AsyncDisposable {
  readonly nats: NatsServer;
  readonly redis: RedisServer;
  readonly clickhouse: ClickHouseServer;
  readonly #folder: TemporaryFolder;
  readonly #processes: Server[] = [];

  private constructor(
    nats: NatsServer,
    redis: RedisServer,
    clickhouse: ClickHouseServer,
    folder: TemporaryFolder,
  ) {
    this.nats = nats;
    this.redis = redis;
    this.clickhouse = clickhouse;
    this.#folder = folder;
  }

  /** The services; no process of the product runs yet. */
  static async start(): Promise<Cluster> {
    const folder = temporaryFolder('clickhouse');
    const [nats, redis, clickhouse] = await Promise.all([
      NatsServer.start(),
      RedisServer.start(),
      ClickHouseServer.start(folder.path),
    ]);
    return new Cluster(nats, redis, clickhouse, folder);
  }

  /** Settings by which a process joins. */
  get settings(): Readonly<Record<string, string>> {
    return {
      TURNPIKE_NATS_URL: this.nats.url,
      TURNPIKE_REDIS_URL: this.redis.url,
      TURNPIKE_CLICKHOUSE_URL: this.clickhouse.url,
    };
  }

  /** Starts a process with these roles, and waits until it is ready. */
  async join(roles: string, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    const process = await Server.start({
      settings: { ...this.settings, TURNPIKE_ROLES: roles, ...settings },
    });
    this.#processes.push(process);
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
    await this.clickhouse.stop();
    await this.redis[Symbol.asyncDispose]();
    await this.nats[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
