/**
 * The warehouse: columns of decided events, their credits, aggregates, entries of the partners' books and domain events, for
 * queries over time. It is fed by the actors in blocks; a block that is inserted again is dropped by its token.
 */

export const TABLES = ['decided_events', 'credits', 'aggregates', 'ledger_entries', 'domain_events'] as const;
export type Table = (typeof TABLES)[number];

/** Rows of one table. */
export interface WarehouseBlock {
  readonly table: Table;
  readonly rows: number;
  /** The rows by column, in ClickHouse's format `Native`: see `model/columns/native-block.ts`. */
  readonly data: Uint8Array;
  /** Partition and sequence range. The same token always means the same rows. */
  readonly token: string;
}

/** A value of a query parameter; it is bound by the server, never spliced into the text. */
export type QueryParameter = string | number | bigint | boolean | readonly (string | number)[];

export interface Warehouse {
  /**
   * Inserts a block, all or nothing, and resolves once it is durable. Inserting a token again changes
   * nothing; of aggregates, which are absolute values, nothing of what is read with `FINAL`.
   *
   * @throws TurnpikeError `unavailable`, `deadline_exceeded`: the outcome is unknown, insert it again
   */
  insert(block: WarehouseBlock): Promise<void>;

  /**
   * Runs a read-only query.
   *
   * @param text ClickHouse SQL with parameters such as `{campaign:String}`
   * @returns rows as objects; 64-bit integers as decimal strings
   * @throws TurnpikeError `unavailable`, `deadline_exceeded`
   */
  query<Row>(text: string, parameters?: Readonly<Record<string, QueryParameter>>): Promise<Row[]>;

  /** Creates what is missing of the schema. Safe to repeat and to run from several processes at once. */
  migrate(): Promise<readonly string[]>;

  /**
   * Makes a warehouse that is nobody's the cluster's own, and tells whose it is: the tokens of two clusters
   * would be taken for each other's, so a warehouse must not serve both. The schema must be there.
   *
   * @param cluster letters and digits
   * @returns the clusters that have claimed it: that one alone, or others
   * @throws TurnpikeError `unavailable`, `deadline_exceeded`
   */
  claim(cluster: string): Promise<readonly string[]>;

  close(): Promise<void>;
}
