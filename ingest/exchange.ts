/** One HTTP request and its answer, without the server's own types. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { formatAddress } from './address.ts';
import type { HeaderLines } from './header-lines.ts';
import { Problem } from './problem.ts';

const NO_BODY = Buffer.alloc(0);

/** What an exchange needs of its server. */
export interface ExchangeHost {
  /** Called once per exchange, when it is answered or has been given up by the client. */
  ended(exchange: Exchange, statusLine: string | undefined): void;
  /** Whether connections are to be closed once they are answered. */
  readonly isClosing: boolean;
}

/** The request headers that the collector knows; empty if absent. Names in lower case. */
export class RequestHeaders {
  userAgent = '';
  referer = '';
  origin = '';
  contentType = '';
  contentLength = '';
  contentEncoding = '';
  authorization = '';
  key = '';
  signature = '';
  /** All of them, separated by commas. */
  forwardedFor = '';
  /** Bytes of all headers, those that the collector does not know included. */
  bytes = 0;

  /** Names are told apart by their length first: most of a browser's twelve headers are none of these. */
  take(name: string, value: string): void {
    this.bytes += name.length + value.length + 4;
    switch (name.length) {
      case 6:
        if (name === 'origin') this.origin = value;
        break;
      case 7:
        if (name === 'referer') this.referer = value;
        break;
      case 10:
        if (name === 'user-agent') this.userAgent = value;
        break;
      case 12:
        if (name === 'content-type') this.contentType = value;
        break;
      case 13:
        if (name === 'authorization') this.authorization = value;
        break;
      case 14:
        if (name === 'content-length') this.contentLength = value;
        else if (name === 'x-turnpike-key') this.key = value;
        break;
      case 15:
        if (name === 'x-forwarded-for')
          this.forwardedFor = this.forwardedFor === '' ? value : `${this.forwardedFor},${value}`;
        break;
      case 16:
        if (name === 'content-encoding') this.contentEncoding = value;
        break;
      case 20:
        if (name === 'x-turnpike-signature') this.signature = value;
        break;
    }
  }
}

// Headers are walked through at once: one function for all requests instead of one for each.
let walked = new RequestHeaders();
function takeHeader(name: string, value: string): void {
  walked.take(name, value);
}

export class Exchange {
  /** In upper case. */
  readonly method: string;
  /** As sent: not decoded. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  readonly headers = new RequestHeaders();
  /** The whole body; valid only until the route's handler returns. */
  body: Buffer = NO_BODY;
  /** Name of the route, for metrics. */
  route = '';
  /** Bytes held for this exchange. */
  bytes = 0;
  /** Milliseconds since the epoch by which the body must have arrived. */
  deadline = 0;
  /** Whether writes are gathered by the server already: true inside its callbacks. */
  isCorked = true;
  readonly #host: ExchangeHost;
  #response: HttpResponse | undefined;
  #moreHeaders: HeaderLines = '';

  constructor(host: ExchangeHost, response: HttpResponse, request: HttpRequest) {
    this.#host = host;
    this.#response = response;
    this.method = request.getCaseSensitiveMethod();
    this.path = request.getUrl();
    this.query = request.getQuery() ?? '';
    walked = this.headers;
    request.forEach(takeHeader);
    response.onAborted(() => this.#end(undefined));
  }

  /** Whether an answer would still reach somebody. */
  get isOpen(): boolean {
    return this.#response !== undefined;
  }

  /** The address that the request came from: a client's or a proxy's. Only while the route's handler runs. */
  remoteAddress(): string {
    const response = this.#response;
    return response === undefined ? '' : formatAddress(new Uint8Array(response.getRemoteAddress()));
  }

  /** The body's memory is the server's again. */
  releaseBody(): void {
    this.body = NO_BODY;
  }

  /** Headers that the answer will carry whatever it is. */
  addHeaders(headers: HeaderLines): void {
    this.#moreHeaders += headers;
  }

  /**
   * Answers, unless the client has gone.
   *
   * @param statusLine `200 OK`
   * @param close whether the connection is closed afterwards
   */
  respond(statusLine: string, headers: HeaderLines, body: string | Uint8Array, close = false): void {
    const response = this.#response;
    if (response === undefined) return;
    const isLast = close || this.#host.isClosing;
    if (this.isCorked) this.#write(response, statusLine, headers, body, isLast);
    else response.cork(() => this.#write(response, statusLine, headers, body, isLast));
    this.#end(statusLine);
  }

  /** Answers with a refusal. */
  refuse({ statusLine, headers, body, close }: Problem): void {
    this.respond(statusLine, headers, body, close);
  }

  /** Answers that something went wrong here. */
  fail(): void {
    this.refuse(new Problem(500, 'something went wrong here; it was noted'));
  }

  #write(
    response: HttpResponse,
    statusLine: string,
    headers: HeaderLines,
    body: string | Uint8Array,
    isLast: boolean,
  ): void {
    // The library writes a status as it stands, and ends the line: so the headers go with it, in one call.
    response.writeStatus(statusLine + headers + this.#moreHeaders);
    if (this.method === 'HEAD') {
      const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
      response.writeHeader('content-length', String(length));
    } else if (!statusLine.startsWith('204')) {
      response.end(body, isLast);
      return;
    }
    // Without its arguments: given a length, the library would wait for a body of that length.
    if (isLast) response.writeHeader('connection', 'close');
    response.endWithoutBody();
  }

  #end(statusLine: string | undefined): void {
    if (this.#response === undefined) return;
    this.#response = undefined;
    this.#host.ended(this, statusLine);
  }
}
