import { describe, expect, test } from 'vitest';
import { NOON } from '../../actors/test-support.ts';
import type { CommissionsPayload } from '../../model/commissions.ts';
import type { Message } from '../../model/message.ts';
import { encodeMessages } from '../../model/record.ts';
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import { SmallSystem } from './small-system.ts';

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

describe('the entries of partners’ books', () => {
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
