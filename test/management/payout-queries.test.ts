import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type LedgerFilter,
  type PostingPlace,
  type PostingRow,
  postingsQuery,
} from '../../management/application/accounts/ledger-query.ts';
import {
  type PayoutFilter,
  type PayoutPlace,
  type PayoutRow,
  payoutsQuery,
} from '../../management/application/payouts/payout-query.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { encodeRows, type RowValues } from '../support/warehouse-rows.ts';

const NOON = Date.parse('2026-11-30T23:59:59.000Z');

/** Something that happened to a payout, `ms` after noon. */
const happened = (payout_id: string, status: string, partition: number, sequence: number, ms: number) => ({
  payout_id,
  partner_id: payout_id === 'po_3' ? 'ben' : 'ana',
  partition,
  sequence,
  id: `payout:${payout_id}-${sequence}-0`,
  type: `payout.${status}`,
  record_time: NOON + ms,
  data: '{}',
});
const EVENTS = [
  happened('po_1', 'pending', 1, 10, 0),
  happened('po_1', 'processing', 1, 11, 5),
  happened('po_1', 'succeeded', 1, 100, 900),
  happened('po_2', 'pending', 2, 3, 20),
  happened('po_2', 'failed', 2, 4, 30),
  happened('po_3', 'pending', 1, 12, 20),
  { ...happened('', 'pending', 1, 13, 50), type: 'partner.updated' },
];

/** Both legs of a posting of the partner ana. */
const posting = (sequence: number, number: number, micros: number, values: RowValues = {}) =>
  [
    ['commissions', -micros],
    ['held', micros],
  ].map(([account, amount], leg) => ({
    partner_id: 'ana',
    currency: 'USD',
    partition: 4,
    sequence,
    posting: number,
    leg,
    record_time: NOON + sequence,
    account: account as string,
    amount_micros: amount as number,
    cause: 'assigned',
    campaign_id: 'summer',
    release_at: NOON,
    source_partition: 2,
    source_sequence: 55,
    ...values,
  }));
const POSTINGS = [
  ...posting(7, 0, 1_000_000),
  ...posting(7, 1, 5, { currency: 'EUR' }),
  ...posting(8, 0, 3, { cause: 'reserved', payout_id: 'po_1', campaign_id: 'winter' }),
  ...posting(2_000, 0, 4, { release_at: 0, source_partition: 0, source_sequence: 0 }),
  ...posting(9, 0, 9, { partner_id: 'ben' }),
];

let folder: TemporaryFolder;
let warehouse: Warehouse;
beforeAll(async () => {
  folder = temporaryFolder('payouts');
  warehouse = openWarehouse({ chdbDirectory: folder.path });
  await warehouse.migrate();
  for (const [table, rows] of [
    ['domain_events', EVENTS],
    ['ledger_entries', POSTINGS],
  ] as const)
    await warehouse.insert({ table, rows: rows.length, data: encodeRows(table, rows), token: table });
});
afterAll(async () => {
  await warehouse?.close();
  folder?.[Symbol.dispose]();
});

describe('payouts', () => {
  const ids = async (filter: PayoutFilter, after?: PayoutPlace, count = 10): Promise<string[]> => {
    const { text, parameters } = payoutsQuery(filter, after, count);
    return (await warehouse.query<PayoutRow>(text, parameters)).map(({ payout_id }) => payout_id);
  };

  test('are found once each, the newest first', async () => {
    const { text, parameters } = payoutsQuery({}, undefined, 2);
    expect(await warehouse.query(text, parameters)).toEqual([
      { payout_id: 'po_3', created_ms: String(NOON + 20) },
      { payout_id: 'po_2', created_ms: String(NOON + 20) },
    ]);
    expect(await ids({}, { createdAt: NOON + 20, payoutId: 'po_3' })).toEqual(['po_2', 'po_1']);
  });

  test('are found by partner and by what they have come to', async () => {
    expect(await ids({ partnerId: 'ana' })).toEqual(['po_2', 'po_1']);
    expect(await ids({ status: 'SUCCEEDED' })).toEqual(['po_1']);
    expect(await ids({ status: 'PENDING' })).toEqual(['po_3']);
    expect(await ids({ partnerId: 'ana', status: 'PENDING' })).toEqual([]);
  });
});

describe('postings', () => {
  const postings = async (
    filter: LedgerFilter = {},
    after?: PostingPlace,
    count = 10,
  ): Promise<PostingRow[]> => {
    const { text, parameters } = postingsQuery('ana', filter, after, count);
    return warehouse.query<PostingRow>(text, parameters);
  };
  const places = async (...asked: Parameters<typeof postings>): Promise<string[]> =>
    (await postings(...asked)).map(({ sequence, posting: number }) => `${sequence}.${number}`);

  test('are found with both of their legs, the newest first', async () => {
    expect(await places()).toEqual(['2000.0', '8.0', '7.1', '7.0']);
    expect((await postings()).at(-1)).toEqual({
      partition: 4,
      sequence: '7',
      posting: 0,
      recorded_ms: String(NOON + 7),
      currency: 'USD',
      cause: 'assigned',
      from_account: 'commissions',
      to_account: 'held',
      amount_micros: '1000000',
      campaign_id: 'summer',
      release_ms: String(NOON),
      payout_id: '',
      decision_id: '',
      source_partition: 2,
      source_sequence: '55',
    });
    expect((await postings())[0]).toMatchObject({ release_ms: '0', source_sequence: '0' });
  });

  test('are restricted and paged', async () => {
    expect(await places({ currency: 'EUR' })).toEqual(['7.1']);
    expect(await places({ cause: 'reserved' })).toEqual(['8.0']);
    expect(await places({ payoutId: 'po_1' })).toEqual(['8.0']);
    expect(await places({ campaignId: 'winter' })).toEqual(['8.0']);
    expect(await places({ from: NOON + 8, to: NOON + 2_000 })).toEqual(['8.0']);
    expect(await places({}, { sequence: 8, posting: 0 }, 1)).toEqual(['7.1']);
  });
});
