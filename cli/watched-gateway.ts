/** A payment gateway whose answers are counted, and whose silence is told in the log. */
import type { Logger } from 'pino';
import { Histogram, type Registry } from 'prom-client';
import type { TransferOrder, TransferOutcome } from '../model/transfer.ts';
import type { Gateway } from '../storage/gateway/port.ts';

/** So many attempts in a row without an outcome are told. */
const SILENT_ATTEMPTS = 5;
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40];

/** @param registry where the metrics go; they are made once for it */
export function watched(
  gateway: Gateway,
  registry: Registry,
  logger: Pick<Logger, 'warn' | 'info'>,
): Gateway {
  const seconds = new Histogram({
    name: 'turnpike_gateway_transfer_seconds',
    help: 'Time until the payment gateway has answered, by what it said',
    labelNames: ['gateway', 'outcome'],
    buckets: SECONDS,
    registers: [registry],
  });
  let silent = 0;
  const note = (outcome: TransferOutcome): void => {
    if (outcome.kind !== 'unknown') {
      if (silent >= SILENT_ATTEMPTS) logger.info('the payment gateway answers again');
      silent = 0;
      return;
    }
    if (++silent === SILENT_ATTEMPTS)
      logger.warn({ reason: outcome.message }, 'the payment gateway does not answer: payouts wait');
  };
  return {
    name: gateway.name,
    async transfer(order: TransferOrder) {
      const end = seconds.startTimer({ gateway: gateway.name });
      const outcome = await gateway.transfer(order);
      end({ outcome: outcome.kind });
      note(outcome);
      return outcome;
    },
    notice: (body, signature) => gateway.notice(body, signature),
    transfersOf: (payoutId) => gateway.transfersOf(payoutId),
    transfers: () => gateway.transfers(),
    close: () => gateway.close(),
  };
}
