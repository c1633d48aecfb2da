/**
 * The distributed deduplication filter: Redis, one server or a cluster, shared by all collectors.
 *
 * It is asked once per call, by a script that is atomic over all keys; on a cluster, and for very many
 * keys, by one script for each share of them. Where Redis fails or is slow a circuit breaker steps in:
 * claims are then `uncertain` at once, confirmations and releases are left out (such a claim is forgotten
 * after `limits.pendingClaimMs`), and Redis is probed in the background until it is back.
 *
 * Nothing is persisted by this filter's wish: an empty Redis is as good as a new one.
 */
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';
import { Claim, type Dedup, type DedupKeys } from './port.ts';
import { describeFailure, parseRedisUrl, type RedisAddress } from './redis-address.ts';
import { Circuit } from './redis-circuit.ts';
import { RedisConnection } from './redis-connection.ts';
import {
  byShare,
  GENERATION,
  generationOf,
  probeName,
  type ScriptKeys,
  SHARES,
  together,
} from './redis-keys.ts';
import { OpenClaims } from './redis-open-claims.ts';
import type { FilterClient } from './redis-scripts.ts';
import { NO_SEALS, WaitingSeals } from './redis-seals.ts';

/** Keys of one script: about as many as Redis handles in two milliseconds, in which it serves nobody else. */
const KEYS_PER_SCRIPT = 1_024;
/** Keys under way at once, a few megabytes of them; beyond that the filter is not asked. */
const KEYS_IN_FLIGHT = 262_144;
/** Milliseconds that opening waits for Redis. Without it, the filter opens too. */
const FIRST_CONTACT_MS = 1_000;
/** Milliseconds that what a probe has written stays. */
const PROBE_MS = 1_000;
/** Outages are not logged within this time, in milliseconds, after the end of another one. */
const QUIET_MS = 10_000;

export interface RedisDedupOptions {
  /** `redis[s]://[[user]:password@]host[:port][/database]`; of a cluster, any node. */
  readonly url: string;
  readonly logger: Logger;
  /** How long claims last, in milliseconds; as in `limits` if not said. */
  readonly pendingClaimMs?: number;
  readonly claimMs?: number;
}

/**
 * Opens the filter. Where Redis cannot be reached within a second it opens all the same, and goes on
 * trying.
 *
 * @throws TurnpikeError `invalid_argument` if the URL is not one of Redis
 */
export async function openRedisDedup(options: RedisDedupOptions): Promise<RedisDedup> {
  const dedup = new RedisDedup(options, parseRedisUrl(options.url));
  await dedup.firstContact();
  return dedup;
}

export class RedisDedup implements Dedup {
  readonly #address: RedisAddress;
  readonly #logger: Logger;
  /** How long claims last: unconfirmed ones and others, in milliseconds. */
  readonly #times: readonly [pendingMs: number, claimMs: number];
  readonly #connection: RedisConnection;
  /** One for the server; of a cluster, whose nodes fail one by one, one for each share of the keys. */
  #circuits: readonly Circuit[];
  readonly #openClaims: OpenClaims;
  readonly #seals = new WaitingSeals(({ owners, settled }) => void this.#seal(0, owners).then(settled));
  #keysInFlight = 0;
  #lastFailure: unknown;
  /** Since when Redis has been out of reach. */
  #outSince: number | undefined;
  #isOutageLogged = false;
  #quietUntil = 0;
  #reached: (() => void) | undefined;

  constructor(options: RedisDedupOptions, address: RedisAddress) {
    this.#address = address;
    this.#logger = options.logger;
    this.#times = [options.pendingClaimMs ?? limits.pendingClaimMs, options.claimMs ?? limits.claimMs];
    this.#openClaims = new OpenClaims(this.#times[0]);
    this.#connection = new RedisConnection({
      address,
      ready: () => {
        for (const circuit of this.#circuits) circuit.wake();
      },
      lost: () => {
        if (this.isReachable) this.#lastFailure = new Error('the connection was closed');
        for (const circuit of this.#circuits) circuit.open();
      },
      failed: (error) => this.#failed(error),
    });
    this.#circuits = [this.#newCircuit(Array.from({ length: SHARES }, (_, share) => probeName(share)))];
  }

  /** Whether all keys are filtered at the moment. */
  get isReachable(): boolean {
    return this.#circuits.every((circuit) => circuit.isClosed);
  }

  /** Resolves once Redis has answered, or after a second. */
  async firstContact(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_CONTACT_MS);
      this.#reached = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#reached = undefined;
    this.#report();
  }

  async claim(keys: DedupKeys, token: string): Promise<Uint8Array> {
    const results = new Uint8Array(keyCount(keys)).fill(Claim.uncertain);
    if (results.length === 0 || !this.#isAskable) return results;
    const owner = this.#openClaims.add(token, keys);
    const seals = this.#connection.isCluster ? NO_SEALS : this.#seals.take();
    let { owners } = seals;
    await this.#forAll(keys, async (scriptKeys) => {
      const { packed, positions } = scriptKeys;
      // The first of several scripts takes them all along.
      const sealed = owners;
      owners = NO_SEALS.owners;
      const answer = await this.#call(scriptKeys, (client, generation) =>
        client.filterClaimBuffer(generation, ...this.#times, packed, owner, ...sealed),
      );
      if (answer === undefined) return;
      if (positions === undefined) results.set(answer);
      else
        positions.forEach((position, i) => {
          results[position] = answer[i] as number;
        });
    });
    seals.settled();
    return results;
  }

  async confirm(keys: DedupKeys, token: string): Promise<void> {
    const owner = this.#openClaims.ownerOf(token);
    if (owner === undefined || keyCount(keys) === 0) return;
    if (this.#openClaims.areAll(token, keys)) return this.#sealAll(keys, owner);
    await this.#forAll(keys, async (scriptKeys) => {
      await this.#call(scriptKeys, (client, generation) =>
        client.filterConfirm(generation, ...this.#times, scriptKeys.packed, owner),
      );
    });
  }

  async release(keys: DedupKeys, token: string): Promise<void> {
    const owner = this.#openClaims.ownerOf(token);
    if (owner === undefined || keyCount(keys) === 0) return;
    await this.#forAll(keys, async (scriptKeys) => {
      await this.#call(scriptKeys, (client, generation) =>
        client.filterRelease(generation, ...this.#times, scriptKeys.packed, owner),
      );
    });
  }

  async close(): Promise<void> {
    this.#seals.flush();
    for (const circuit of this.#circuits) circuit.stop();
    this.#reached?.();
    await this.#connection.close();
  }

  /** Confirms all that the owner has claimed. On a single server the next claim takes it along. */
  async #sealAll(keys: DedupKeys, owner: string): Promise<void> {
    if (!this.#isAskable) return;
    if (!this.#connection.isCluster) return this.#seals.add(owner);
    await Promise.all(byShare(keys).map(({ share }) => this.#seal(share, [owner])));
  }

  async #seal(share: number, owners: readonly string[]): Promise<void> {
    await this.#call({ share, count: 0 }, (client, generation) =>
      client.filterSeal(generation, ...this.#times, ...owners),
    );
  }

  /** Whether any part of Redis may be asked. */
  get #isAskable(): boolean {
    return this.#circuits.some((circuit) => circuit.isClosed);
  }

  async #forAll(keys: DedupKeys, handle: (keys: ScriptKeys) => Promise<void>): Promise<void> {
    const count = keyCount(keys);
    if (!this.#isAskable) return;
    if (!this.#connection.isCluster && count <= KEYS_PER_SCRIPT) await handle(together(keys));
    else await Promise.all(byShare(keys).map(handle));
  }

  /** The answer of one script; `undefined` if Redis is out of reach, too slow, or has too much to do. */
  async #call<Answer>(
    { share, count }: { readonly share: number; readonly count: number },
    send: (client: FilterClient, generation: string) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const circuit = this.#circuits[share % this.#circuits.length] as Circuit;
    if (!circuit.isClosed || this.#keysInFlight + count > KEYS_IN_FLIGHT) return undefined;
    this.#keysInFlight += count;
    // Not when it is late but when the client has let go of it: until then it takes memory.
    const settled = (): void => {
      this.#keysInFlight -= count;
    };
    const generation = this.#connection.isCluster ? generationOf(share) : GENERATION;
    const answer = send(this.#connection.client, generation);
    answer.then(settled, settled);
    return circuit.watch(answer);
  }

  /** @param probes names that the probe writes to, as any call might */
  #newCircuit(probes: string[]): Circuit {
    return new Circuit({
      probe: () => this.#connection.client.filterProbe(probes.length, ...probes, PROBE_MS),
      isConnected: () => this.#connection.isReady,
      renewConnection: () => this.#connection.renew(),
      failed: (error) => this.#failed(error),
      changed: () => {
        if (this.isReachable) this.#reached?.();
        this.#report();
      },
    });
  }

  #failed(error: unknown): void {
    this.#lastFailure = error;
    if (!this.#connection.isCluster && isOfCluster(error)) this.#becomeCluster();
    this.#report();
  }

  /** Only a cluster says such things. The first probe brings it about: its keys have many slots. */
  #becomeCluster(): void {
    for (const circuit of this.#circuits) circuit.stop();
    this.#connection.becomeCluster();
    this.#circuits = Array.from({ length: SHARES }, (_, share) => this.#newCircuit([probeName(share)]));
  }

  /** Logs the beginning and the end of an outage, unless outages follow each other closely. */
  #report(): void {
    if (this.#reached !== undefined) return;
    const now = performance.now();
    const { isReachable } = this;
    if (!isReachable) {
      this.#outSince ??= now;
      if (this.#isOutageLogged || now < this.#quietUntil) return;
      this.#isOutageLogged = true;
      const reason = describeFailure(this.#lastFailure ?? 'no answer', this.#address);
      const what = this.#connection.isCluster ? 'a part of the Redis cluster' : 'Redis';
      this.#logger.warn({ reason }, `${what} is out of reach: events go into the log unfiltered`);
    } else if (this.#outSince !== undefined) {
      const outMs = Math.round(now - this.#outSince);
      this.#outSince = undefined;
      if (!this.#isOutageLogged) return;
      this.#isOutageLogged = false;
      this.#quietUntil = now + QUIET_MS;
      this.#logger.info({ outMs }, 'Redis filters events again');
    }
  }
}

function isOfCluster(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK|CROSSSLOT|CLUSTERDOWN) /.test(error.message);
}

function keyCount(keys: DedupKeys): number {
  if (keys.length % FINGERPRINT_WORDS !== 0)
    throw new Error(`${keys.length} words are not whole fingerprints`);
  return keys.length / FINGERPRINT_WORDS;
}
