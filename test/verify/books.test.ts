import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, type EventInput, NOON } from '../../actors/test-support.ts';
import type { CommissionsPayload } from '../../model/commissions.ts';
import { EventType } from '../../model/event.ts';
import type { Message } from '../../model/message.ts';
import { payoutIdOf } from '../../model/payout-id.ts';
import { encodeCommand, encodeMessages } from '../../model/record.ts';
import type { TransferOrder } from '../../model/transfer.ts';
import type { GatewayTransfer } from '../../storage/gateway/port.ts';
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import { encodeRows } from '../support/warehouse-rows.ts';
import { SmallSystem } from './small-system.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLEAN = { missing: 0, extra: 0, different: 0 };

/** What a campaign of a partition that there is not tells the accounts of these partners. */
function commissions(upTo: number, ...partners: readonly string[]): Uint8Array {
  const payload: CommissionsPayload = {
    campaignId: 'c1',
    currency: 'USD',
    assigned: [{ releaseAt: NOON, micros: '1500000', conversions: 1, clicks: 0, impressions: 0 }],
    reversed: [],
  };
  const messages = partners.map(
    (actorId): Message => ({ actorKind: 'account', actorId, name: 'commissions', payload }),
  );
  return encodeMessages({ from: 9, upTo, first: 0, messages });
}

const TERMS = {
  commission: { model: 'PERCENTAGE', sharePpm: 100_000, holdMs: DAY },
} as const;

/** A sale by which a partner earns a tenth. */
const sale = (transactionId: string, partnerId: string, units: number): EventInput => ({
  eventId: `event ${transactionId}`,
  type: EventType.conversion,
  transactionId,
  partnerId,
  valueMicros: units * 1_000_000,
  currency: 'USD',
});

/** Commissions of three partners, of which some are refunded, and two are paid out. */
async function live(system: SmallSystem, gateway: SmallSystem['gateway']): Promise<void> {
  system.gateway = gateway;
  await system.send([sale('a', 'ann', 100), sale('b', 'bob', 50), sale('e', 'eva', 30)]);
  await system.settle();
  await system.pass(DAY + HOUR);
  await system.settle();
  await system.send([sale('c', 'ann', 20), sale('d', 'bob', 70)]);
  for (const [partnerId, reference] of [
    ['ann', 'one'],
    ['ann', 'none'],
    ['eva', 'two'],
  ] as const) {
    const payload = { partnerId, currency: 'USD', reference, isAdvance: false };
    const actorId = payoutIdOf(partnerId, reference);
    await system.append(encodeCommand(command('request', { actorKind: 'payout', actorId, payload })));
  }
  await system.settle();
  for (const transactionId of ['a', 'd'])
    await system.append(encodeCommand(command('refund', { payload: { transactionId } })));
  await system.settle();
}

/** A gateway that remembers what it has sent, and may be made to have sent something else. */
function remembering(made: GatewayTransfer[]) {
  const transfer = async ({ payoutId, partnerId, amount: { micros, currency } }: TransferOrder) => {
    const transferId = `tr_${payoutId}`;
    const status = partnerId === 'eva' ? 'failed' : 'succeeded';
    made.push({ payoutId, transferId, partnerId, amountMicros: micros, reversedMicros: 0, currency, status });
    return partnerId === 'eva'
      ? ({ kind: 'declined', code: 'no_account', message: 'there is none' } as const)
      : ({ kind: 'succeeded', transferId } as const);
  };
  return {
    transfer,
    async *transfers() {
      yield* made;
    },
    transfersOf: async (payoutId: string) => made.filter((one) => one.payoutId === payoutId),
  };
}

describe('the books of partners', () => {
  /** What the gateway says that it has sent. */
  const made: GatewayTransfer[] = [];
  let system: SmallSystem;
  beforeAll(async () => {
    system = await SmallSystem.start(TERMS);
    await live(system, remembering(made));
  });
  afterAll(() => system[Symbol.asyncDispose]());

  test('are what campaigns have decided and payouts have come to', async () => {
    const findings = await system.verifyBooks();
    expect(findings.differences).toEqual([]);
    // Three partners; ann has a payout that succeeded, and two payouts have failed.
    expect(findings.compared).toEqual({
      ledger: 3,
      balance: 15,
      commissions: 3,
      reversals: 2,
      payouts: 1,
      transfers: 3,
    });
    const paid = `SELECT toString(sum(amount_micros)) AS micros FROM ledger_entries WHERE account = 'paid'`;
    expect(await system.warehouse.query(paid)).toEqual([{ micros: '10000000' }]);
    const replayed = (await system.verify()).findings;
    expect(replayed.differences).toEqual([]);
    expect(replayed.entriesCompared).toBeGreaterThan(20);
  });

  test('have payouts that are shown where the gateway has sent something else', async () => {
    const [ann] = made.filter(({ partnerId }) => partnerId === 'ann');
    const [eva] = made.filter(({ partnerId }) => partnerId === 'eva');
    if (!ann || !eva) throw new Error('nothing was sent');
    // Sent twice, sent though it had failed, and sent for nobody.
    made.push({ ...ann, transferId: 'tr_2' }, { ...eva, status: 'succeeded' }, { ...ann, payoutId: 'po_x' });
    const { differences } = await system.verifyBooks();
    made.splice(-3);
    const sent = { check: 'transfers', currency: 'USD' };
    const about = ({ partnerId, payoutId }: GatewayTransfer) => ({
      ...sent,
      partner_id: partnerId,
      payout_id: payoutId,
    });
    expect(differences).toHaveLength(3);
    expect(differences).toContainEqual({ ...about(ann), found: '20000000', expected: '10000000' });
    expect(differences).toContainEqual({ ...about(eva), found: String(eva.amountMicros), expected: '0' });
    expect(differences).toContainEqual({
      ...sent,
      partner_id: '',
      payout_id: 'po_x',
      found: '10000000',
      expected: '0',
    });
  });

  test('that do not balance are shown', async () => {
    const leg = { partner_id: 'zoë', currency: 'USD', sequence: 1, leg: 1, record_time: NOON };
    const data = encodeRows('ledger_entries', [
      { ...leg, account: 'held', amount_micros: 5, cause: 'assigned' },
    ]);
    await system.warehouse.insert({ table: 'ledger_entries', rows: 1, data, token: 'planted' });
    const { differences } = await system.verifyBooks();
    expect(differences).toMatchObject([
      { check: 'ledger', partner_id: 'zoë', found: '5', expected: '0' },
      { check: 'balance', partner_id: 'zoë', account: 'held', found: '0', expected: '5' },
    ]);
  });
});

describe('the entries of partners’ books', () => {
  test('that are lost show in the sums', async () => {
    await using system = await SmallSystem.start(TERMS);
    const lost = new Set<string>();
    system.fate = ({ table, data }) => {
      if (table !== 'ledger_entries') return 'insert';
      const cause = ['assigned', 'reversed', 'paid'].find(
        (name) => !lost.has(name) && Buffer.from(data).includes(String.fromCharCode(name.length) + name),
      );
      if (cause === undefined) return 'insert';
      lost.add(cause);
      return 'lose';
    };
    await live(system, remembering([]));
    const findings = await system.verifyBooks();
    expect(findings.compared.ledger).toBeGreaterThan(0);
    const checks = new Set(findings.differences.map(({ check }) => check));
    expect([...checks].sort()).toEqual(['balance', 'commissions', 'payouts', 'reversals']);
    expect(findings.differences).toContainEqual({
      check: 'payouts',
      partner_id: 'ann',
      payout_id: payoutIdOf('ann', 'one'),
      found: '0',
      expected: '10000000',
    });
    expect(findings.differences).toContainEqual({
      check: 'commissions',
      partner_id: 'ann',
      campaign_id: 'c1',
      found: '2000000',
      expected: '12000000',
    });
  });

  test('are what a replay posts', async () => {
    await using system = await SmallSystem.start();
    for (let block = 1; block <= 3; block++) {
      await system.append(commissions(2 * block, 'zoë', 'ann'));
      await system.append(commissions(2 * block + 1, 'ann', 'bob'));
      await system.settle();
    }
    const { findings } = await system.verify();
    expect(findings.differences).toEqual([]);
    expect([findings.counts, findings.entriesCompared]).toEqual([CLEAN, 3 * 4 * 4]);
  });

  test('are shown where they are missing, or twice there', async () => {
    await using system = await SmallSystem.start();
    system.fate = ({ table }) => (table === 'ledger_entries' ? 'lose' : 'insert');
    const sequence = await system.append(commissions(1, 'ann'));
    await system.settle();
    const inserted: WarehouseBlock[] = [];
    system.fate = (block) => {
      if (block.table === 'ledger_entries') inserted.push(block);
      return 'insert';
    };
    await system.append(commissions(2, 'bob'));
    await system.settle();
    for (const block of inserted) await system.warehouse.insert({ ...block, token: 'again' });
    const { findings } = await system.verify();
    expect(findings.counts).toEqual({ missing: 4, extra: 4, different: 0 });
    expect(findings.differences[0]).toMatchObject({
      table: 'ledger_entries',
      kind: 'missing',
      sequence,
      row: 0,
      campaign_id: 'c1',
      partner_id: 'ann',
    });
  });
});
