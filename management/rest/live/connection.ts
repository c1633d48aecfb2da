/**
 * A client of the live feed. Of each topic it is told the newest state only: while it has not taken what it was sent
 * last, nothing else is sent, and what comes meanwhile takes the place of what came before. So a slow reader gets
 * fewer messages and never a queue.
 */
import type { WebSocket } from 'ws';
import { limits } from '../../../limits.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { orderOf, problemText, updateText } from './messages.ts';
import { type Follow, type Message, type Topic, topicName } from './topics.ts';

/** Why a connection ended. */
export const ENDINGS = ['client', 'slow', 'silent', 'shutdown'] as const;
export type Ending = (typeof ENDINGS)[number];

/** Codes of WebSocket (RFC 6455, section 7.4): the server goes away; it is overloaded, try again later. */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

interface Followed {
  stop: () => void;
  /** What is to be told next: the newest state, or why there is none. */
  next: (() => Message) | { readonly error: unknown } | undefined;
  hasBeenTold: boolean;
}

export interface ConnectionOptions {
  readonly socket: WebSocket;
  readonly follow: Follow;
  readonly sent: () => void;
  readonly ended: (why: Ending) => void;
}

export class LiveConnection {
  readonly #options: ConnectionOptions;
  readonly #followed = new Map<string, Followed>();
  /** Names of topics that there is something to tell of, the longest waiting first. */
  readonly #due = new Set<string>();
  /** What was wrong with the client's last message. */
  #complaint: unknown;
  #isSending = false;
  /** Whether anything was taken, and whether a ping was answered, since the last beat. */
  #hasTaken = true;
  #isAlive = true;
  #ending: Ending = 'client';

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket } = options;
    socket.on('message', (data, isBinary) => this.#receive(isBinary ? '' : String(data)));
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    // Answered here and not by the library, which would keep answers to a client that reads none.
    socket.on('ping', (data) => {
      if (socket.bufferedAmount < limits.liveMessageBytes) socket.pong(data);
    });
    // A message that is too large, or no WebSocket at all: the library ends the connection and says why.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  /** Begins to tell of a topic; to ask for it again changes nothing. */
  follow(topic: Topic): void {
    const name = topicName(topic);
    if (this.#followed.has(name)) return;
    const followed: Followed = { stop: () => undefined, next: undefined, hasBeenTold: false };
    this.#followed.set(name, followed);
    const tell = (next: NonNullable<Followed['next']>): void => {
      if (this.#followed.get(name) !== followed) return;
      followed.next = next;
      this.#due.add(name);
      this.#send();
    };
    try {
      if (this.#followed.size > limits.liveTopics) throw tooManyTopics();
      followed.stop = this.#options.follow(topic, {
        changed: tell,
        failed: (error) => tell({ error }),
      });
    } catch (error) {
      if (!(error instanceof TurnpikeError)) throw error;
      tell({ error });
    }
  }

  /** Looks whether the client is still there and takes what it is sent; to be called every `limits.liveSilenceMs`. */
  beat(): void {
    const { socket } = this.#options;
    // It was asked to go a beat ago.
    if (socket.readyState !== socket.OPEN) socket.terminate();
    else if (this.#isSending && !this.#hasTaken) {
      this.#ending = 'slow';
      socket.close(TRY_AGAIN_LATER, 'what is sent is not taken');
    } else if (!this.#isAlive) {
      this.#ending = 'silent';
      socket.terminate();
    } else {
      this.#hasTaken = false;
      this.#isAlive = false;
      socket.ping();
    }
  }

  /** Tells the client that it had better come back later. */
  end(): void {
    this.#ending = 'shutdown';
    this.#options.socket.close(GOING_AWAY, 'the server is shutting down');
  }

  terminate(): void {
    this.#options.socket.terminate();
  }

  #receive(text: string): void {
    try {
      const { type, topics } = orderOf(text);
      for (const topic of topics) {
        if (type === 'subscribe') this.follow(topic);
        else this.#leave(topicName(topic));
      }
    } catch (error) {
      if (!(error instanceof TurnpikeError)) throw error;
      this.#complaint = error;
      this.#send();
    }
  }

  #leave(name: string): void {
    this.#followed.get(name)?.stop();
    this.#followed.delete(name);
    this.#due.delete(name);
  }

  /** Sends what is due, one message after the other, each when the one before has left. */
  #send(): void {
    const { socket, sent } = this.#options;
    if (this.#isSending || socket.readyState !== socket.OPEN) return;
    const text = this.#next();
    if (text === undefined) return;
    this.#isSending = true;
    socket.send(text, (error) => {
      this.#isSending = false;
      if (error) return;
      this.#hasTaken = true;
      sent();
      this.#send();
    });
  }

  #next(): string | undefined {
    if (this.#complaint !== undefined) {
      const text = problemText(this.#complaint);
      this.#complaint = undefined;
      return text;
    }
    for (const name of this.#due) {
      this.#due.delete(name);
      const followed = this.#followed.get(name);
      if (followed?.next) return this.#textOf(name, followed, followed.next);
    }
    return undefined;
  }

  #textOf(name: string, followed: Followed, next: NonNullable<Followed['next']>): string {
    followed.next = undefined;
    if (typeof next === 'function') {
      const isFirst = !followed.hasBeenTold;
      followed.hasBeenTold = true;
      return updateText(next(), isFirst);
    }
    this.#leave(name);
    return problemText(next.error, name);
  }

  #closed(): void {
    for (const name of [...this.#followed.keys()]) this.#leave(name);
    this.#options.ended(this.#ending);
  }
}

function tooManyTopics(): TurnpikeError {
  return new TurnpikeError({
    code: 'resource_exhausted',
    message: `a connection follows at most ${limits.liveTopics} topics; open another one`,
  });
}
