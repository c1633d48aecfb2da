import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { TransferOutcome } from '../model/transfer.ts';
import type { Gateway } from '../storage/gateway/port.ts';
import { watched } from './watched-gateway.ts';

const SENT: TransferOutcome = { kind: 'succeeded', transferId: 'tr_1' };
const UNKNOWN: TransferOutcome = { kind: 'unknown', message: 'no answer' };

test('a gateway that does not answer is told of once, and that it answers again', async () => {
  const lines: string[] = [];
  const logger = pino(
    {},
    {
      write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg),
    },
  );
  const registry = new Registry();
  let outcome: TransferOutcome = SENT;
  const gateway: Gateway = {
    name: 'test',
    transfer: async () => outcome,
    notice: () => undefined,
    transfersOf: async () => [],
    async *transfers() {},
    close: async () => undefined,
  };
  const { transfer } = watched(gateway, registry, logger);
  const ask = async (times: number, next: TransferOutcome): Promise<void> => {
    outcome = next;
    for (let time = 0; time < times; time++)
      expect(
        await transfer({
          payoutId: 'po',
          attempt: 1,
          partnerId: 'ana',
          amount: { micros: 1, currency: 'USD' },
          reference: 'x',
        }),
      ).toBe(next);
  };
  await ask(2, SENT);
  await ask(4, UNKNOWN);
  await ask(1, SENT);
  expect(lines).toEqual([]);
  await ask(20, UNKNOWN);
  await ask(2, SENT);
  expect(lines).toEqual([
    'the payment gateway does not answer: payouts wait',
    'the payment gateway answers again',
  ]);
  const text = await registry.metrics();
  expect(text).toContain('turnpike_gateway_transfer_seconds_count{gateway="test",outcome="unknown"} 24');
  expect(text).toContain('turnpike_gateway_transfer_seconds_count{gateway="test",outcome="succeeded"} 5');
});
