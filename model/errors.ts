/**
 * Operational failures: a small closed family. Bugs are plain `Error`s and crash loudly; these are
 * expected, carry a code, say whether a retry helps, and name the field and the fix where there is one.
 */

export const ERROR_CODES = [
  'invalid_argument',
  'not_found',
  'already_exists',
  'failed_precondition',
  'aborted',
  'unauthenticated',
  'permission_denied',
  'resource_exhausted',
  'unavailable',
  'deadline_exceeded',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A field that is wrong, in the request's own spelling (`budget.total.amount`), and what to do. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** A failure as data: what travels from an actor to its caller, and replays. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** `invalid_argument`: the fields at fault; `failed_precondition`: what is still missing. */
  readonly violations?: readonly FieldViolation[];
  /** `failed_precondition`: the state that forbids it (`COMPLETED`). */
  readonly state?: string;
  /** `aborted`: the partner of whom the campaign must take a slot first, with its command. */
  readonly slotOf?: string;
  /** `not_found`, `already_exists`: the partner, if it is that. */
  readonly partnerId?: string;
  /** `not_found`: the event that there is not, if it is not the campaign. */
  readonly eventId?: string;
  /** `not_found`, `already_exists`: the conversion that there is not, or that was refunded before, by what names it. */
  readonly conversion?: string;
  /** `not_found`: the dead letter that there is not, if it is that. */
  readonly deadLetterId?: string;
  /** `not_found`, `already_exists`: the payout, if it is that. */
  readonly payoutId?: string;
  /** `not_found`: the commission that there is not, if it is that. */
  readonly commissionId?: string;
  /** The webhook that it is about, if it is about one. */
  readonly webhookId?: string;
}

export class TurnpikeError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'TurnpikeError';
    this.failure = failure;
  }

  /** Whether the same request may succeed later without being changed. */
  get retryable(): boolean {
    const { code } = this.failure;
    return code === 'unavailable' || code === 'resource_exhausted' || code === 'deadline_exceeded';
  }
}

/** What went wrong, as data. Whatever is not one of the family is `unavailable`. */
export function failureOf(error: unknown): Failure {
  if (error instanceof TurnpikeError) return error.failure;
  return { code: 'unavailable', message: error instanceof Error ? error.message : String(error) };
}

export function fail(code: ErrorCode, message: string, violations?: readonly FieldViolation[]): never {
  throw new TurnpikeError(violations ? { code, message, violations } : { code, message });
}
