/**
 * The connection to Redis: one server, or, once it has shown itself to be part of one, a cluster. It
 * reconnects by itself for as long as it is open.
 *
 * What was under way when a connection broke is sent once more over the next one, if that comes at once;
 * nothing is queued while there is none.
 */
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';
import { type FilterClient, SCRIPTS } from './redis-scripts.ts';

/** Milliseconds that TCP and TLS may take. */
const CONNECT_MS = 2_000;
/** Milliseconds from there until the server takes commands; one that still loads its data takes longer. */
const HANDSHAKE_MS = 5_000;
/** Milliseconds that the server may take to close a connection that we end. */
const DISCONNECT_MS = 250;
const LONGEST_RETRY_MS = 1_000;
/** Milliseconds that a node of a cluster may keep silent when asked. */
const SILENCE_MS = 2_000;
/** Redirections and retries of one command on a cluster, about as many as its time allows. */
const REDIRECTIONS = 5;
const CLUSTER_RETRY_MS = 50;

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** Commands may be sent, for the first time or again. */
  readonly ready: () => void;
  /** The connection is gone, or came to nothing. */
  readonly lost: () => void;
  readonly failed: (error: unknown) => void;
}

export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  #client: FilterClient;
  #isCluster = false;
  #handshake: NodeJS.Timeout | undefined;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#client = this.#watched(connectToServer(options.address));
  }

  get client(): FilterClient {
    return this.#client;
  }

  /** Whether scripts run only over keys of one hash slot. */
  get isCluster(): boolean {
    return this.#isCluster;
  }

  get isReady(): boolean {
    return this.#client.status === 'ready';
  }

  /** Connects to the whole cluster that the server belongs to. */
  becomeCluster(): void {
    if (this.#isCluster) return;
    this.#isCluster = true;
    const server = this.#client;
    this.#client = this.#watched(connectToCluster(this.#options.address));
    server.disconnect();
  }

  /**
   * Gives the connection up for a new one. Of a cluster's connections the client gives up the silent ones
   * by itself: the others shall not suffer.
   */
  renew(): void {
    if (!this.#isCluster) this.#reconnect();
  }

  /** Resolves once the connection is closed; whatever is under way fails. */
  async close(): Promise<void> {
    clearTimeout(this.#handshake);
    const client = this.#client;
    if (client.status === 'end') return;
    const ended = new Promise<void>((resolve) => {
      // Where it waits for its next attempt to connect, there is nothing to end and nothing to hear of.
      const timer = setTimeout(resolve, 2 * DISCONNECT_MS);
      client.once('end', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    client.disconnect();
    await ended;
  }

  #reconnect(): void {
    const { status } = this.#client;
    // In every other state it is about to connect anew, and a cluster's client could be thrown off course.
    if (status === 'ready' || status === 'connect') this.#client.disconnect(true);
  }

  #watched(client: FilterClient): FilterClient {
    const { ready, lost, failed } = this.#options;
    const isCurrent = (): boolean => client === this.#client;
    client.on('connect', () => {
      clearTimeout(this.#handshake);
      if (isCurrent()) this.#handshake = setTimeout(() => this.#reconnect(), HANDSHAKE_MS);
    });
    client.on('ready', () => {
      if (!isCurrent()) return;
      clearTimeout(this.#handshake);
      ready();
    });
    client.on('close', () => {
      if (!isCurrent()) return;
      clearTimeout(this.#handshake);
      lost();
    });
    client.on('error', failed);
    client.on('node error', failed);
    return client;
  }
}

/** The pause before the given attempt to reconnect: the first comes at once, for a connection merely cut. */
function retryAfterMs(attempt: number): number {
  return Math.min(10 * 2 ** attempt, LONGEST_RETRY_MS);
}

function commonOptions({ username, password, isEncrypted }: RedisAddress): RedisOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(isEncrypted ? { tls: {} } : {}),
    connectionName: 'turnpike',
    disableClientInfo: true,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    keepAlive: 10_000,
    maxLoadingRetryTime: 500,
  };
}

function connectToServer(address: RedisAddress): Redis {
  return new Redis({
    ...commonOptions(address),
    host: address.host,
    port: address.port,
    db: address.database,
    scripts: SCRIPTS,
    retryStrategy: retryAfterMs,
    enableOfflineQueue: false,
    // Sent again over the next connection; given up if that one too fails.
    autoResendUnfulfilledCommands: true,
    maxRetriesPerRequest: 1,
  });
}

function connectToCluster(address: RedisAddress): Cluster {
  const options: ClusterOptions = {
    redisOptions: { ...commonOptions(address), socketTimeout: SILENCE_MS },
    scripts: SCRIPTS,
    clusterRetryStrategy: retryAfterMs,
    enableOfflineQueue: false,
    maxRedirections: REDIRECTIONS,
    retryDelayOnFailover: CLUSTER_RETRY_MS,
    retryDelayOnClusterDown: CLUSTER_RETRY_MS,
    retryDelayOnTryAgain: CLUSTER_RETRY_MS,
    // Certificates name hosts, not the addresses that they resolve to.
    ...(address.isEncrypted ? { dnsLookup: (host, callback) => callback(null, host) } : {}),
  };
  return new Cluster([{ host: address.host, port: address.port }], options);
}
