/** Columns of the warehouse's tables: what they hold, and how ClickHouse calls that. */

export type ColumnType =
  | 'UInt8'
  | 'UInt16'
  | 'UInt32'
  | 'UInt64'
  | 'Int64'
  | 'DateTime'
  | 'DateTime64(3)'
  | 'String'
  | 'LowCardinality(String)';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** The type as the engine is told it. Times are UTC, wherever the server stands. */
export function engineType(type: ColumnType): string {
  if (type === 'DateTime') return `DateTime('UTC')`;
  return type === 'DateTime64(3)' ? `DateTime64(3, 'UTC')` : type;
}

/** Bytes of a value, or 0 if its type is a text. */
export function widthOf(type: ColumnType): 0 | 1 | 2 | 4 | 8 {
  switch (type) {
    case 'UInt8':
      return 1;
    case 'UInt16':
      return 2;
    case 'UInt32':
    case 'DateTime':
      return 4;
    case 'UInt64':
    case 'Int64':
    case 'DateTime64(3)':
      return 8;
    case 'String':
    case 'LowCardinality(String)':
      return 0;
  }
}
