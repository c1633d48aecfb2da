/**
 * One server, many requests: kept-alive connections, one request at a time on each, answers collected as
 * text. It uses undici's handlers directly, because the load generator shares its cores with the server
 * and the usual body streams cost several times as much.
 */
import { type Dispatcher, Pool } from 'undici';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface HttpClientOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Connections at most. */
  readonly connections: number;
  /** Milliseconds that an answer may take. */
  readonly timeoutMs: number;
}

const CONNECT_MS = 5_000;
/** Longer than any answer of the server; bounds what a foreign one can make us keep. */
const ANSWER_BYTES = 16 * 1024 * 1024;

/** Collects one answer and settles its promise, whatever comes. */
class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: Error) => void;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  #first: Buffer | undefined;
  #rest: Buffer[] | undefined;

  constructor(resolve: (answer: HttpAnswer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  // undici tells handlers of this shape from its former ones by this method.
  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#first === undefined) this.#first = chunk;
    else if (this.#rest === undefined) this.#rest = [this.#first, chunk];
    else this.#rest.push(chunk);
  }

  onResponseEnd(): void {
    const bytes = this.#rest === undefined ? this.#first : Buffer.concat(this.#rest);
    this.#resolve({ status: this.#status, headers: this.#headers, body: bytes?.toString() ?? '' });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

export class HttpClient {
  readonly origin: string;
  readonly #pool: Pool;

  constructor({ origin, connections, timeoutMs }: HttpClientOptions) {
    this.origin = origin;
    this.#pool = new Pool(origin, {
      connections,
      pipelining: 1,
      connect: { timeout: CONNECT_MS },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: ANSWER_BYTES,
    });
  }

  /**
   * Sends a request once. Redirects are answers like others.
   *
   * @throws Error of the network or of undici if no whole answer came; see `mayHaveArrived`
   */
  exchange(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.#pool.dispatch(
        { method: request.method, path: request.path, headers: request.headers, body: request.body ?? null },
        new AnswerCollector(resolve, reject),
      );
    });
  }

  /** Ends all connections, also those that wait for an answer. */
  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The code of an error of `exchange`, as text for people where it has none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined || code === 'UND_ERR_SOCKET' ? error.message : code;
}

/** Whether a request that failed with `error` may have reached the server all the same. */
export function mayHaveArrived(error: unknown): boolean {
  return !(error instanceof Error && NEVER_SENT.has((error as NodeJS.ErrnoException).code ?? ''));
}
