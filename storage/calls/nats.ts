/**
 * Calls over NATS: a subject for each partition, one for news. Messages are in V8's serialisation format,
 * which carries what `structuredClone` carries, such as bigints.
 */
import { deserialize, serialize } from 'node:v8';
import { createInbox, headers, type Msg } from '@nats-io/transport-node';
import { limits } from '../../limits.ts';
import { type Failure, fail, failureOf, TurnpikeError } from '../../model/errors.ts';
import { NatsLink } from '../nats/link.ts';
import { nobodyServes, notInTime } from './failures.ts';
import type { Answer, Calls } from './port.ts';

const FAILURE_HEADER = 'Turnpike-Failure';
const NO_RESPONDERS = 503;

export interface NatsCallsOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** Begins the subjects: letters, digits, `_` and `-`. Default: `turnpike`. */
  readonly cluster?: string;
}

/**
 * Connects.
 *
 * @throws TurnpikeError `unavailable` if NATS cannot be reached
 */
export async function openNatsCalls({ url, cluster = 'turnpike' }: NatsCallsOptions): Promise<Calls> {
  if (!/^[\w-]+$/.test(cluster)) fail('invalid_argument', 'a cluster has a name of letters, digits, _ and -');
  return new NatsCalls(await NatsLink.open({ url, name: `${cluster} calls` }), cluster);
}

interface Waiting {
  readonly partition: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

class NatsCalls implements Calls {
  readonly #link: NatsLink;
  readonly #cluster: string;
  /** All answers come to one subscription, each under the number of its question. */
  readonly #inbox = createInbox();
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;

  constructor(link: NatsLink, cluster: string) {
    this.#link = link;
    this.#cluster = cluster;
    link.connection.subscribe(`${this.#inbox}.*`, { callback: (_error, message) => this.#answered(message) });
    this.#failWhenLost();
  }

  serve(partition: number, answer: Answer): () => void {
    const subscription = this.#link.connection.subscribe(this.#subjectOf(partition), {
      callback: (_error, message) => void this.#answer(message, answer),
    });
    return () => subscription.unsubscribe();
  }

  ask(partition: number, question: unknown, withinMs: number): Promise<unknown> {
    if (!this.#link.isConnected || this.#link.isClosed) return Promise.reject(nobodyServes(partition));
    const number = ++this.#questions;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#take(number)?.reject(notInTime(partition)), withinMs);
      this.#waiting.set(number, { partition, resolve, reject, timer });
      this.#link.connection.publish(this.#subjectOf(partition), serialize(question), {
        reply: `${this.#inbox}.${number}`,
      });
    });
  }

  announce(news: unknown): void {
    const data = serialize(news);
    if (this.#link.isConnected && !this.#link.isClosed && data.byteLength <= limits.recordBytes)
      this.#link.connection.publish(`${this.#cluster}.news`, data);
  }

  listen(hear: (news: unknown) => void): () => void {
    const subscription = this.#link.connection.subscribe(`${this.#cluster}.news`, {
      callback: (_error, message) => {
        const news = read(message);
        if (news) hear(news.value);
      },
    });
    return () => subscription.unsubscribe();
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #subjectOf(partition: number): string {
    return `${this.#cluster}.partition.${partition}`;
  }

  async #answer(message: Msg, answer: Answer): Promise<void> {
    try {
      const value = await answer(deserialize(message.data));
      if (!this.#link.isClosed) message.respond(serialize(value));
    } catch (error) {
      if (this.#link.isClosed) return;
      const described = headers();
      described.set(FAILURE_HEADER, '1');
      message.respond(serialize(failureOf(error)), { headers: described });
    }
  }

  #answered(message: Msg): void {
    const waiting = this.#take(Number(message.subject.slice(this.#inbox.length + 1)));
    if (!waiting) return;
    const answer = message.headers?.code === NO_RESPONDERS ? undefined : read(message);
    if (!answer) waiting.reject(nobodyServes(waiting.partition));
    else if (message.headers?.has(FAILURE_HEADER)) waiting.reject(new TurnpikeError(answer.value as Failure));
    else waiting.resolve(answer.value);
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  /** No answer comes to a question that was asked before the connection was lost. */
  #failWhenLost(): void {
    this.#link.onLost(() => {
      for (const [number, { partition }] of this.#waiting)
        this.#take(number)?.reject(nobodyServes(partition));
      if (!this.#link.isClosed) this.#failWhenLost();
    });
  }
}

/** What a message says; `undefined` if it is none of ours. */
function read(message: Msg): { readonly value: unknown } | undefined {
  try {
    return { value: deserialize(message.data) };
  } catch {
    return undefined;
  }
}
