/** The live feed: all its connections in this process. */
import type { IncomingMessage } from 'node:http';
import type { Registry } from 'prom-client';
import { WebSocketServer } from 'ws';
import { limits } from '../../../limits.ts';
import { fail, TurnpikeError } from '../../../model/errors.ts';
import { LiveConnection } from './connection.ts';
import { liveMetrics } from './metrics.ts';
import type { Follow, Topic } from './topics.ts';
import { takeOver } from './upgrades.ts';

export class LiveFeeds {
  readonly #follow: Follow;
  readonly #connections = new Set<LiveConnection>();
  readonly #metrics: ReturnType<typeof liveMetrics>;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    autoPong: false,
    maxPayload: limits.liveMessageBytes,
  });
  #beating: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor(follow: Follow, registry: Registry) {
    this.#follow = follow;
    this.#metrics = liveMetrics(registry, () => this.#connections.size);
  }

  /** @throws TurnpikeError `resource_exhausted`, `unavailable` if no other connection is taken now */
  checkRoom(): void {
    if (this.#isEnding) fail('unavailable', 'the server is shutting down; try again');
    if (this.#connections.size >= limits.liveConnections)
      fail('resource_exhausted', 'too many follow the live feed; try again');
  }

  /** Resolves once a topic has a first state, so that following it begins with one. @throws TurnpikeError why it has none */
  async known(topic: Topic): Promise<void> {
    let stop: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(notInTime()), limits.queryMs);
        stop = this.#follow(topic, { changed: () => resolve(), failed: reject });
      });
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  /** Takes the connection of a request over, and begins with these topics. */
  open(request: IncomingMessage, topics: readonly Topic[]): void {
    const { socket, head } = takeOver(request);
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      const connection: LiveConnection = new LiveConnection({
        socket: accepted,
        follow: this.#follow,
        sent: () => this.#metrics.messages.inc(),
        ended: (why) => {
          this.#connections.delete(connection);
          this.#metrics.closed.inc({ reason: why });
          if (this.#connections.size === 0) clearInterval(this.#beating);
        },
      });
      if (this.#connections.size === 0) this.#beating = setInterval(() => this.#beat(), limits.liveSilenceMs);
      this.#connections.add(connection);
      for (const topic of topics) connection.follow(topic);
    });
  }

  /** Asks all clients to go, and takes no others. */
  end(): void {
    this.#isEnding = true;
    for (const connection of this.#connections) connection.end();
  }

  /** Cuts off those that have not gone. */
  cut(): void {
    for (const connection of this.#connections) connection.terminate();
  }

  #beat(): void {
    for (const connection of this.#connections) connection.beat();
  }
}

function notInTime(): TurnpikeError {
  return new TurnpikeError({
    code: 'deadline_exceeded',
    message: 'the actors did not answer in time; try again',
  });
}
