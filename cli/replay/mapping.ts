/** From the columns of a file to the fields of an event. */
import { createHash } from 'node:crypto';
import { limits } from '../../limits.ts';
import type { Row } from './row.ts';

/** `event field → column of the file`. */
export type ColumnMap = ReadonlyMap<string, string>;

export interface MappingOptions {
  readonly columns: ColumnMap;
  /** Values of fields that a row does not have. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Name of the source of the rows: part of the ids of rows that have none. */
  readonly source: string;
}

/** Names under which a row may carry the id of its event. */
const ID_FIELDS = ['event_id', 'messageId', 'id'];
const ID_LENGTH = 27;

export type MappedRow = { readonly json: string } | { readonly problem: string };

/**
 * A function that makes the JSON of an event from a row. A row without an event id gets one that follows
 * from the source, its line and its text, so that sending a file twice counts it once.
 */
export function rowMapper({ columns, defaults, source }: MappingOptions): (row: Row) => MappedRow {
  const fieldOfColumn = new Map([...columns].map(([field, column]) => [column, field]));
  return (row) => {
    if ('problem' in row.content) return row.content;
    const event: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(row.content.fields)) {
      const field = fieldOfColumn.get(name);
      if (field !== undefined) define(event, field, value);
      // A column of a mapped field's own name gives way to the one that is mapped to it.
      else if (!columns.has(name)) define(event, name, value);
    }
    for (const [field, value] of defaults) {
      if (isEmpty(event[field])) define(event, field, value);
    }
    if (ID_FIELDS.every((field) => isEmpty(event[field]))) event.event_id = derivedId(source, row);
    const json = JSON.stringify(event);
    const bytes = Buffer.byteLength(json);
    return bytes > limits.eventBytes
      ? { problem: `the event has ${bytes} bytes; ${limits.eventBytes} are allowed` }
      : { json };
  };
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** Sets a field whatever its name: assigning to `__proto__` would not. */
function define(event: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(event, name, { value, enumerable: true, writable: true, configurable: true });
}

function derivedId(source: string, { line, text }: Row): string {
  const digest = createHash('sha256').update(`${source}\0${line}\0${text}`).digest('base64url');
  return `replay-${digest.slice(0, ID_LENGTH)}`;
}
