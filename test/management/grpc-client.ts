/** A typed client of the gRPC server of a test. */
import { type ClientReadableStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  BadRequest,
  ErrorInfo,
  PreconditionFailure,
  ResourceInfo,
  RetryInfo,
} from '../../proto/generated/google/rpc/error_details.ts';
import { Status } from '../../proto/generated/google/rpc/status.ts';
import {
  Campaign,
  CampaignObjective,
  CampaignType,
  CostModel,
} from '../../proto/generated/turnpike/v1/campaign.ts';
import {
  CampaignServiceClient,
  type CampaignServiceService,
} from '../../proto/generated/turnpike/v1/campaign_service.ts';
import type { CampaignMetrics } from '../../proto/generated/turnpike/v1/metrics.ts';

type Methods = typeof CampaignServiceService;
type RequestOf<M extends keyof Methods> = Parameters<Methods[M]['requestSerialize']>[0];
type AnswerOf<M extends keyof Methods> = ReturnType<Methods[M]['responseDeserialize']>;
type Callback<A> = (error: ServiceError | null, answer: A) => void;

export class GrpcClient implements Disposable {
  readonly #stub: CampaignServiceClient;

  constructor(address: string) {
    this.#stub = new CampaignServiceClient(address, credentials.createInsecure());
  }

  /** Calls a method. @throws ServiceError */
  call<M extends keyof Methods>(method: M, request: RequestOf<M>): Promise<AnswerOf<M>> {
    // The stub's methods are overloaded, which no inference gets through.
    const run = this.#stub[method] as unknown as (request: object, done: Callback<AnswerOf<M>>) => void;
    return new Promise((resolve, reject) => {
      run.call(this.#stub, request, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  }

  /** The live figures of a campaign, as long as they are read. */
  watch(campaignId: string): ClientReadableStream<CampaignMetrics> {
    return this.#stub.watchCampaignMetrics({ campaignId });
  }

  /** Sends bytes as the request of a method. @throws ServiceError */
  callWith(path: string, bytes: Buffer): Promise<Buffer> {
    const same = (buffer: Buffer): Buffer => buffer;
    return new Promise((resolve, reject) => {
      this.#stub.makeUnaryRequest(path, same, same, bytes, new Metadata(), (error, answer) =>
        error ? reject(error) : resolve(answer as Buffer),
      );
    });
  }

  [Symbol.dispose](): void {
    this.#stub.close();
  }
}

const DETAILS = { BadRequest, ErrorInfo, PreconditionFailure, ResourceInfo, RetryInfo };

/** The google.rpc details of an error, by the name of their message. */
export function detailsOf(error: ServiceError): Record<string, unknown> {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = Status.decode(bytes as Buffer);
  if (status.code !== error.code || status.message !== error.details) throw new Error('statuses disagree');
  return Object.fromEntries(
    status.details.map(({ typeUrl, value }) => {
      const name = typeUrl.replace('type.googleapis.com/google.rpc.', '') as keyof typeof DETAILS;
      return [name, DETAILS[name].decode(value)];
    }),
  );
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ServiceError> {
  try {
    await call;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('the call did not fail');
}

/** A campaign that can be launched. */
export function summer(changes: Parameters<typeof Campaign.fromPartial>[0] = {}): Campaign {
  return Campaign.fromPartial({
    brandId: 'acme',
    name: 'Summer sale',
    type: CampaignType.AFFILIATE,
    objective: CampaignObjective.SALES,
    landingPageUrl: 'https://shop.example/summer?ref={click_id}',
    budget: { total: { currencyCode: 'USD', units: 1_000n } },
    cost: { model: CostModel.CPC, rate: { currencyCode: 'USD', nanos: 250_000_000 } },
    ...changes,
  });
}
