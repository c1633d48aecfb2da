/** One call, one answer: what all methods have in common. */
import {
  status as Code,
  type handleUnaryCall,
  type MethodDefinition,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { fail, TurnpikeError } from '../../model/errors.ts';
import type { ObserveRequest } from '../request-metrics.ts';
import { statusOf } from './status.ts';

/** Stands for a request that could not be decoded, so that its sender, not the server, is told to be wrong. */
class Malformed {
  constructor(readonly cause: unknown) {}
}

/** The same service, in which requests that cannot be decoded reach the handlers as `Malformed`. */
export function tolerant<S extends ServiceDefinition>(service: S): S {
  const methods = Object.entries(service).map(([name, method]) => [name, tolerantMethod(method)]);
  return Object.fromEntries(methods) as S;
}

function tolerantMethod<Q, A>(method: MethodDefinition<Q, A>): MethodDefinition<Q | Malformed, A> {
  return {
    ...method,
    requestSerialize: (request) => method.requestSerialize(request as Q),
    requestDeserialize: (bytes) => {
      try {
        return method.requestDeserialize(bytes);
      } catch (cause) {
        return new Malformed(cause);
      }
    },
  };
}

export interface UnaryDependencies {
  readonly logger: Logger;
  readonly observe: ObserveRequest;
}

/** A handler from an asynchronous function; errors become statuses, bugs are logged. */
export function unary<Q extends object, A>(
  { logger, observe }: UnaryDependencies,
  method: string,
  handle: (request: Q) => Promise<A>,
): handleUnaryCall<Q, A> {
  return (call, callback) => {
    const started = performance.now();
    const finish = (code: Code): void =>
      observe('grpc', method, Code[code], (performance.now() - started) / 1_000);
    answer(call.request, handle).then(
      (response) => {
        finish(Code.OK);
        callback(null, response);
      },
      (error: unknown) => {
        if (!(error instanceof TurnpikeError)) logger.error({ err: error, method }, 'call failed');
        const status = statusOf(error, resourceOf(call.request));
        finish(status.code);
        callback(status);
      },
    );
  };
}

/** @throws TurnpikeError `invalid_argument` for a request that is no message */
export function checkedMessage<Q extends object>(request: Q): Q {
  if (request instanceof Malformed) {
    fail('invalid_argument', `the request is not a valid message: ${(request.cause as Error).message}`);
  }
  return request;
}

async function answer<Q extends object, A>(request: Q, handle: (request: Q) => Promise<A>): Promise<A> {
  return handle(checkedMessage(request));
}

/** The campaign that a request names. */
export function resourceOf(request: object): string | undefined {
  return 'campaignId' in request && typeof request.campaignId === 'string' ? request.campaignId : undefined;
}
