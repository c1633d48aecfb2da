/**
 * A gateway that sends no money: it keeps what it was asked for beside the snapshots, under the payout's id, for
 * ever. So it does a thing once whatever process asks for it, however often, and whatever is killed meanwhile.
 *
 * It can be slow, decline, leave questions without an answer before or after it has done what was asked, tell later,
 * tell twice, tell too early, and take money back, each in a share of the cases. Which cases these are is drawn from
 * the seed, the payout and the attempt alone: the same again with the same seed.
 */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../../model/clock.ts';
import { fail } from '../../model/errors.ts';
import type { GatewayNotice, TransferOrder, TransferOutcome } from '../../model/transfer.ts';
import { keyPart, RevisionConflict, type Snapshots } from '../snapshots/port.ts';
import type { Gateway, GatewayTransfer } from './port.ts';
import { SimulatedNotices } from './simulated-notices.ts';
import { decodeTransfer, encodeTransfer, isSameOrder, type SimulatedTransfer } from './simulated-transfer.ts';

/** How it behaves. Shares are from 0 to 1. */
export interface SimulatedBehaviour {
  /** Milliseconds until it answers, and between an answer and its notices. */
  readonly latencyMs: number;
  /** Payouts that it declines. */
  readonly declines: number;
  /** Attempts that get no answer: it has done nothing, or all. */
  readonly timeoutsBefore: number;
  readonly timeoutsAfter: number;
  /** Payouts of which it tells by a notice what has become of them. */
  readonly deferred: number;
  /** Payouts that come back after they were sent. */
  readonly reversals: number;
  /** Payouts whose notices come twice. */
  readonly duplicateNotices: number;
  /** Payouts whose notices come in the wrong order: before the answer, the last one first. */
  readonly reorderedNotices: number;
  readonly seed: number;
}

export interface SimulatedOptions extends SimulatedBehaviour {
  readonly snapshots: Pick<Snapshots, 'get' | 'commit' | 'list'>;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Takes what it tells by itself. */
  readonly notify: (notice: GatewayNotice) => Promise<unknown>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** What its documents lie under. */
export const SIMULATED_TRANSFERS = 'gateway/';

type Chance = Exclude<keyof SimulatedBehaviour, 'latencyMs' | 'seed'>;

/** Opens the gateway. */
export function openSimulatedGateway(options: SimulatedOptions): SimulatedGateway {
  return new SimulatedGateway(options);
}

export class SimulatedGateway implements Gateway {
  readonly name = 'simulated';
  readonly #options: SimulatedOptions;
  readonly #notices: SimulatedNotices;

  constructor(options: SimulatedOptions) {
    this.#options = options;
    this.#notices = new SimulatedNotices(options);
  }

  /** Tells what processes before this one were to tell and have not. */
  async resume(): Promise<void> {
    for await (const payoutId of this.#notices.marked()) this.#tellLater(payoutId);
  }

  async transfer(order: TransferOrder): Promise<TransferOutcome> {
    const { payoutId, attempt } = order;
    await this.#notices.pause(this.#options.latencyMs);
    if (this.#draws('timeoutsBefore', payoutId, attempt)) return { kind: 'unknown', message: 'no answer' };
    try {
      const transfer = await this.#carryOut(order);
      if (!isSameOrder(transfer, order))
        return { kind: 'unknown', message: `${payoutId} was asked for with another amount or destination` };
      if (this.#draws('timeoutsAfter', payoutId, attempt)) return { kind: 'unknown', message: 'no answer' };
      return outcomeOf(transfer);
    } catch (error) {
      return { kind: 'unknown', message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** It sends nothing over HTTP. */
  notice(): never {
    return fail('permission_denied', 'the simulated gateway has no webhooks; it tells the actors itself');
  }

  async transfersOf(payoutId: string): Promise<readonly GatewayTransfer[]> {
    const transfer = await this.#read(payoutId);
    return transfer ? [gatewayTransferOf(transfer)] : [];
  }

  transfers(): AsyncIterable<GatewayTransfer> {
    return simulatedTransfers(this.#options.snapshots);
  }

  /** Takes a transfer back, or a part of it, and tells so. @param micros in all; absent: all of it */
  async reverse(payoutId: string, micros?: number): Promise<void> {
    const transfer = await this.#change(payoutId, (known) => ({
      ...known,
      reversedMicros: micros ?? known.micros,
    }));
    if (transfer) await this.#notices.tell(payoutId, [reversed(transfer)]);
  }

  close(): Promise<void> {
    return this.#notices.close();
  }

  /** What has become of an order. What was left for later is done by the time it is asked for again. */
  async #carryOut(order: TransferOrder): Promise<SimulatedTransfer> {
    const known = await this.#read(order.payoutId);
    if (known) return known.status === 'accepted' ? await this.#settle(known) : known;
    const made = this.#made(order);
    try {
      await this.#options.snapshots.commit([
        ...(made.status === 'failed' ? [] : [this.#notices.mark(made.payoutId)]),
        { key: keyOf(made.payoutId), value: encodeTransfer(made), expected: 0 },
      ]);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      return this.#carryOut(order);
    }
    if (made.status !== 'failed') await this.#announce(made);
    return made;
  }

  #made({ payoutId, partnerId, amount, destination }: TransferOrder): SimulatedTransfer {
    const isDeferred = this.#draws('deferred', payoutId);
    return {
      payoutId,
      transferId: `sim_${digest(payoutId).toString('hex').slice(0, 24)}`,
      partnerId,
      micros: amount.micros,
      currency: amount.currency,
      destination: destination ?? '',
      status: isDeferred ? 'accepted' : this.#verdict(payoutId),
      reversedMicros: 0,
    };
  }

  #verdict(payoutId: string): 'succeeded' | 'failed' {
    return this.#draws('declines', payoutId) ? 'failed' : 'succeeded';
  }

  async #settle(transfer: SimulatedTransfer): Promise<SimulatedTransfer> {
    const status = this.#verdict(transfer.payoutId);
    const settled = await this.#change(transfer.payoutId, (known) =>
      known.status === 'accepted' ? { ...known, status } : known,
    );
    return settled ?? transfer;
  }

  /** Tells by itself what has become of a transfer: in good order, and some time after the answer. */
  async #announce({ payoutId }: SimulatedTransfer): Promise<void> {
    const isEarly = this.#draws('reorderedNotices', payoutId);
    if (isEarly && (await this.#notices.tell(payoutId, (await this.#noticesOf(payoutId)).reverse()))) return;
    this.#tellLater(payoutId);
  }

  #tellLater(payoutId: string): void {
    this.#notices.tellLater(payoutId, this.#options.latencyMs, () => this.#noticesOf(payoutId));
  }

  /** What there is to be told of a transfer; nothing, if it was not made after all. */
  async #noticesOf(payoutId: string): Promise<GatewayNotice[]> {
    const found = await this.#read(payoutId);
    if (!found) return [];
    const known = found.status === 'accepted' ? await this.#settle(found) : found;
    const { transferId } = known;
    if (known.status === 'failed')
      return [{ payoutId, transferId, kind: 'failed', message: 'declined by the simulated gateway' }];
    const transfer = (this.#draws('reversals', payoutId) && (await this.#takeBack(known))) || known;
    const notices: GatewayNotice[] = [{ payoutId, transferId, kind: 'succeeded' }];
    if (transfer.reversedMicros > 0) notices.push(reversed(transfer));
    return this.#draws('duplicateNotices', payoutId) ? [...notices, ...notices] : notices;
  }

  #takeBack({ payoutId, micros }: SimulatedTransfer): Promise<SimulatedTransfer | undefined> {
    return this.#change(payoutId, (known) => ({ ...known, reversedMicros: micros }));
  }

  async #read(payoutId: string): Promise<SimulatedTransfer | undefined> {
    const document = await this.#options.snapshots.get(keyOf(payoutId));
    return document && decodeTransfer(document.value);
  }

  /** Changes a transfer, if it is there. */
  async #change(
    payoutId: string,
    change: (known: SimulatedTransfer) => SimulatedTransfer,
  ): Promise<SimulatedTransfer | undefined> {
    const key = keyOf(payoutId);
    for (;;) {
      const document = await this.#options.snapshots.get(key);
      if (!document) return undefined;
      const changed = change(decodeTransfer(document.value));
      try {
        await this.#options.snapshots.commit([
          { key, value: encodeTransfer(changed), expected: document.revision },
        ]);
        return changed;
      } catch (error) {
        // Somebody else has changed it: look again.
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
  }

  #draws(chance: Chance, payoutId: string, attempt = 0): boolean {
    const share = this.#options[chance];
    if (share <= 0) return false;
    const name = `${this.#options.seed}/${chance}/${payoutId}/${attempt}`;
    return digest(name).readUIntBE(0, 6) / 2 ** 48 < share;
  }
}

function keyOf(payoutId: string): string {
  return `${SIMULATED_TRANSFERS}${keyPart(payoutId)}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function outcomeOf({ status, transferId }: SimulatedTransfer): TransferOutcome {
  return status === 'failed'
    ? { kind: 'declined', code: 'simulated_decline', message: 'declined by the simulated gateway' }
    : { kind: status, transferId };
}

function reversed({ payoutId, transferId, reversedMicros }: SimulatedTransfer): GatewayNotice {
  return { payoutId, transferId, kind: 'reversed', reversedMicros, message: 'taken back' };
}

/** All that simulated gateways have been asked for. */
export async function* simulatedTransfers(
  snapshots: Pick<Snapshots, 'list'>,
): AsyncGenerator<GatewayTransfer> {
  for await (const { value } of snapshots.list(SIMULATED_TRANSFERS))
    yield gatewayTransferOf(decodeTransfer(value));
}

function gatewayTransferOf(transfer: SimulatedTransfer): GatewayTransfer {
  const { payoutId, transferId, partnerId, micros, reversedMicros, currency, status } = transfer;
  const isBack = status === 'succeeded' && reversedMicros === micros;
  return {
    payoutId,
    transferId,
    partnerId,
    amountMicros: micros,
    reversedMicros,
    currency,
    status: isBack ? 'reversed' : status,
  };
}
