/**
 * Somebody who has never seen the service, and has nothing but what it says of itself: methods and messages by
 * reflection, and the details of errors, which name what is missing and which state is needed first.
 */
import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { DynamicClient, ReflectionClient } from './reflection.ts';

/** Tries before giving up: nothing here needs as many. */
const TRIES = 20;

interface Violation {
  readonly type?: string;
  readonly field?: string;
  readonly subject?: string;
  readonly description: string;
}

interface CampaignReply {
  readonly id: string;
  readonly status: string;
  readonly etag: string;
}

export class Stranger {
  /** Statuses that the campaign has been in, in order. */
  readonly statuses: string[] = [];
  /** What was said when a step was wrong, in order. */
  readonly told: string[] = [];
  readonly #reflection: ReflectionClient;
  readonly #client: DynamicClient;
  #campaign: CampaignReply | undefined;

  private constructor(reflection: ReflectionClient, client: DynamicClient) {
    this.#reflection = reflection;
    this.#client = client;
  }

  /** Finds the service that has a method. */
  static async find(reflection: ReflectionClient, method: string): Promise<Stranger> {
    for (const service of await reflection.services()) {
      const client = await reflection.client(service);
      if (client.descriptor.methods.some(({ name }) => name === method))
        return new Stranger(reflection, client);
    }
    throw new Error(`no service has a method ${method}`);
  }

  /** Creates a campaign out of nothing, by filling in whatever is said to be wrong. */
  async create(): Promise<void> {
    await this.#insist('CreateCampaign', {});
  }

  /** Calls a method of a campaign's life, and does first what it says must be done first. */
  async reach(method: string): Promise<void> {
    const { id: campaign_id } = this.#known();
    for (let tries = 0; tries < TRIES; tries++) {
      const failure = await this.#try(method, { campaign_id });
      if (failure === undefined) return;
      const missing = failure.violations.filter(({ type }) => type === 'MISSING');
      if (missing.length > 0) await this.#provide(missing);
      else await this.reach(this.#leadingTo(failure.message));
    }
    throw new Error(`${method} has not succeeded: ${this.told.join('; ')}`);
  }

  /** Gives the campaign what it lacks; the first time with an etag that cannot be right. */
  async #provide(missing: readonly Violation[]): Promise<void> {
    const { id } = this.#known();
    const request: JsonObject = { campaign: { id }, etag: 'a guess' };
    for (const { subject = '' } of missing) this.#fill('UpdateCampaign', request, `campaign.${subject}`);
    await this.#insist('UpdateCampaign', request);
  }

  /** Repeats a call with what its errors demand. */
  async #insist(method: string, request: JsonObject): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const failure = await this.#try(method, request);
      if (failure === undefined) return;
      if (failure.code === status.ABORTED) {
        // "read it again and repeat"
        await this.#try('GetCampaign', { campaign_id: this.#known().id });
        request.etag = this.#known().etag;
      }
      for (const { field } of failure.violations) if (field) this.#fill(method, request, field);
    }
    throw new Error(`${method} has not succeeded: ${this.told.join('; ')}`);
  }

  async #try(method: string, request: JsonObject) {
    try {
      const reply = (await this.#client.unary(method, request)) as unknown as CampaignReply;
      this.#campaign = reply;
      if (reply.status !== this.statuses.at(-1)) this.statuses.push(reply.status);
      return undefined;
    } catch (error) {
      const { code, details: message } = error as ServiceError;
      if (code === undefined) throw error;
      this.told.push(message);
      const details = (await this.#reflection.details(error as ServiceError)) as JsonObject[];
      const violations = details.flatMap(
        (detail) => (detail.violations ?? detail.fieldViolations ?? []) as unknown as Violation[],
      );
      return { code, message, violations };
    }
  }

  /** The method that leads to the first state that a message says would do: to ACTIVE, ActivateCampaign. */
  #leadingTo(message: string): string {
    const [, state = ''] = /must be ([A-Z]+)/.exec(message) ?? [];
    const begins = new RegExp(`^${state.slice(0, 4)}`, 'i');
    const method = this.#client.descriptor.methods.find(({ name }) => state !== '' && begins.test(name));
    if (!method) throw new Error(`nothing says what to do: ${message}`);
    return method.name;
  }

  /** Puts something that fits into a field of a request, by its path. */
  #fill(method: string, request: JsonObject, path: string): void {
    let message: DescMessage = this.#client.method(method).input;
    let object = request;
    const names = path.split('.');
    for (const [index, name] of names.entries()) {
      const field = message.fields.find((candidate) => candidate.name === name);
      if (!field) throw new Error(`${message.typeName} has no field ${name}, which is said to be wrong`);
      if (index === names.length - 1) object[name] = somethingFor(field);
      else {
        object[name] ??= {};
        object = object[name] as JsonObject;
        if (field.message) message = field.message;
      }
    }
  }

  #known(): CampaignReply {
    if (!this.#campaign) throw new Error('there is no campaign yet');
    return this.#campaign;
  }
}

/** A value of the field's kind. Of messages, what they need is told in turn. */
function somethingFor(field: DescField): JsonValue {
  if (field.fieldKind === 'enum') return (field.enum.values[1] as { name: string }).name;
  if (field.fieldKind === 'message') {
    if (field.message.typeName === 'google.protobuf.Timestamp')
      return new Date(Date.now() + 3_600_000).toISOString();
    return field.message.name === 'Money' ? { currency_code: 'USD', units: '1' } : {};
  }
  return field.name.endsWith('_url') ? 'https://shop.example/' : 'something';
}
