/** What the two engines of the warehouse have in common: the official client, and two ways to reach it. */
import type { ClickHouseClient } from '@clickhouse/client';

export interface InsertStatement {
  /** `INSERT INTO table`. */
  readonly into: string;
  /** `SETTINGS … FORMAT Native`. */
  readonly how: string;
}

export interface Engine {
  /** Runs a statement that changes something. */
  command(text: string, signal: AbortSignal): Promise<void>;

  /** Inserts rows in the statement's format. */
  insert(statement: InsertStatement, rows: Uint8Array, signal: AbortSignal): Promise<void>;

  /** Runs `read` with a client whose queries can change nothing and end by themselves. */
  read<T>(read: (client: ClickHouseClient) => Promise<T>, signal: AbortSignal): Promise<T>;

  /** Waits for what is under way and closes. */
  close(): Promise<void>;
}

/** Milliseconds after which a query is given up, by the engine itself. */
export const QUERY_MS = 10_000;

/** How queries run. 64-bit integers are quoted, for JSON numbers cannot hold them. */
export const READ_SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  max_execution_time: QUERY_MS / 1_000,
  readonly: '1',
} as const;
