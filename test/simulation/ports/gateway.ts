/**
 * The simulated payment gateway: it sends money once for each key that it is asked under, whatever gets lost. It
 * declines, tells later, tells by itself, twice and in any order, and takes back what it has sent.
 */
import { TurnpikeError } from '../../../model/errors.ts';
import type { GatewayNotice, TransferOrder, TransferOutcome } from '../../../model/transfer.ts';
import type { Gateway } from '../../../storage/gateway/port.ts';
import type { GatewayBehaviour } from '../money-plan.ts';
import type { SimulatedProcess } from '../process.ts';
import { Service } from '../service.ts';
import { Violation, type World } from '../world.ts';

const TIMEOUT_MS = 2_000;
const CENT = 10_000;

/** What the gateway knows of a transfer. */
export interface Transfer {
  /** As it was asked for first. */
  readonly order: TransferOrder;
  readonly transferId: string;
  status: 'accepted' | 'succeeded' | 'failed';
  /** What of it has come back. */
  reversedMicros: number;
}

const AS_IT_SHOULD: GatewayBehaviour = {
  declines: 0,
  deferred: 0,
  reversals: 0,
  partialReversals: 0,
  chatter: 0,
  noticeMs: 0,
};

export class GatewayServer extends Service {
  behaviour: GatewayBehaviour = AS_IT_SHOULD;
  /** By the key that they were asked under. */
  readonly transfers = new Map<string, Transfer>();
  /** What is wrong with what it was asked. */
  readonly violations: Violation[] = [];
  /** Called with what it tells by itself. */
  notify: (notice: GatewayNotice) => void = () => undefined;
  /** How many of its answers nobody got, and how often it has told something by itself. */
  unknown = 0;
  told = 0;
  /** Notices that are still to come. */
  #coming = 0;
  readonly #orders = new Map<string, string>();

  constructor(world: World) {
    super(world, 'gateway', TIMEOUT_MS);
  }

  /** Whether it has told everything that it will tell by itself. */
  get isQuiet(): boolean {
    return this.#coming === 0;
  }

  /** The gateway as a process sees it. */
  handle(process: SimulatedProcess): Pick<Gateway, 'transfer'> {
    return {
      transfer: (order) =>
        this.ask(
          process,
          () => `transfer ${order.payoutId}, attempt ${order.attempt}, of ${process.name}`,
          () => this.#transfer(order),
          true,
        ).catch((error: unknown): TransferOutcome => {
          if (!(error instanceof TurnpikeError)) throw error;
          this.unknown++;
          return { kind: 'unknown', message: error.message };
        }),
    };
  }

  #transfer(order: TransferOrder): TransferOutcome {
    this.#checkOrder(order);
    const known = this.transfers.get(order.payoutId);
    return outcomeOf(known ?? this.#make(order));
  }

  /** Whoever asks under a key, and however often: it must be for the same. */
  #checkOrder({ payoutId, attempt: _, ...order }: TransferOrder): void {
    const text = JSON.stringify(order);
    const before = this.#orders.get(payoutId);
    if (before !== undefined && before !== text)
      this.violations.push(new Violation(`${payoutId} was ordered as ${before} and then as ${text}`));
    this.#orders.set(payoutId, text);
  }

  #make(order: TransferOrder): Transfer {
    const { random } = this.world;
    const { payoutId, amount } = order;
    const { declines, deferred, reversals, partialReversals, chatter } = this.behaviour;
    const verdict = random.chance(declines) ? 'failed' : 'succeeded';
    const isDeferred = random.chance(deferred);
    const transfer: Transfer = {
      order: structuredClone(order),
      transferId: `tr-${payoutId}`,
      status: isDeferred ? 'accepted' : verdict,
      reversedMicros: 0,
    };
    this.transfers.set(payoutId, transfer);
    this.world.note(this.name, `makes ${payoutId} of ${amount.micros}: ${transfer.status}, ${verdict}`);
    const settle = (): void => {
      transfer.status = verdict;
    };
    if (isDeferred) this.#later(transfer, settle, { kind: verdict });
    else if (random.chance(chatter)) this.#later(transfer, settle, { kind: verdict });
    if (verdict === 'failed') return transfer;
    if (random.chance(partialReversals) && amount.micros > CENT)
      this.#takeBack(transfer, CENT * random.integer(1, amount.micros / CENT - 1));
    if (random.chance(reversals)) this.#takeBack(transfer, amount.micros);
    return transfer;
  }

  #takeBack(transfer: Transfer, micros: number): void {
    const reverse = (): void => {
      transfer.status = 'succeeded';
      transfer.reversedMicros = Math.max(transfer.reversedMicros, micros);
    };
    this.#later(transfer, reverse, { kind: 'reversed', reversedMicros: micros });
  }

  /** Does something with a transfer after a while, and tells of it: some time later, and perhaps again. */
  #later(
    transfer: Transfer,
    change: () => void,
    notice: Pick<GatewayNotice, 'kind' | 'reversedMicros'>,
  ): void {
    const { world } = this;
    const { random } = world;
    const { noticeMs, chatter } = this.behaviour;
    const { transferId, order } = transfer;
    const tell = (): void => {
      this.#coming--;
      this.told++;
      this.notify({ payoutId: order.payoutId, transferId, ...notice });
    };
    const times = random.chance(chatter) ? 2 : 1;
    this.#coming += times;
    world.after(random.integer(0, noticeMs), () => {
      change();
      world.note(this.name, `${order.payoutId} is ${notice.kind}`);
      for (let time = 0; time < times; time++) world.after(random.integer(0, noticeMs), tell);
    });
  }
}

function outcomeOf({ status, transferId }: Transfer): TransferOutcome {
  return status === 'failed'
    ? { kind: 'declined', code: 'declined', message: 'the gateway declines' }
    : { kind: status, transferId };
}
