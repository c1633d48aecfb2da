/** Problem details (RFC 9457): every error of the REST gateway is one. */
import { STATUS_CODES } from 'node:http';
import { type ErrorCode, type Failure, type FieldViolation, TurnpikeError } from '../../../model/errors.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Codes that only HTTP knows, besides those of failures. */
type HttpCode =
  | ErrorCode
  | 'method_not_allowed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'timeout'
  | 'upgrade_required'
  | 'internal';

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a problem may say besides its status, code and text. */
interface Extras {
  readonly violations?: readonly FieldViolation[];
  readonly state?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUSES: Readonly<Record<ErrorCode, number>> = {
  invalid_argument: 400,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 409,
  aborted: 409,
  unauthenticated: 401,
  permission_denied: 403,
  // The bounds of management are those of the process: the server is busy, the client did nothing wrong.
  resource_exhausted: 503,
  unavailable: 503,
  // Not 504: most clients and proxies repeat a 503 with Retry-After, which is what should happen.
  deadline_exceeded: 503,
};

export function problem(status: number, code: HttpCode, detail: string, extras: Extras = {}): Problem {
  const { violations, state, headers } = extras;
  const body = JSON.stringify({
    type: `urn:turnpike:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(state !== undefined && { state }),
    ...(violations && { violations }),
  });
  return { status, headers: { 'content-type': PROBLEM_MEDIA_TYPE, ...headers }, body };
}

/** What of a request its problem depends on. */
export interface RequestTraits {
  /** Whether it changes something. */
  readonly mutating: boolean;
  /** Whether it was made under a condition: `If-Match`. */
  readonly conditional: boolean;
}

const OUTCOME_UNKNOWN =
  'the outcome is unknown: repeat the request with the same Idempotency-Key, or read the campaign first';

function ofFailure(failure: Failure, { mutating, conditional }: RequestTraits): Problem {
  const status = failure.code === 'aborted' && conditional ? 412 : STATUSES[failure.code];
  const unknown = failure.code === 'deadline_exceeded' && mutating;
  return problem(status, failure.code, unknown ? OUTCOME_UNKNOWN : failure.message, {
    ...failure,
    ...(status === 503 && { headers: { 'retry-after': '1' } }),
  });
}

const CODES_OF_STATUS: ReadonlyMap<number, HttpCode> = new Map([
  [404, 'not_found'],
  [408, 'timeout'],
  [413, 'too_large'],
  [414, 'not_found'],
  [415, 'unsupported_media_type'],
  [431, 'too_large'],
]);

/** An error of the HTTP layer itself, by its status. */
export function httpProblem(status: number, detail: string): Problem {
  return problem(
    status,
    CODES_OF_STATUS.get(status) ?? (status < 500 ? 'invalid_argument' : 'internal'),
    detail,
  );
}

/** Whether an error was expected: a failure, or the client's mistake. Others are bugs, to be logged. */
export function isExpected(error: unknown): boolean {
  return error instanceof TurnpikeError || statusOf(error) < 500;
}

/** The problem of anything that was thrown while a request was handled. */
export function problemOf(error: unknown, request: RequestTraits): Problem {
  if (error instanceof TurnpikeError) return ofFailure(error.failure, request);
  const status = statusOf(error);
  // The text of a bug may hold anything: it goes to the log alone.
  if (status >= 500) return problem(500, 'internal', 'something went wrong here; it has been logged');
  return httpProblem(status, (error as Error).message);
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : 500;
}
