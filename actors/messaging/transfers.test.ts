import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { Clock } from '../../model/clock.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import { decodeCommand } from '../../model/record.ts';
import type { TransferOrder, TransferOutcome } from '../../model/transfer.ts';
import { MemorySnapshots } from '../../test/support/memory-snapshots.ts';
import { waitFor } from '../../test/support/wait.ts';
import { keys } from '../keys.ts';
import { NOON } from '../test-support.ts';
import { encodeOrders, Transfers } from './transfers.ts';

const PARTITION = 1;
const PARTITIONS = 3;
const SENT: TransferOutcome = { kind: 'succeeded', transferId: 'tr_1' };
/** Pauses end at once. */
const HASTY: Clock = {
  now: () => NOON,
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
};

const order = (payoutId: string, attempt = 1): TransferOrder => ({
  payoutId,
  attempt,
  partnerId: 'maria',
  amount: { micros: 25_000_000, currency: 'USD' },
  destination: 'acct_1',
  reference: 'november',
});

describe('the transfers of a partition', () => {
  let snapshots: MemorySnapshots;
  let transfers: Transfers | undefined;
  let asked: string[];
  let reports: { readonly partition: number; readonly id: string; readonly outcome: TransferOutcome }[];
  let gateway: (order: TransferOrder) => Promise<TransferOutcome>;
  /** Payouts that are settled. */
  let settled: Set<string>;
  let refusals: number;

  beforeEach(() => {
    snapshots = new MemorySnapshots();
    asked = [];
    reports = [];
    gateway = async () => SENT;
    settled = new Set();
    refusals = 0;
  });
  afterEach(() => transfers?.stop());

  const open = async (savedSequence: number): Promise<Transfers> => {
    transfers = await Transfers.open(
      {
        partition: PARTITION,
        snapshots,
        clock: HASTY,
        log: {
          partitions: PARTITIONS,
          append: async (partition, recordId, data) => {
            if (refusals-- > 0) throw new TurnpikeError({ code: 'unavailable', message: 'away' });
            const { payload, ...command } = decodeCommand(data);
            expect(command).toMatchObject({
              actorKind: 'payout',
              name: 'report_transfer',
              commandId: recordId,
            });
            const { attempt, outcome } = payload as { attempt: number; outcome: TransferOutcome };
            reports.push({ partition, id: `${command.actorId} ${attempt}`, outcome });
            return 1;
          },
        },
        gateway: {
          transfer: (given) => {
            asked.push(given.payoutId);
            return gateway(given);
          },
        },
        isAwaited: async ({ payoutId }) => !settled.has(payoutId),
        failed: (error) => {
          throw error;
        },
      },
      savedSequence,
    );
    return transfers;
  };
  const leave = (lastSequence: number, orders: readonly TransferOrder[]): void => {
    snapshots.put(keys.transfers(PARTITION, lastSequence), encodeOrders(orders, NOON));
  };
  const isEmpty = (): boolean => snapshots.documents.size === 0;

  it('reach the gateway, and what it says reaches the payout’s partition', async () => {
    leave(5, [order('po_a'), order('po_b', 2)]);
    gateway = async ({ payoutId }) =>
      payoutId === 'po_a' ? SENT : { kind: 'declined', code: 'no_account', message: 'unknown account' };
    const opened = await open(5);
    await waitFor('all to be done', isEmpty);
    expect(reports).toEqual([
      { partition: partitionOf('po_a', PARTITIONS), id: 'po_a 1', outcome: SENT },
      {
        partition: partitionOf('po_b', PARTITIONS),
        id: 'po_b 2',
        outcome: { kind: 'declined', code: 'no_account', message: 'unknown account' },
      },
    ]);
    expect(opened.statistics).toEqual({ pending: 0, delivered: 2, failures: 0 });
  });

  it('are forgotten only when the report is in the log', async () => {
    leave(5, [order('po_a')]);
    refusals = Number.POSITIVE_INFINITY;
    const opened = await open(5);
    await waitFor('a refusal', () => opened.statistics.failures > 0);
    expect(isEmpty()).toBe(false);
    refusals = 0;
    await waitFor('all to be done', isEmpty);
    expect(asked).toEqual(['po_a']);
    expect(reports).toHaveLength(1);
  });

  it('are asked for several at a time, and a slow one holds up no other', async () => {
    const orders = Array.from({ length: 3 * limits.transfersPerPartition }, (_, index) =>
      order(`po_${index}`),
    );
    leave(5, orders);
    leave(9, [order('po_last')]);
    let under = 0;
    let most = 0;
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    gateway = async ({ payoutId }) => {
      most = Math.max(most, ++under);
      if (payoutId === 'po_0') await slow;
      else await new Promise((resolve) => setImmediate(resolve));
      under--;
      return SENT;
    };
    const opened = await open(9);
    await waitFor('all others to be reported', () => reports.length === orders.length);
    expect(reports.at(-1)?.id).toBe('po_last 1');
    expect(most).toBe(limits.transfersPerPartition);
    expect(opened.statistics).toMatchObject({ pending: 1, oldestAt: NOON });
    release();
    await waitFor('all to be done', isEmpty);
  });

  it('that the next owner finds are asked for again', async () => {
    leave(5, [order('po_a')]);
    gateway = () => new Promise(() => undefined);
    const first = await open(5);
    await waitFor('the gateway to be asked', () => asked.length === 1);
    await first.stop();
    expect(isEmpty()).toBe(false);
    gateway = async () => SENT;
    await open(5);
    await waitFor('all to be done', isEmpty);
    expect(asked).toEqual(['po_a', 'po_a']);
    expect(reports.map(({ id }) => id)).toEqual(['po_a 1']);
  });

  it('of which the outcome is known by now are not asked for again', async () => {
    leave(5, [order('po_a'), order('po_b')]);
    settled.add('po_a');
    await open(5);
    await waitFor('all to be done', isEmpty);
    expect(asked).toEqual(['po_b']);
  });

  it('behind the cursor wait until their block is saved', async () => {
    leave(9, [order('po_a')]);
    const opened = await open(5);
    opened.add(9, { count: 1, time: NOON });
    await waitFor('all to be done', isEmpty);
    expect(asked).toEqual(['po_a']);
  });

  it('have an unknown outcome where the gateway breaks', async () => {
    leave(5, [order('po_a')]);
    gateway = async () => {
      throw new Error('a bug of the adapter');
    };
    await open(5);
    await waitFor('all to be done', isEmpty);
    expect(reports).toMatchObject([{ outcome: { kind: 'unknown' } }]);
  });
});
