/**
 * A connection to NATS that comes back by itself, for as long as it takes. What is under way when it is
 * lost must be told so at once: the client library would leave it to its time-out.
 */
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { limits } from '../../limits.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { fateOf, natsFailure } from './failures.ts';
import { guardConnections } from './transport.ts';
import { parseNatsUrl } from './url.ts';

/** Room for the headers of a message. */
const HEADER_BYTES = 4 * 1024;
const CONNECT_MS = 3_000;
const RECONNECT_MS = 200;
/** A server that answers no ping for two to three of these is taken for dead, and the connection cut. */
const PING_MS = 2_000;
const PINGS_UNANSWERED = 2;
/** A cluster that has just been started elects its leaders for this long, about. */
const START_MS = 10_000;
const POLL_MS = 100;
/** Milliseconds for one question to JetStream, and for repeating it. */
const API_MS = 2_000;
const ANSWER_MS = 4_000;

export interface LinkOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** What the server lists the connection under. */
  readonly name: string;
}

/** The connection was lost while something was under way. */
export class ConnectionLost extends Error {
  constructor() {
    super('the connection to NATS was lost');
    this.name = 'ConnectionLost';
  }
}

export class NatsLink {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** What is published is awaited here for as long as there is a connection: see `isConnected`. */
  readonly acknowledgements: Acknowledgements;
  readonly #lost = new Set<() => void>();
  readonly #found = new Set<() => void>();
  #isConnected = true;
  #closing: Promise<void> | undefined;

  private constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.connection = connection;
    this.manager = manager;
    this.jetstream = jetstream(connection);
    this.acknowledgements = new Acknowledgements(connection);
    void this.#watch();
  }

  /**
   * Connects to a server that has JetStream and takes messages of `limits.recordBytes`.
   *
   * @throws TurnpikeError `unavailable` if nobody answers; `failed_precondition` if the server will not do
   */
  static async open({ url, name }: LinkOptions): Promise<NatsLink> {
    const { servers, user, password, token, isSecure } = parseNatsUrl(url);
    guardConnections();
    const connection = await connect({
      servers: [...servers],
      name,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }),
      ...(token === undefined ? {} : { token }),
      ...(isSecure ? { tls: {} } : {}),
      timeout: CONNECT_MS,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: RECONNECT_MS,
      pingInterval: PING_MS,
      maxPingOut: PINGS_UNANSWERED,
      // Otherwise every request captures a stack trace.
      noAsyncTraces: true,
    }).catch((error: unknown) => {
      throw natsFailure('unavailable', `NATS cannot be reached at ${servers.join(', ')}`, error);
    });
    try {
      checkPayload(connection);
      return new NatsLink(connection, await openManager(connection));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined || this.connection.isClosed();
  }

  /** Resolves with whether there is a connection, as soon as there is one and after `withinMs` at the latest. */
  async connected(withinMs: number): Promise<boolean> {
    if (this.#isConnected || this.isClosed) return this.#isConnected;
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#found.delete(settle);
        resolve(this.#isConnected);
      };
      const timer = setTimeout(settle, withinMs);
      this.#found.add(settle);
    });
  }

  /** Calls back, once, when the connection is lost or closed. The result takes the request back. */
  onLost(listener: () => void): () => void {
    this.#lost.add(listener);
    return () => this.#lost.delete(listener);
  }

  /**
   * Gives what `request` gives, and rejects with `ConnectionLost` as soon as no answer can come any more.
   * An answer that comes after all is dropped.
   */
  whileConnected<T>(request: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.onLost(() => reject(new ConnectionLost()));
      request.then(resolve, reject).finally(forget);
    });
  }

  /**
   * Asks JetStream something that may be asked twice, until it answers.
   *
   * @param what begins the message of a failure: `the stream x cannot be read`
   * @throws TurnpikeError `unavailable` if it refuses (its own error is the cause), or does not answer
   *   within seconds
   */
  async ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + ANSWER_MS;
    for (;;) {
      let failure: unknown;
      if (await this.connected(deadline - performance.now())) {
        try {
          return await this.whileConnected(question());
        } catch (error) {
          if (fateOf(error) === 'refused') throw natsFailure('unavailable', what, error);
          failure = error;
        }
      }
      if (performance.now() + POLL_MS > deadline || this.isClosed)
        throw natsFailure('unavailable', `${what}: NATS does not answer`, failure);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Closes; what is under way is told that the connection was lost. */
  close(): Promise<void> {
    this.#closing ??= this.connection.close();
    return this.#closing;
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.#become(false);
      else if (status.type === 'reconnect') this.#become(true);
      else if (status.type === 'error' && status.error instanceof errors.PermissionViolationError)
        this.acknowledgements.forbidden(status.error);
    }
    this.#become(false);
    // Nothing will be found any more.
    tell(this.#found);
  }

  #become(isConnected: boolean): void {
    this.#isConnected = isConnected;
    if (!isConnected) this.acknowledgements.fail(new ConnectionLost());
    tell(isConnected ? this.#found : this.#lost);
  }
}

/** Calls the listeners and forgets them; each may add itself again. */
function tell(listeners: Set<() => void>): void {
  const called = [...listeners];
  listeners.clear();
  for (const listener of called) listener();
}

function checkPayload(connection: NatsConnection): void {
  const largest = connection.info?.max_payload ?? 0;
  if (largest >= limits.recordBytes + HEADER_BYTES) return;
  const needed = 'set its max_payload to 1MB';
  throw natsFailure('failed_precondition', `NATS takes no messages larger than ${largest} bytes: ${needed}`);
}

/** JetStream of the server, once it answers. */
async function openManager(connection: NatsConnection): Promise<JetStreamManager> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    try {
      return await jetstreamManager(connection, { timeout: API_MS });
    } catch (error) {
      if (fateOf(error) === 'refused')
        throw natsFailure('failed_precondition', 'NATS has no JetStream for us', error);
      if (performance.now() > deadline) throw natsFailure('unavailable', 'JetStream does not answer', error);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
