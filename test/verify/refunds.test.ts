import { expect, test } from 'vitest';
import { command, type EventInput, NOON } from '../../actors/test-support.ts';
import { EventType } from '../../model/event.ts';
import { encodeCommand } from '../../model/record.ts';
import { SmallSystem } from './small-system.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** More than a page of records. */
const EARLIER = 300;
const CLEAN = { missing: 0, extra: 0, different: 0 };

test('conversions that were refunded are accounted for, whether the log is whole or not', async () => {
  await using system = await SmallSystem.start({
    budgetTotal: { micros: 1_000_000_000, currency: 'USD' },
    cost: { model: 'REVENUE_SHARE', sharePpm: 500_000 },
    commission: { model: 'PERCENTAGE', sharePpm: 100_000, refundsBudget: true },
  });
  const sale = (name: string, partnerId: string, occurredAt: number): EventInput => ({
    eventId: `sale ${name}`,
    type: EventType.conversion,
    transactionId: name,
    partnerId,
    occurredAt,
    valueMicros: 1_230_000,
    currency: 'USD',
  });
  const refund = (transactionId: string) =>
    system.append(encodeCommand(command('refund', { payload: { transactionId } })));
  const earlier = NOON - 100 * HOUR;
  await system.send(Array.from({ length: EARLIER }, (_, i) => sale(`early ${i}`, 'partner 2', earlier)));
  await system.settle();
  let head = 0;
  for (let order = 0; order < 5; order++) {
    const sequence = await system.send([
      sale(`order ${order}`, `partner ${order % 2}`, NOON - 2 * order * HOUR),
    ]);
    head ||= sequence;
    await refund(`order ${order - 1}`);
    await system.pass(MINUTE);
  }
  // Its page has left memory, and is read.
  await refund('early 7');
  await system.settle();
  const whole = await system.verify();
  expect([whole.level, whole.findings.counts]).toEqual(['replay', CLEAN]);
  await system.stop();
  await system.log.trim(0, head);
  const rest = await system.verify();
  expect([rest.level, rest.findings.counts, rest.findings.differences]).toEqual(['contents', CLEAN, []]);
  // A sale and a refund in each of the minutes that are whole.
  expect(rest.findings.aggregatesCompared).toBe(8);
  const refunds = await system.warehouse.query(
    'SELECT 1 FROM aggregates FINAL WHERE revenue_micros = -1230000 AND spend_micros = -615000 AND commission_micros = -123000',
    {},
  );
  expect(refunds).toHaveLength(5);
});
