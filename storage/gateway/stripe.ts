/**
 * The gateway at Stripe: a payout is a transfer from the platform's balance to the partner's connected account.
 *
 * Every attempt has the payout's id as idempotency key, and the same parameters. Stripe forgets keys after a day, so
 * it is always looked first whether there is a transfer of the payout already: neither an answer that stayed out for
 * longer than that nor a process that was down for days can send it twice.
 *
 * @see https://docs.stripe.com/api/idempotent_requests, https://docs.stripe.com/connect/separate-charges-and-transfers
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Logger } from 'pino';
import Stripe from 'stripe';
import { limits } from '../../limits.ts';
import { fail } from '../../model/errors.ts';
import type { GatewayNotice, TransferOrder, TransferOutcome } from '../../model/transfer.ts';
import type { Gateway, GatewayTransfer } from './port.ts';
import { microsOfStripe, stripeAmount } from './stripe-amounts.ts';
import { CLUSTER_METADATA, noticeOf, PAYOUT_METADATA, payoutOf } from './stripe-notices.ts';
import { failureOutcome } from './stripe-outcomes.ts';
import { Turns } from './turns.ts';

export interface StripeOptions {
  /** Which cluster it is: several may share an account at Stripe. */
  readonly clusterId: string;
  readonly secretKey: string;
  /** Where Stripe is, without a path; unset: at Stripe. */
  readonly url?: string | undefined;
  /** What webhooks are signed with; unset: they are refused. */
  readonly webhookSecret?: string | undefined;
  /** Milliseconds that an answer may take. */
  readonly timeoutMs?: number;
  readonly logger: Pick<Logger, 'error'>;
}

/** Opens the gateway. Nothing is asked of Stripe yet. */
export function openStripeGateway(options: StripeOptions): Gateway {
  return new StripeGateway(options);
}

class StripeGateway implements Gateway {
  readonly name = 'stripe';
  readonly #clusterId: string;
  readonly #stripe: Stripe;
  readonly #agent: HttpAgent;
  readonly #turns = new Turns(limits.gatewayTransfers);
  readonly #webhookSecret: string | undefined;
  readonly #logger: Pick<Logger, 'error'>;

  constructor(options: StripeOptions) {
    const { clusterId, secretKey, url, webhookSecret, timeoutMs = limits.gatewayMs, logger } = options;
    const address = url === undefined ? undefined : new URL(url);
    const isPlain = address?.protocol === 'http:';
    this.#agent = isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });
    this.#stripe = new Stripe(secretKey, {
      // The payout asks again by itself; a connection that was closed meanwhile is tried once more all the same.
      maxNetworkRetries: 0,
      timeout: timeoutMs,
      telemetry: false,
      httpAgent: this.#agent,
      ...(address && {
        protocol: isPlain ? 'http' : 'https',
        host: address.hostname,
        port: address.port || (isPlain ? 80 : 443),
      }),
    });
    this.#clusterId = clusterId;
    this.#webhookSecret = webhookSecret;
    this.#logger = logger;
  }

  transfer(order: TransferOrder): Promise<TransferOutcome> {
    return this.#turns.take(() => this.#transfer(order));
  }

  async #transfer(order: TransferOrder): Promise<TransferOutcome> {
    const { payoutId, destination } = order;
    const amount = stripeAmount(order.amount.micros, order.amount.currency);
    if (amount === undefined)
      return declined('amount_not_payable', `Stripe has no such amount of ${order.amount.currency}`);
    if (destination === undefined)
      return declined('no_destination', 'the payout has no destination; give it, or the partner, one');
    try {
      const wanted = parametersOf(order, amount, destination, this.#clusterId);
      const [made] = await this.#list(payoutId);
      if (made) return isSame(made, wanted) ? succeeded(made) : this.#other(order, made);
      const transfer = await this.#stripe.transfers.create(wanted, { idempotencyKey: payoutId });
      return isTransfer(transfer)
        ? succeeded(transfer)
        : { kind: 'unknown', message: 'the answer is no transfer; is the address right?' };
    } catch (error) {
      const { outcome, isOurs } = failureOutcome(error);
      if (isOurs) this.#logger.error({ payoutId, err: error }, 'Stripe refuses transfers: payouts wait');
      return outcome;
    }
  }

  notice(body: Buffer, signature: string | undefined): GatewayNotice | undefined {
    const secret = this.#webhookSecret;
    if (secret === undefined)
      fail('permission_denied', 'set TURNPIKE_STRIPE_WEBHOOK_SECRET to take webhooks of Stripe');
    return noticeOf(this.#eventOf(body, signature, secret), this.#clusterId);
  }

  async transfersOf(payoutId: string): Promise<readonly GatewayTransfer[]> {
    try {
      const transfers = await this.#list(payoutId);
      return transfers.flatMap((transfer) => gatewayTransfersOf(transfer, this.#clusterId));
    } catch (error) {
      return unavailable(error);
    }
  }

  async *transfers(): AsyncIterable<GatewayTransfer> {
    try {
      for await (const transfer of this.#stripe.transfers.list({ limit: 100 }))
        yield* gatewayTransfersOf(transfer, this.#clusterId);
    } catch (error) {
      unavailable(error);
    }
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  async #list(payoutId: string): Promise<Stripe.Transfer[]> {
    const page = await this.#stripe.transfers.list({ transfer_group: payoutId, limit: 100 });
    if (!Array.isArray(page.data)) throw new Error('the answer is no list; is the address right?');
    return page.data.filter(({ metadata }) => metadata[PAYOUT_METADATA] === payoutId);
  }

  /** This cluster makes one transfer of a payout, and always the same: somebody has to look. */
  #other({ payoutId }: TransferOrder, { id, amount, currency }: Stripe.Transfer): TransferOutcome {
    this.#logger.error({ payoutId, transferId: id }, 'Stripe has another transfer of the payout: it waits');
    return { kind: 'unknown', message: `there is a transfer of the payout, ${id}, of ${amount} ${currency}` };
  }

  /** @throws TurnpikeError */
  #eventOf(body: Buffer, signature: string | undefined, secret: string): Stripe.Event {
    try {
      const seconds = limits.signatureWindowMs / 1_000;
      return this.#stripe.webhooks.constructEvent(body, signature ?? '', secret, seconds);
    } catch (error) {
      const [message] = (error instanceof Error ? error.message : String(error)).split('\n');
      const isUnsigned = error instanceof Stripe.errors.StripeSignatureVerificationError;
      return fail(isUnsigned ? 'permission_denied' : 'invalid_argument', `stripe-signature: ${message}`);
    }
  }
}

/** The same for every attempt: Stripe refuses a key that comes with other parameters. */
function parametersOf(
  { payoutId, partnerId, amount: { currency }, reference }: TransferOrder,
  amount: number,
  destination: string,
  clusterId: string,
): Stripe.TransferCreateParams {
  return {
    amount,
    currency: currency.toLowerCase(),
    destination,
    transfer_group: payoutId,
    metadata: {
      [PAYOUT_METADATA]: payoutId,
      [CLUSTER_METADATA]: clusterId,
      partner_id: partnerId,
      reference,
    },
  };
}

/** Whether a transfer that is there is the one that is wanted, of this cluster. */
function isSame(
  made: Stripe.Transfer,
  { amount, currency, destination, metadata }: Stripe.TransferCreateParams,
): boolean {
  const own = typeof metadata === 'object' ? metadata?.[CLUSTER_METADATA] : undefined;
  return (
    made.metadata[CLUSTER_METADATA] === own &&
    made.amount === amount &&
    made.currency === currency &&
    made.destination === destination
  );
}

function unavailable(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  return fail('unavailable', `Stripe does not say what it has transferred: ${message}`);
}

function isTransfer(value: Stripe.Transfer): boolean {
  return value.object === 'transfer' && typeof value.id === 'string';
}

function succeeded({ id }: Stripe.Transfer): TransferOutcome {
  return { kind: 'succeeded', transferId: id };
}

function declined(code: string, message: string): TransferOutcome {
  return { kind: 'declined', code, message };
}

/** The transfer, if it is one of a payout of this cluster. */
function gatewayTransfersOf(transfer: Stripe.Transfer, clusterId: string): GatewayTransfer[] {
  const { id, amount, amount_reversed: reversed, currency, metadata } = transfer;
  const payoutId = payoutOf(transfer, clusterId);
  if (payoutId === undefined) return [];
  return [
    {
      payoutId,
      transferId: id,
      partnerId: metadata.partner_id ?? '',
      amountMicros: microsOfStripe(amount, currency),
      reversedMicros: microsOfStripe(reversed, currency),
      currency: currency.toUpperCase(),
      status: transfer.reversed ? 'reversed' : 'succeeded',
    },
  ];
}
