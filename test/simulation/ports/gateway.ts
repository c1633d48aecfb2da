/** The simulated payment gateway: it does what it is asked for once for each payout, whatever gets lost. */
import { TurnpikeError } from '../../../model/errors.ts';
import type { TransferOrder, TransferOutcome } from '../../../model/transfer.ts';
import type { Gateway } from '../../../storage/gateway/port.ts';
import type { SimulatedProcess } from '../process.ts';
import { Service } from '../service.ts';
import type { World } from '../world.ts';

const TIMEOUT_MS = 2_000;

export class GatewayServer extends Service {
  /** What was sent, by payout. */
  readonly sent = new Map<string, TransferOrder>();

  constructor(world: World) {
    super(world, 'gateway', TIMEOUT_MS);
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
          return { kind: 'unknown', message: error.message };
        }),
    };
  }

  #transfer(order: TransferOrder): TransferOutcome {
    const { payoutId } = order;
    if (!this.sent.has(payoutId)) this.sent.set(payoutId, structuredClone(order));
    return { kind: 'succeeded', transferId: `tr-${payoutId}` };
  }
}
