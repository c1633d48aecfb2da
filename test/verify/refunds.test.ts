import { expect, test } from 'vitest';
import { command, type EventInput, NOON } from '../../actors/test-support.ts';
import { EventType } from '../../model/event.ts';
import { encodeCommand } from '../../model/record.ts';
import { SmallSystem } from './small-system.ts';

const MINUTE = 60_000;
const CLEAN = { missing: 0, extra: 0, different: 0 };

test('conversions that were refunded are accounted for, whether the log is whole or not', async () => {
  await using system = await SmallSystem.start({
    cost: { model: 'REVENUE_SHARE', sharePpm: 500_000 },
    commission: { model: 'PERCENTAGE', sharePpm: 100_000, refundsBudget: true },
  });
  for (let order = 0; order < 5; order++) {
    const sale: EventInput = {
      eventId: `sale ${order}`,
      type: EventType.conversion,
      transactionId: `order ${order}`,
      partnerId: `partner ${order % 2}`,
      occurredAt: NOON - order * 90 * MINUTE,
      valueMicros: 1_230_000,
      currency: 'USD',
    };
    await system.send([sale]);
    const payload = { transactionId: `order ${order - 1}` };
    await system.append(encodeCommand(command('refund', { payload })));
    await system.pass(MINUTE);
  }
  await system.settle();
  const whole = await system.verify();
  expect([whole.level, whole.findings.counts]).toEqual(['replay', CLEAN]);
  await system.stop();
  await system.log.trim(0, 4);
  const rest = await system.verify();
  expect([rest.level, rest.findings.counts, rest.findings.differences]).toEqual(['contents', CLEAN, []]);
  expect(rest.findings.aggregatesCompared).toBeGreaterThan(4);
  const refunds = await system.warehouse.query(
    'SELECT 1 FROM aggregates FINAL WHERE revenue_micros = -1230000 AND spend_micros = -615000 AND commission_micros = -123000',
    {},
  );
  expect(refunds).toHaveLength(4);
});
