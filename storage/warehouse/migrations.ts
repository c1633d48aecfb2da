/**
 * The schema of the warehouse, as numbered steps. A step that was released is never changed; the next one
 * is added. Each may run twice, for two processes may start at once.
 */
import { type Column, engineType } from '../../model/columns/column.ts';
import { COLUMNS } from './schema.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** A setting of tables without which the step is left out: an older server does not know it. */
  readonly needsSetting?: string;
  readonly statements: readonly string[];
}

/** Where it is recorded which steps were done. */
export const MIGRATIONS_TABLE = `
CREATE TABLE IF NOT EXISTS schema_migrations (
  version UInt32,
  name String,
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = ReplacingMergeTree ORDER BY version`;

/**
 * - The deduplication window is off by default. A token is remembered for this many inserts of a table,
 *   far more than there can be between a block's first insert and its last repetition.
 * - Without the fsyncs an insert is acknowledged while it is in memory only, and a power cut loses rows
 *   that the snapshots have counted already.
 */
const DURABLE = `
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1`;

/**
 * How many parts of a size are waited for before they are merged; the engine's own is 5. Merging costs more than
 * anything else that is done to a row: 160 inserts of 6,000 rows took 16.9 µs of CPU a row with 5, 11.6 with 15
 * and 6.1 with 40, the inserts included. There are more parts for it: 19 instead of 5.
 */
const MERGE_BASE = 'merge_selector_base';

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'create decided_events and aggregates',
    statements: [
      // Single events are looked up by their ids: each has a filter that tells where it is not.
      `CREATE TABLE IF NOT EXISTS decided_events (
  ${columnList(COLUMNS.decided_events)},
  INDEX event_id_filter event_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX click_id_filter click_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX transaction_id_filter transaction_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toYYYYMM(record_time)
ORDER BY (campaign_id, record_time, partition, sequence, row)
SETTINGS ${DURABLE}`,
      `CREATE TABLE IF NOT EXISTS aggregates (
  ${columnList(COLUMNS.aggregates)}
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(record_minute)
ORDER BY (campaign_id, partner_id, record_minute, event_hour)
SETTINGS ${DURABLE}`,
    ],
  },
  {
    version: 2,
    name: 'create clusters and domain_events',
    statements: [
      `CREATE TABLE IF NOT EXISTS clusters (
  id String,
  claimed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
) ENGINE = MergeTree ORDER BY id
SETTINGS ${DURABLE}`,
      `CREATE TABLE IF NOT EXISTS domain_events (
  ${columnList(COLUMNS.domain_events)}
) ENGINE = MergeTree
ORDER BY (campaign_id, sequence, id)
SETTINGS ${DURABLE}`,
    ],
  },
  {
    version: 3,
    name: 'create credits',
    statements: [
      `CREATE TABLE IF NOT EXISTS credits (
  ${columnList(COLUMNS.credits)}
) ENGINE = MergeTree
PARTITION BY toYYYYMM(record_time)
ORDER BY (campaign_id, record_time, partition, sequence, row, touch)
SETTINGS ${DURABLE}`,
    ],
  },
  {
    version: 4,
    name: 'tell domain events of partners from those of campaigns',
    statements: [
      `ALTER TABLE domain_events ADD COLUMN IF NOT EXISTS partner_id LowCardinality(String) AFTER campaign_id`,
    ],
  },
  {
    version: 5,
    name: 'create ledger_entries',
    statements: [
      `CREATE TABLE IF NOT EXISTS ledger_entries (
  ${columnList(COLUMNS.ledger_entries)}
) ENGINE = MergeTree
PARTITION BY toYYYYMM(record_time)
ORDER BY (partner_id, record_time, partition, sequence, posting, leg)
SETTINGS ${DURABLE}`,
    ],
  },
  {
    version: 6,
    name: 'tell domain events of payouts, and when commissions are released',
    statements: [
      `ALTER TABLE domain_events ADD COLUMN IF NOT EXISTS payout_id String AFTER partner_id`,
      `ALTER TABLE credits ADD COLUMN IF NOT EXISTS release_at DateTime64(3, 'UTC') AFTER commission_micros`,
    ],
  },
  {
    version: 7,
    name: 'merge decided events in fewer and larger steps',
    needsSetting: MERGE_BASE,
    statements: [`ALTER TABLE decided_events MODIFY SETTING ${MERGE_BASE} = 40`],
  },
];

function columnList(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `\`${name}\` ${engineType(type)}`).join(',\n  ');
}
