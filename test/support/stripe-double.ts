/**
 * A stand-in for Stripe, as far as transfers go: it answers over HTTP as Stripe's documentation says, with
 * idempotency keys, errors and signed webhooks, and fails on request.
 *
 * @see https://docs.stripe.com/api/transfers, https://docs.stripe.com/api/idempotent_requests
 */
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What to do to the next transfer that is asked for: `cut` variants end the connection without an answer, before or
 * after the transfer was made; `hang after` never answers; an `error` is what is answered, and kept under the key, as
 * Stripe keeps errors of its own too; `busy` is answered without looking at the request.
 */
export type StripeFault =
  | {
      readonly kind:
        | 'cut before'
        | 'cut after'
        | 'hang after'
        | 'error after'
        | 'busy'
        | 'no json'
        | 'no transfer';
    }
  | { readonly kind: 'error'; readonly status: number; readonly error: StripeErrorBody }
  | { readonly kind: 'slow'; readonly until: Promise<void> };

export interface StripeErrorBody {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly param?: string;
}

export interface DoubleTransfer {
  readonly id: string;
  readonly object: 'transfer';
  readonly amount: number;
  amount_reversed: number;
  readonly currency: string;
  readonly created: number;
  readonly destination: string;
  readonly livemode: false;
  readonly metadata: Readonly<Record<string, string>>;
  reversed: boolean;
  readonly transfer_group: string | null;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What a key stands for: its parameters, and the answer once there is one. */
interface Kept {
  readonly parameters: string;
  answer: Answer | undefined;
}

export interface DoubleRequest {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly form: URLSearchParams;
}

export class StripeDouble implements AsyncDisposable {
  readonly secretKey = 'sk_test_double';
  readonly webhookSecret = 'whsec_double';
  readonly transfers: DoubleTransfer[] = [];
  /** Every request as it came. */
  readonly requests: DoubleRequest[] = [];
  /** Events that have happened, oldest first. */
  readonly events: { readonly id: string; readonly type: string }[] = [];
  /** For the next requests for transfers, in order. */
  readonly faults: StripeFault[] = [];
  /** What the platform has of a currency, in Stripe's units; a currency that is not here: enough. */
  readonly balances = new Map<string, number>();
  readonly unknownDestinations = new Set<string>();
  readonly #keys = new Map<string, Kept>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<StripeDouble> {
    const double = new StripeDouble();
    double.#server.listen(0, '127.0.0.1');
    await once(double.#server, 'listening');
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets the keys, as Stripe does after a day. */
  forgetKeys(): void {
    this.#keys.clear();
  }

  /** Takes a transfer back, or a part of it. @param amount in Stripe's units, in all */
  reverse(transferId: string, amount: number): void {
    const transfer = this.transfers.find(({ id }) => id === transferId);
    if (!transfer) throw new Error(`there is no transfer ${transferId}`);
    transfer.amount_reversed = amount;
    transfer.reversed = transfer.amount_reversed === transfer.amount;
    this.#happened('transfer.reversed', transfer);
  }

  /** An event as it is delivered. @param seconds when it is signed, since the epoch */
  delivery(
    event: unknown = this.events.at(-1),
    { secret = this.webhookSecret, seconds = Math.floor(Date.now() / 1_000) } = {},
  ): { readonly body: Buffer; readonly signature: string } {
    const body = JSON.stringify(event);
    const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
    return { body: Buffer.from(body), signature: `t=${seconds},v1=${digest},v0=${'0'.repeat(64)}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const key = request.headers['idempotency-key'] as string | undefined;
    const method = request.method ?? '';
    this.requests.push({ method, path: pathname, key, form });
    if (request.headers.authorization !== `Bearer ${this.secretKey}`)
      return send(response, refuse(401, 'invalid_request_error', 'Invalid API Key provided: sk_****'));
    if (pathname === '/v1/transfers' && method === 'GET')
      return send(response, { status: 200, body: this.#list(searchParams) });
    if (pathname === '/v1/transfers' && method === 'POST') return this.#transfer(key, form, response);
    return send(
      response,
      refuse(404, 'invalid_request_error', `Unrecognized request URL (${method}: ${pathname}).`),
    );
  }

  /** The newest first, in pages. */
  #list(query: URLSearchParams): unknown {
    const group = query.get('transfer_group');
    const all = this.transfers
      .filter(({ transfer_group: of }) => group === null || of === group)
      .toReversed();
    const after = query.get('starting_after');
    const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const limit = Number(query.get('limit') ?? 10);
    const data = all.slice(from, from + limit);
    return { object: 'list', url: '/v1/transfers', has_more: from + limit < all.length, data };
  }

  async #transfer(key: string | undefined, form: URLSearchParams, response: ServerResponse): Promise<void> {
    const fault = this.faults.shift();
    if (fault?.kind === 'busy')
      return send(response, refuse(429, 'invalid_request_error', 'Too many requests', 'rate_limit'));
    if (fault?.kind === 'cut before') return void response.destroy();
    if (fault?.kind === 'no json') return void response.writeHead(502).end('<html>Bad Gateway</html>');
    if (fault?.kind === 'no transfer') return send(response, { status: 200, body: { hello: 'world' } });
    const parameters = [...form]
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join('&');
    const kept = key === undefined ? undefined : this.#keys.get(key);
    if (kept && kept.parameters !== parameters) return send(response, otherParameters(key));
    if (kept && !kept.answer)
      return send(
        response,
        refuse(409, 'idempotency_error', 'There is another request in progress.', 'idempotency_key_in_use'),
      );
    if (kept?.answer) return send(response, kept.answer, { 'idempotent-replayed': 'true' });
    const invalid = invalidParameter(form);
    // What fails validation is not kept: no endpoint has begun to work on it.
    if (invalid) return send(response, invalid);
    const entry: Kept = { parameters, answer: undefined };
    if (key !== undefined) this.#keys.set(key, entry);
    if (fault?.kind === 'slow') await fault.until;
    entry.answer =
      fault?.kind === 'error' ? { status: fault.status, body: { error: fault.error } } : this.#make(form);
    if (fault?.kind === 'error after') entry.answer = refuse(500, 'api_error', 'An unknown error occurred');
    if (fault?.kind === 'cut after') return void response.destroy();
    if (fault?.kind === 'hang after') return;
    return send(response, entry.answer);
  }

  #make(form: URLSearchParams): Answer {
    const amount = Number(form.get('amount'));
    const currency = form.get('currency') as string;
    const destination = form.get('destination') as string;
    if (this.unknownDestinations.has(destination))
      return refuse(
        400,
        'invalid_request_error',
        `No such destination: '${destination}'`,
        'resource_missing',
      );
    const balance = this.balances.get(currency);
    if (balance !== undefined && balance < amount)
      return refuse(400, 'invalid_request_error', 'You have insufficient funds.', 'balance_insufficient');
    if (balance !== undefined) this.balances.set(currency, balance - amount);
    const metadata: Record<string, string> = {};
    for (const [name, value] of form) {
      const entry = /^metadata\[(.+)\]$/.exec(name)?.[1];
      if (entry !== undefined) metadata[entry] = value;
    }
    const transfer: DoubleTransfer = {
      id: `tr_${randomBytes(12).toString('hex')}`,
      object: 'transfer',
      amount,
      amount_reversed: 0,
      currency,
      created: Math.floor(Date.now() / 1_000),
      destination,
      livemode: false,
      metadata,
      reversed: false,
      transfer_group: form.get('transfer_group'),
    };
    this.transfers.push(transfer);
    this.#happened('transfer.created', transfer);
    return { status: 200, body: { ...transfer } };
  }

  #happened(type: string, transfer: DoubleTransfer): void {
    const id = `evt_${randomBytes(12).toString('hex')}`;
    const created = Math.floor(Date.now() / 1_000);
    this.events.push(
      Object.freeze({ id, object: 'event', type, created, data: { object: { ...transfer } } }),
    );
  }
}

function invalidParameter(form: URLSearchParams): Answer | undefined {
  for (const name of ['currency', 'destination', 'amount'])
    if (!form.has(name))
      return refuse(400, 'invalid_request_error', `Missing required param: ${name}.`, 'parameter_missing');
  if (!/^[1-9][0-9]*$/.test(form.get('amount') as string))
    return refuse(400, 'invalid_request_error', 'Invalid integer', 'parameter_invalid_integer');
  return undefined;
}

function otherParameters(key: string | undefined): Answer {
  const message = `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}'.`;
  return refuse(400, 'idempotency_error', message);
}

function refuse(status: number, type: string, message: string, code?: string): Answer {
  return { status, body: { error: { type, message, ...(code !== undefined && { code }) } } };
}

function send(
  response: ServerResponse,
  { status, body }: Answer,
  headers: Record<string, string> = {},
): void {
  const id = `req_${randomBytes(8).toString('hex')}`;
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': id, ...headers });
  response.end(JSON.stringify(body));
}
