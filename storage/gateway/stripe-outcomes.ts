/** What Stripe's failures mean for a transfer. */
import Stripe from 'stripe';
import type { TransferOutcome } from '../../model/transfer.ts';

const { errors } = Stripe;

/**
 * Codes of refusals that are about the settings of this system, not about the transfer: they say nothing of it, and
 * go away when the settings are mended.
 */
const MISCONFIGURED: ReadonlySet<string> = new Set([
  'api_key_expired',
  'platform_api_key_expired',
  'secret_key_required',
  'livemode_mismatch',
]);

export interface TransferFailure {
  readonly outcome: TransferOutcome;
  /** Whether somebody has to mend something before any transfer can succeed. */
  readonly isOurs: boolean;
}

/**
 * What a failed request for a transfer has come to.
 *
 * It is declined where Stripe has understood the request and refuses it, and repeats that under the same key:
 * errors of cards and of parameters, a balance that is too small among them. Everything else leaves it open, or
 * passes: no answer, an answer that is none, too many requests, the key in use by a request under way (409), an error
 * of Stripe's own; and what is wrong with this system rather than with the transfer: credentials, permissions, a key
 * that was used with other parameters.
 *
 * @see https://docs.stripe.com/error-handling
 */
export function failureOutcome(error: unknown): TransferFailure {
  if (isRefusal(error))
    return { outcome: { kind: 'declined', code: codeOf(error), message: error.message }, isOurs: false };
  const message = error instanceof Error ? error.message : String(error);
  return { outcome: { kind: 'unknown', message: `${nameOf(error)}: ${message}` }, isOurs: isOurs(error) };
}

type StripeError = InstanceType<typeof errors.StripeError>;

function isRefusal(error: unknown): error is StripeError {
  if (!(error instanceof errors.StripeError) || isOurs(error)) return false;
  return error instanceof errors.StripeCardError || error instanceof errors.StripeInvalidRequestError;
}

function isOurs(error: unknown): boolean {
  return (
    error instanceof errors.StripeAuthenticationError ||
    error instanceof errors.StripePermissionError ||
    error instanceof errors.StripeIdempotencyError ||
    (error instanceof errors.StripeError && MISCONFIGURED.has(error.code ?? ''))
  );
}

function codeOf({ code, decline_code: decline }: StripeError): string {
  return code || decline || 'invalid_request';
}

function nameOf(error: unknown): string {
  return error instanceof errors.StripeError ? error.type : 'Error';
}
