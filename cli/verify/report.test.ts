import { describe, expect, test } from 'vitest';
import { BooksFindings } from './books/findings.ts';
import { type Difference, Findings } from './findings.ts';
import type { PartitionResult } from './partition.ts';
import { isExact, reportJson, reportText, type Verification } from './report.ts';

const ROW: Difference = {
  partition: 3,
  table: 'decided_events',
  kind: 'different',
  sequence: 120,
  row: 5,
  campaign_id: 'summer',
  event_id: 'e1',
  values: [
    { column: 'spend_micros', found: '0', expected: '250000' },
    { column: 'goal', found: 'a "b"\n', expected: '' },
  ],
};
const AGGREGATE: Difference = {
  partition: 3,
  table: 'aggregates',
  kind: 'missing',
  campaign_id: 'summer',
  partner_id: 'maria',
  record_minute: '2026-06-01T12:00:00.000Z',
  event_hour: '2026-06-01T11:00:00.000Z',
};

function verification(
  differences: readonly Difference[] = [],
  facts: Partial<PartitionResult> = {},
  strange: ReadonlyMap<number, number> = new Map(),
  books?: BooksFindings,
): Verification {
  const findings = new Findings();
  findings.rowsCompared = 1_234;
  findings.creditsCompared = 56;
  findings.entriesCompared = 8;
  findings.aggregatesCompared = 12;
  for (const difference of differences) findings.add(difference);
  const partition: PartitionResult = {
    partition: 3,
    level: 'replay',
    firstSequence: 1,
    settledSequence: 90,
    lastSequence: 100,
    records: 100,
    events: 1_240,
    waiting: 0,
    findings,
    ...facts,
  };
  return { partitions: [partition], books, strange, seconds: 1.26 };
}

describe('the report', () => {
  test('of a sound warehouse says so in a table', () => {
    expect(isExact(verification())).toBe(true);
    expect(reportText(verification()).split('\n')).toEqual([
      'partition  records  events   rows  credits  entries  aggregates  missing  extra  different  waiting  level',
      '─────────  ───────  ──────  ─────  ───────  ───────  ──────────  ───────  ─────  ─────────  ───────  ──────',
      '        3      100   1,240  1,234       56        8          12        0      0          0        0  replay',
      '      all      100   1,240  1,234       56        8          12        0      0          0        0',
      '',
      'the warehouse is what the log says (1.3 s)',
      '',
    ]);
  });

  test('tells of the books of partners, and what is wrong in them', () => {
    const books = new BooksFindings();
    books.compare('ledger', { partner_id: 'ann', currency: 'USD' }, 0n, 0n);
    const text = reportText(verification([], {}, new Map(), books));
    expect(text).toContain('books of partners: 1 ledger compared, all right\n');
    books.compare('payouts', { partner_id: 'ann', payout_id: 'po_1' }, 0n, 1_230_000n);
    const wrong = verification([], {}, new Map(), books);
    expect(isExact(wrong)).toBe(false);
    expect(reportText(wrong)).toContain(
      '  payouts of partner_id "ann", payout_id "po_1": 0 micros, not 1230000\n',
    );
    expect(JSON.parse(reportJson(wrong)).books).toEqual({
      compared: { ledger: 1, balance: 0, commissions: 0, reversals: 0, payouts: 1, transfers: 0 },
      wrong: 1,
      differences: [
        { check: 'payouts', partner_id: 'ann', payout_id: 'po_1', found: '0', expected: '1230000' },
      ],
    });
  });

  test('names what differs, and where', () => {
    const result = verification([ROW, AGGREGATE]);
    expect(isExact(result)).toBe(false);
    const text = reportText(result);
    expect(text).toContain(
      'decided_events partition 3, sequence 120, row 5 (e1 of summer) different: spend_micros is 0, not 250000; goal is "a \\"b\\"\\n", not ""\n',
    );
    expect(text).toContain(
      'aggregates partition 3, campaign summer, partner "maria", minute 2026-06-01T12:00:00.000Z, events of 2026-06-01T11:00:00.000Z missing\n',
    );
    expect(text).toContain('the warehouse is not what the log says (1.3 s)');
  });

  test('shows the first differences only, and counts all of them', () => {
    const result = verification(Array.from({ length: 1_000 }, () => ROW));
    expect(reportText(result).match(/different:/g)).toHaveLength(20);
    expect(JSON.parse(reportJson(result))).toMatchObject({
      exact: false,
      partitions: [{ different: 1_000 }],
      differences: { length: 20 },
    });
  });

  test('says what a weaker level means', () => {
    expect(reportText(verification([], { level: 'contents', waiting: 6 }))).toMatch(
      /contents: the head of the log was trimmed.*/,
    );
    expect(reportText(verification([], { waiting: 6 }))).toContain('waiting: events that need not be');
    expect(reportText(verification([], { level: 'trimmed' }))).toContain('trimmed: nothing is left');
  });

  test('is not exact with rows of partitions that there are none of', () => {
    const result = verification([], {}, new Map([[77, 2]]));
    expect(isExact(result)).toBe(false);
    expect(reportText(result)).toContain('2 rows are of partition 77, which there is none of');
    expect(JSON.parse(reportJson(result))).toMatchObject({ unknown_partitions: { 77: 2 } });
  });

  test('is one object for programs', () => {
    expect(JSON.parse(reportJson(verification([ROW])))).toEqual({
      exact: false,
      seconds: 1.26,
      partitions: [
        {
          partition: 3,
          level: 'replay',
          first_sequence: 1,
          settled_sequence: 90,
          last_sequence: 100,
          records: 100,
          events: 1_240,
          waiting: 0,
          rows: 1_234,
          credits: 56,
          entries: 8,
          aggregates: 12,
          missing: 0,
          extra: 0,
          different: 1,
        },
      ],
      unknown_partitions: {},
      differences: [ROW],
    });
  });
});
