/**
 * The HTTP server: uWebSockets.js, kept behind this file and `exchange.ts`. What it demands – an answer
 * or an abort handler in the same tick, copies of chunks that it takes back, no word after the end – and
 * what a public server owes itself – bounds on headers, bodies, time and memory – is settled here.
 */

import type { HttpRequest, HttpResponse, TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import type { Logger } from 'pino';
import { limits } from '../limits.ts';
import { BodyBuffer } from './body-buffer.ts';
import { Exchange, type ExchangeHost } from './exchange.ts';
import { overloaded, Problem } from './problem.ts';

export interface Route {
  readonly name: string;
  /** Whether the body is received before `handle` is called. */
  readonly readsBody: boolean;
  /** Answers the exchange, now or later. May throw a `Problem`, which is answered. */
  handle(exchange: Exchange): void;
}

export interface HttpServerOptions {
  /** The route of a request; every request has one. */
  readonly find: (method: string, path: string) => Route;
  /** Told of every answer. */
  readonly answered: (route: string, statusLine: string) => void;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface ListenOptions {
  /** Whether other processes may listen on the same port, each getting a share of the connections. */
  readonly sharePort?: boolean;
}

/** The form of `listen` that takes all arguments; the library's types leave it out. */
interface FullListen {
  listen(
    host: string,
    port: number,
    options: number,
    done: (socket: us_listen_socket | false) => void,
  ): unknown;
}

type Library = typeof import('uWebSockets.js');

/** The library's listen options. */
const SHARED_PORT = 0;
const EXCLUSIVE_PORT = 1;
const SWEEP_MS = 500;
/** What clients that are still sending are given once the server drains. */
const DRAIN_BODY_MS = 1_000;

export class HttpServer implements ExchangeHost {
  readonly #options: HttpServerOptions;
  readonly #receiving = new Set<Exchange>();
  #library: Library | undefined;
  #app: TemplatedApp | undefined;
  #socket: us_listen_socket | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #open = 0;
  #bytes = 0;
  #whenDone: (() => void)[] = [];
  isClosing = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  /** Requests that are not answered. */
  get openRequests(): number {
    return this.#open;
  }

  /** Bytes of bodies of requests that are not answered. */
  get bytesInFlight(): number {
    return this.#bytes;
  }

  /**
   * Accepts connections.
   *
   * @param port 0: any that is free
   * @returns the port
   * @throws Error if the address cannot be bound
   */
  async listen(host: string, port: number, { sharePort = false }: ListenOptions = {}): Promise<number> {
    // Loaded here and not before: it reads its bound on headers from the environment when it is loaded.
    const library = (await import('uWebSockets.js')).default;
    this.#library = library;
    const app = library.App();
    this.#app = app;
    app.any('/*', (response, request) => this.#accept(response, request));
    const mode = sharePort ? SHARED_PORT : EXCLUSIVE_PORT;
    const socket = await new Promise<us_listen_socket | false>((resolve) => {
      (app as unknown as FullListen).listen(host, port, mode, resolve);
    });
    if (socket === false) throw new Error(`cannot listen on ${host}:${port}`);
    this.#socket = socket;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    return library.us_socket_local_port(socket);
  }

  /** Stops accepting connections and resolves once every request is answered. */
  async drain(): Promise<void> {
    this.isClosing = true;
    if (this.#socket !== undefined) this.#library?.us_listen_socket_close(this.#socket);
    this.#socket = undefined;
    const deadline = this.#options.now() + DRAIN_BODY_MS;
    for (const exchange of this.#receiving) exchange.deadline = Math.min(exchange.deadline, deadline);
    if (this.#open > 0) await new Promise<void>((resolve) => this.#whenDone.push(resolve));
  }

  /** Cuts off whatever is left. */
  close(): void {
    this.isClosing = true;
    clearInterval(this.#sweeper);
    this.#app?.close();
    this.#app = undefined;
    this.#socket = undefined;
  }

  ended(exchange: Exchange, statusLine: string | undefined): void {
    this.#receiving.delete(exchange);
    this.#bytes -= exchange.bytes;
    if (statusLine !== undefined) this.#options.answered(exchange.route, statusLine);
    if (--this.#open > 0) return;
    for (const resolve of this.#whenDone.splice(0)) resolve();
  }

  #accept(response: HttpResponse, request: HttpRequest): void {
    this.#open++;
    const exchange = new Exchange(this, response, request);
    const route = this.#options.find(exchange.method, exchange.path);
    exchange.route = route.name;
    if (this.#mayProceed(exchange, route)) {
      if (route.readsBody) this.#receive(exchange, route, response);
      else this.#handle(exchange, route);
    }
    exchange.isCorked = false;
  }

  /** Checks what the headers tell, before anything is received. */
  #mayProceed(exchange: Exchange, route: Route): boolean {
    const { headers, method, path, query } = exchange;
    const headerBytes = headers.bytes + method.length + path.length + query.length + ' ? HTTP/1.1'.length;
    if (headerBytes > limits.headerBytes) {
      const detail = `the request line and headers have more than ${limits.headerBytes} bytes: send fewer`;
      exchange.refuse(new Problem(431, detail, { close: true }));
    } else if (this.isClosing)
      exchange.refuse(overloaded('this collector is stopping: send the request again'));
    else if (route.readsBody) {
      if (Number(headers.contentLength) > limits.bodyBytes) refuseBody(exchange);
      else if (this.#bytes + Number(headers.contentLength) > limits.bytesInFlight) refuseForMemory(exchange);
    }
    return exchange.isOpen;
  }

  #receive(exchange: Exchange, route: Route, response: HttpResponse): void {
    exchange.deadline = this.#options.now() + limits.requestMs;
    this.#receiving.add(exchange);
    let pieces: BodyBuffer | undefined;
    response.onData((chunk, isLast) => {
      if (!exchange.isOpen) return;
      exchange.isCorked = true;
      this.#bytes += chunk.byteLength;
      exchange.bytes += chunk.byteLength;
      if (exchange.bytes > limits.bodyBytes) refuseBody(exchange);
      else if (this.#bytes > limits.bytesInFlight) refuseForMemory(exchange);
      else if (isLast) {
        this.#receiving.delete(exchange);
        // The library takes the chunk back, so a body in one piece is handled before it does.
        pieces?.append(new Uint8Array(chunk));
        exchange.body = pieces?.bytes ?? Buffer.from(chunk);
        this.#handle(exchange, route);
      } else {
        pieces ??= new BodyBuffer();
        pieces.append(new Uint8Array(chunk));
      }
      exchange.isCorked = false;
    });
  }

  #handle(exchange: Exchange, route: Route): void {
    try {
      route.handle(exchange);
    } catch (error) {
      if (error instanceof Problem) exchange.refuse(error);
      else {
        this.#options.logger.error({ err: error, route: route.name }, 'a request could not be served');
        exchange.fail();
      }
    }
    exchange.releaseBody();
  }

  /** Gives up on clients that take too long to send. The oldest come first. */
  #sweep(): void {
    const now = this.#options.now();
    for (const exchange of this.#receiving) {
      if (exchange.deadline > now) continue;
      const seconds = limits.requestMs / 1_000;
      const detail = `the request did not arrive within ${seconds} seconds: send it again`;
      exchange.refuse(new Problem(408, detail, { close: true }));
    }
  }
}

function refuseBody(exchange: Exchange): void {
  const detail = `the body has more than ${limits.bodyBytes} bytes: send it in parts`;
  exchange.refuse(new Problem(413, detail, { close: true }));
}

function refuseForMemory(exchange: Exchange): void {
  exchange.refuse(overloaded('too many requests are being received: send this one again', true));
}
