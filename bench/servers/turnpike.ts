/**
 * The product under measurement: the built program as its users run it, alone or on real NATS and Redis
 * servers, all in processes and folders of their own that are gone afterwards.
 */
import { type CampaignFields, launchCampaign, liveMetrics } from '../../test/support/management.ts';
import { NatsServer } from '../../test/support/nats-server.ts';
import { RedisServer } from '../../test/support/redis-server.ts';
import { Server } from '../../test/support/server.ts';
import { waitFor } from '../../test/support/wait.ts';
import { untilAtRest } from '../processor-time.ts';
import { Resources } from '../resources.ts';

export type Engines = 'embedded' | 'distributed';

/** What the campaigns of the system have counted, together. */
export interface Counts {
  readonly received: number;
  readonly accepted: number;
}

/** Milliseconds that a start may take: one on a log that tells of a million campaigns takes minutes. */
const READY_WITHIN_MS = 600_000;
/** Milliseconds within which everything that was answered must be counted. */
const COUNTED_WITHIN_MS = 60_000;
/** Milliseconds that a system may go on working after load, on what the load has left it. */
const REST_WITHIN_MS = 15_000;
/** Campaigns that are asked for their figures at the same time. */
const ASKED_AT_ONCE = 8;

export interface TurnpikeOptions {
  readonly engines: Engines;
  /** Campaigns to launch. */
  readonly campaigns: number;
  /** What differs from the settings of a system that is just started. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of each campaign, what differs from the usual one. */
  readonly fields?: CampaignFields;
  readonly profileFolder?: string | undefined;
  /** An existing data folder, in which these campaigns are launched already: none is launched then. */
  readonly existing?: { readonly dataDirectory: string; readonly campaignIds: readonly string[] };
}

export class Turnpike implements AsyncDisposable {
  readonly server: Server;
  readonly campaignIds: readonly string[];
  readonly #servicePids: readonly number[];
  readonly #services: readonly AsyncDisposable[];
  readonly #isProfiled: boolean;

  private constructor(
    server: Server,
    campaignIds: readonly string[],
    servicePids: readonly number[],
    services: readonly AsyncDisposable[],
    isProfiled: boolean,
  ) {
    this.server = server;
    this.campaignIds = campaignIds;
    this.#servicePids = servicePids;
    this.#services = services;
    this.#isProfiled = isProfiled;
  }

  /** Starts a system and launches its campaigns. */
  static async start(options: TurnpikeOptions): Promise<Turnpike> {
    const { engines, campaigns, fields = {}, profileFolder, existing } = options;
    await using resources = new Resources();
    const services: AsyncDisposable[] = [];
    const pids: number[] = [];
    const settings: Record<string, string> = { UV_THREADPOOL_SIZE: '16', ...options.settings };
    const nodeOptions = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
    if (engines === 'distributed') {
      const nats = resources.use(await NatsServer.start());
      const redis = resources.use(await RedisServer.start());
      services.push(nats, redis);
      pids.push(nats.pid, redis.pid);
      settings.TURNPIKE_NATS_URL = nats.url;
      settings.TURNPIKE_REDIS_URL = redis.url;
    }
    const data = existing === undefined ? {} : { dataDirectory: existing.dataDirectory };
    const server = resources.use(
      await Server.start({ settings, nodeOptions, readyWithinMs: READY_WITHIN_MS, ...data }),
    );
    const ids = existing?.campaignIds ?? Array.from({ length: campaigns }, (_, index) => `bench-${index}`);
    if (existing === undefined) await each(ids, (id) => launchCampaign(server, id, { ...AMPLE, ...fields }));
    resources.release();
    return new Turnpike(server, ids, pids, services, profileFolder !== undefined);
  }

  /** All processes of the system. */
  get pids(): readonly number[] {
    return [...this.#servicePids, this.server.process.pid];
  }

  get ingestPort(): number {
    return Number(new URL(this.server.addresses.ingest).port);
  }

  get httpPort(): number {
    return Number(new URL(this.server.addresses.http).port);
  }

  /** The live figures of all campaigns, which include every event answered before. */
  async counts(): Promise<Counts> {
    let [received, accepted] = [0, 0];
    await each(this.campaignIds, async (id) => {
      const figures = await liveMetrics(this.server, id);
      received += figures.received;
      accepted += figures.accepted;
    });
    return { received, accepted };
  }

  /** The figures once the actors have caught up: a question may run out of time while they have not. */
  countsWhenThere(): Promise<Counts> {
    return waitFor('the figures of all campaigns', () => this.counts(), COUNTED_WITHIN_MS);
  }

  /** Waits until what load has left to do is done: the next measurement must not pay for it. */
  rest(): Promise<void> {
    return untilAtRest(this.pids, REST_WITHIN_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A profile is written at an end in good order.
    if (this.#isProfiled && this.server.process.exit === undefined) await this.server.terminate();
    await this.server[Symbol.asyncDispose]();
    for (const service of this.#services) await service[Symbol.asyncDispose]();
  }
}

const AMPLE = { budget: { total: { amount: '9000000000.00', currency: 'USD' } } };

/** Does something with each, some at a time. */
export async function each<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++] as Item);
  };
  await Promise.all(Array.from({ length: Math.min(ASKED_AT_ONCE, items.length) }, lane));
}
