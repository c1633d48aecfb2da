/** The collector: takes impressions, clicks and conversions over HTTP into the log. */
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ActorGateway } from '../model/actor-gateway.ts';
import type { CampaignDirectory } from '../model/campaign-directory.ts';
import type { FingerprintKey } from '../model/fingerprint.ts';
import type { Dedup } from '../storage/dedup/port.ts';
import type { Log } from '../storage/log/port.ts';
import { ClientAddresses } from './client-address.ts';
import { OriginPolicy } from './cors.ts';
import { HttpServer, type ListenOptions } from './http-server.ts';
import { IngestMetrics } from './metrics.ts';
import { Networks } from './networks.ts';
import { Pipeline } from './pipeline.ts';
import { routeTable } from './routes/table.ts';

export interface CollectorSecrets {
  /** The cluster's key of fingerprints: the same in all collectors and actors. */
  readonly fingerprintKey: FingerprintKey;
  /** Secrets of click ids. The first mints; all verify, so that they can be rotated. At least one. */
  readonly clickSecrets: readonly Uint8Array[];
}

export interface CollectorOptions {
  readonly log: Pick<Log, 'append'>;
  readonly dedup: Omit<Dedup, 'close'>;
  readonly directory: CampaignDirectory;
  readonly gateway: Pick<ActorGateway, 'decision'>;
  readonly secrets: CollectorSecrets;
  /** Partitions of the log. */
  readonly partitions: number;
  readonly registry: Registry;
  readonly logger: Logger;
  /** Milliseconds since the epoch; `Date.now` if not given. */
  readonly now?: () => number;
  /** Origins of pages that may read answers, besides those a campaign names; empty: any. */
  readonly allowedOrigins?: readonly string[];
  /** Proxies, as addresses and networks, whose `X-Forwarded-For` tells who the client is. */
  readonly trustedProxies?: readonly string[];
  /** Networks of data centres: impressions and clicks from there are flagged. */
  readonly dataCentres?: readonly string[];
  /** The campaign of events at `/event-collector/events` that name none; absent: they are refused. */
  readonly eventCollectorCampaign?: string | undefined;
  /** Whether the process takes traffic: what `/readyz` says until the collector drains. */
  readonly ready: () => boolean;
  readonly listenOptions?: ListenOptions;
}

export interface Collector {
  /**
   * Accepts connections.
   *
   * @param port 0: any that is free
   * @throws Error if the address cannot be bound
   */
  listen(host: string, port: number): Promise<{ readonly port: number }>;
  /** Stops accepting, answers every request that has arrived, and resolves when nothing waits any more. */
  drain(): Promise<void>;
  /** Cuts off what is left. Does not close log and filter, which are the caller's. */
  close(): void;
}

/** Creates a collector; it does nothing until it listens. */
export function createCollector(options: CollectorOptions): Collector {
  const { directory, gateway, secrets, registry, logger, now = Date.now } = options;
  const [clickSecret] = secrets.clickSecrets;
  if (clickSecret === undefined) throw new Error('a collector needs a secret for click ids');

  const metrics = new IngestMetrics(registry, {
    waitingEvents: () => pipeline.waiting,
    bytesInFlight: () => server.bytesInFlight,
    openRequests: () => server.openRequests,
    isFilterReachable: () => options.dedup.isReachable,
  });
  const pipeline = new Pipeline({
    log: options.log,
    dedup: options.dedup,
    directory,
    clickSecrets: secrets.clickSecrets,
    secrets: { fingerprintKey: secrets.fingerprintKey, clickSecret },
    partitions: options.partitions,
    ...(options.dataCentres && { dataCentres: new Networks(options.dataCentres) }),
    metrics,
    logger,
    now,
  });
  const origins = new OriginPolicy(directory, options.allowedOrigins ?? [], now);
  const server = new HttpServer({
    find: routeTable({
      pipeline,
      directory,
      gateway,
      origins,
      clients: new ClientAddresses(options.trustedProxies ?? []),
      eventCollectorCampaign: options.eventCollectorCampaign,
      registry,
      logger,
      now,
      isReady: () => options.ready() && !server.isClosing,
    }),
    answered: (route, statusLine) => metrics.answered(route, statusLine),
    logger,
    now,
  });

  return {
    async listen(host, port) {
      return { port: await server.listen(host, port, options.listenOptions) };
    },
    async drain() {
      await server.drain();
      await pipeline.idle();
    },
    close() {
      server.close();
    },
  };
}
