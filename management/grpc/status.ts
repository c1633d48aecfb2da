/** From failures to gRPC statuses with google.rpc details, which clients of every language can read. */
import { status as Code, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type ErrorCode, type Failure, TurnpikeError } from '../../model/errors.ts';
import {
  BadRequest,
  ErrorInfo,
  PreconditionFailure,
  ResourceInfo,
  RetryInfo,
} from '../../proto/generated/google/rpc/error_details.ts';
import { Status } from '../../proto/generated/google/rpc/status.ts';

const CODES: Readonly<Record<ErrorCode, Code>> = {
  invalid_argument: Code.INVALID_ARGUMENT,
  not_found: Code.NOT_FOUND,
  already_exists: Code.ALREADY_EXISTS,
  failed_precondition: Code.FAILED_PRECONDITION,
  aborted: Code.ABORTED,
  unauthenticated: Code.UNAUTHENTICATED,
  permission_denied: Code.PERMISSION_DENIED,
  resource_exhausted: Code.RESOURCE_EXHAUSTED,
  unavailable: Code.UNAVAILABLE,
  deadline_exceeded: Code.DEADLINE_EXCEEDED,
};

/** The trailer in which details travel, by convention of every gRPC library. */
const DETAILS = 'grpc-status-details-bin';

/** What a handler answers with instead of a response. */
export type GrpcStatus = Pick<ServiceError, 'code' | 'details' | 'metadata'>;

/**
 * The status of anything that was thrown while a call was handled.
 *
 * @param resource the campaign that the call is about, if it names one
 */
export function statusOf(error: unknown, resource: string | undefined): GrpcStatus {
  if (!(error instanceof TurnpikeError)) {
    // The text of a bug may hold anything: it goes to the log alone.
    const details = 'something went wrong here; it has been logged';
    return { code: Code.INTERNAL, details, metadata: new Metadata() };
  }
  const { failure } = error;
  const code = CODES[failure.code];
  const metadata = new Metadata();
  const status = { code, message: failure.message, details: detailsOf(error, resource) };
  metadata.set(DETAILS, Buffer.from(Status.encode(status).finish()));
  return { code, details: failure.message, metadata };
}

type Detail = Status['details'][number];

function detailsOf(error: TurnpikeError, resource: string | undefined): Detail[] {
  const { failure } = error;
  const details = [errorInfo(failure)];
  if (error.retryable) details.push(retryInfo());
  switch (failure.code) {
    case 'invalid_argument':
      details.push(badRequest(failure));
      break;
    case 'failed_precondition':
      details.push(preconditionFailure(failure, resource));
      break;
    case 'not_found':
    case 'already_exists':
      details.push(resourceInfo(failure, resource));
      break;
    default:
  }
  return details;
}

function pack(name: string, bytes: Uint8Array): Detail {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(bytes) };
}

function errorInfo({ code, state }: Failure): Detail {
  const info = {
    reason: code.toUpperCase(),
    domain: 'turnpike',
    metadata: state === undefined ? {} : { state },
  };
  return pack('ErrorInfo', ErrorInfo.encode(ErrorInfo.fromPartial(info)).finish());
}

function retryInfo(): Detail {
  return pack('RetryInfo', RetryInfo.encode({ retryDelay: { seconds: 1n, nanos: 0 } }).finish());
}

function badRequest({ violations = [] }: Failure): Detail {
  const fieldViolations = violations.map(({ field, description }) => ({ field, description }));
  return pack('BadRequest', BadRequest.encode(BadRequest.fromPartial({ fieldViolations })).finish());
}

/** Names the state that forbids the call, and each thing that is still missing. */
function preconditionFailure({ message, state, violations = [] }: Failure, resource = ''): Detail {
  const all = violations.map(({ field, description }) => ({ type: 'MISSING', subject: field, description }));
  if (state !== undefined) {
    // Where nothing is missing it is the state that forbids it, and the message says which would not.
    const description = all.length === 0 ? message : `the campaign is ${state}`;
    all.unshift({ type: 'STATE', subject: resource, description });
  }
  return pack('PreconditionFailure', PreconditionFailure.encode({ violations: all }).finish());
}

function resourceInfo(failure: Failure, campaign = ''): Detail {
  const { type, name } = resourceOf(failure, campaign);
  const info = {
    resourceType: `turnpike.v1.${type}`,
    resourceName: name,
    owner: '',
    description: failure.message,
  };
  return pack('ResourceInfo', ResourceInfo.encode(info).finish());
}

/** What it is that there is not, or that there is already. */
function resourceOf(
  { partnerId, eventId, deadLetterId, webhookId, payoutId, commissionId, conversion }: Failure,
  campaign: string,
): { type: string; name: string } {
  if (payoutId !== undefined) return { type: 'Payout', name: payoutId };
  if (commissionId !== undefined) return { type: 'EarnedCommission', name: commissionId };
  if (conversion !== undefined) return { type: 'Conversion', name: conversion };
  if (partnerId !== undefined) return { type: 'Partner', name: partnerId };
  if (eventId !== undefined) return { type: 'TrackedEvent', name: eventId };
  if (deadLetterId !== undefined) return { type: 'DeadLetter', name: deadLetterId };
  if (webhookId !== undefined) return { type: 'Webhook', name: webhookId };
  return { type: 'Campaign', name: campaign };
}
