/**
 * The distributed system on one machine: the services, the processes of the product in their roles, and
 * between each of these and each service a network link of its own.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from '../../support/environment.ts';
import { NetworkLink } from '../../support/network-link.ts';
import { freePorts } from '../../support/ports.ts';
import { TURNPIKE } from '../../support/project.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { ManagedProcess } from './managed-process.ts';
import { service } from './services.ts';
import { ROLES, type Role, SERVICES, type ServiceName, type Topology } from './topology.ts';

/** A process of the product. */
export interface Member {
  readonly role: Role;
  readonly process: ManagedProcess;
  /** Collector, `http://host:port`; of a process with that role. */
  readonly ingest: string;
  /** REST gateway, `http://host:port`; of a process with that role. */
  readonly http: string;
  readonly links: Readonly<Record<ServiceName, NetworkLink>>;
}

export interface Service {
  readonly process: ManagedProcess;
  readonly port: number;
}

/** What processes are called. */
const NAMES: Readonly<Record<Role, string>> = {
  ingest: 'collector',
  actors: 'actors',
  management: 'management',
};

const URLS: Readonly<Record<ServiceName, (port: number) => Record<string, string>>> = {
  nats: (port) => ({ TURNPIKE_NATS_URL: `nats://127.0.0.1:${port}` }),
  redis: (port) => ({ TURNPIKE_REDIS_URL: `redis://127.0.0.1:${port}` }),
  clickhouse: (port) => ({ TURNPIKE_CLICKHOUSE_URL: `http://127.0.0.1:${port}` }),
};

/**
 * A gateway that is slow, declines, is silent before and after it has sent money, and tells of it twice and too early.
 * It takes nothing back and leaves nothing for later: what it would tell of that is lost with the process that it is in.
 */
const GATEWAY = {
  TURNPIKE_GATEWAY: 'simulated',
  TURNPIKE_SIMULATED_GATEWAY_LATENCY_MS: '100',
  TURNPIKE_SIMULATED_GATEWAY_DECLINES: '0.1',
  TURNPIKE_SIMULATED_GATEWAY_TIMEOUTS_BEFORE: '0.1',
  TURNPIKE_SIMULATED_GATEWAY_TIMEOUTS_AFTER: '0.2',
  TURNPIKE_SIMULATED_GATEWAY_DUPLICATE_NOTICES: '0.3',
  TURNPIKE_SIMULATED_GATEWAY_REORDERED_NOTICES: '0.3',
} as const;

export class ChaosSystem implements AsyncDisposable {
  readonly topology: Topology;
  /** Data and logs of everything. */
  readonly folder: string;
  readonly services = new Map<ServiceName, Service>();
  readonly members: Member[] = [];
  /** Whether the folder stays when all has ended. */
  isKept = false;

  private constructor(topology: Topology, folder: string) {
    this.topology = topology;
    this.folder = folder;
    process.once('exit', this.#remove);
  }

  /** Starts everything and waits until all of it accepts work. */
  static async start(topology: Topology): Promise<ChaosSystem> {
    const system = new ChaosSystem(topology, temporaryFolder('chaos').path);
    try {
      mkdirSync(system.logFolder);
      await system.#startServices();
      await system.#startMembers();
      return system;
    } catch (error) {
      await system[Symbol.asyncDispose]();
      throw error;
    }
  }

  get logFolder(): string {
    return join(this.folder, 'logs');
  }

  /** All processes: services first. */
  get processes(): ManagedProcess[] {
    return [...this.services.values(), ...this.members].map(({ process }) => process);
  }

  service(name: ServiceName): Service {
    return this.services.get(name) as Service;
  }

  /** The settings of a program that looks at the whole from outside, by no network link. */
  get environment(): NodeJS.ProcessEnv {
    return cleanEnvironment({
      TURNPIKE_NATS_URL: `nats://127.0.0.1:${this.service('nats').port}`,
      TURNPIKE_CLICKHOUSE_URL: `http://127.0.0.1:${this.service('clickhouse').port}`,
      TURNPIKE_PARTITIONS: String(this.topology.partitions),
    });
  }

  /** The members of a role. */
  of(role: Role): Member[] {
    return this.members.filter((member) => member.role === role);
  }

  /** Ends every process, however they are, and removes the folder unless it is to be kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    const links = this.members.flatMap((member) => Object.values(member.links));
    await Promise.all(links.map((link) => link[Symbol.asyncDispose]()));
    process.off('exit', this.#remove);
    this.#remove();
  }

  readonly #remove = (): void => {
    if (!this.isKept) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };

  async #startServices(): Promise<void> {
    const ports = await freePorts(SERVICES.length);
    for (const [index, name] of SERVICES.entries()) {
      const port = ports[index] as number;
      const logFile = join(this.logFolder, `${name}.log`);
      const process = service(name, join(this.folder, name), port, logFile);
      this.services.set(name, { process, port });
    }
    await Promise.all([...this.services.values()].map(({ process }) => process.start(1)));
  }

  async #startMembers(): Promise<void> {
    for (const role of ROLES)
      for (let number = 1; number <= this.topology.processes[role]; number++)
        this.members.push(await this.#member(role, `${NAMES[role]}-${number}`));
    await Promise.all(this.members.map(({ process }) => process.start(1)));
  }

  async #member(role: Role, name: string): Promise<Member> {
    const [ingest, http, grpc] = (await freePorts(3)) as [number, number, number];
    const links = await this.#links();
    const urls = SERVICES.map((service) => URLS[service](links[service].port));
    const environment = cleanEnvironment({
      TURNPIKE_ROLES: role,
      TURNPIKE_HOST: '127.0.0.1',
      TURNPIKE_INGEST_PORT: String(ingest),
      TURNPIKE_HTTP_PORT: String(http),
      TURNPIKE_GRPC_PORT: String(grpc),
      TURNPIKE_DATA_DIR: join(this.folder, name),
      TURNPIKE_PARTITIONS: String(this.topology.partitions),
      TURNPIKE_WORKERS: '1',
      ...GATEWAY,
      ...Object.assign({}, ...urls),
    });
    const program = new ManagedProcess({
      name,
      command: process.execPath,
      args: [TURNPIKE, 'start'],
      environment,
      ready: /^turnpike ready\b/m,
      logFile: join(this.logFolder, `${name}.log`),
    });
    return {
      role,
      process: program,
      ingest: `http://127.0.0.1:${ingest}`,
      http: `http://127.0.0.1:${http}`,
      links,
    };
  }

  async #links(): Promise<Record<ServiceName, NetworkLink>> {
    const [nats, redis, clickhouse] = (await Promise.all(
      SERVICES.map((name) => NetworkLink.start(this.service(name).port)),
    )) as [NetworkLink, NetworkLink, NetworkLink];
    return { nats, redis, clickhouse };
  }
}
