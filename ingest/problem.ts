/** Refusals of a whole request, as RFC 9457 problem details: what is wrong and what to do about it. */

import { type HeaderLines, headerLines } from './header-lines.ts';

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

const PROBLEM_HEADERS = headerLines({ 'content-type': 'application/problem+json' });

export type ProblemStatus = keyof typeof TITLES;

export interface ProblemOptions {
  /** Headers besides its content type. */
  readonly headers?: HeaderLines;
  /** Members of the problem's own, such as the position of a syntax error. */
  readonly members?: Readonly<Record<string, string | number>>;
  /** Whether the connection is of no more use: the client is still sending what nobody reads. */
  readonly close?: boolean;
}

/** Thrown by whatever finds that a request cannot be served; the route answers with it. */
export class Problem extends Error {
  readonly status: ProblemStatus;
  readonly headers: HeaderLines;
  readonly close: boolean;
  readonly body: string;

  constructor(status: ProblemStatus, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.close = options.close ?? false;
    this.headers = PROBLEM_HEADERS + (options.headers ?? '');
    const title = TITLES[status];
    this.body = JSON.stringify({ type: 'about:blank', title, status, detail, ...options.members });
  }

  /** `404 Not Found` */
  get statusLine(): string {
    return `${this.status} ${TITLES[this.status]}`;
  }
}

/** Seconds after which a client that met a bound may try again. */
const RETRY_AFTER_SECONDS = 1;
export const RETRY_AFTER = headerLines({ 'retry-after': String(RETRY_AFTER_SECONDS) });

/** The answer at a bound of the collector: the same request will do later. */
export function overloaded(detail: string, close = false): Problem {
  return new Problem(503, detail, { headers: RETRY_AFTER, close });
}
