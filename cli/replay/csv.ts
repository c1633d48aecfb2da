/** Reads CSV with a header row, one record at a time. */
import type { Readable } from 'node:stream';
import { CsvError, type Info, parse } from 'csv-parse';
import { JobError, UsageError } from '../exit.ts';
import { ROW_LENGTH, type Row } from './row.ts';

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: Info;
  readonly raw: string;
}

const GROUP = 256;

/**
 * The rows of a stream, in groups. Empty cells are left out of their row.
 *
 * @param columns columns that must be there
 * @throws UsageError if one of them is not in the header; JobError if the file cannot be read as CSV
 */
export async function* csvRows(
  input: Readable,
  delimiter: string,
  columns: readonly string[],
): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  const parser = parse({
    bom: true,
    columns: (header: string[]) => checkedHeader(header, columns),
    delimiter,
    info: true,
    raw: true,
    max_record_size: ROW_LENGTH,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip(error, raw) {
      const text = (raw ?? '').trim().slice(0, ROW_LENGTH);
      const line = error instanceof CsvError ? Number(error.lines) : 0;
      rows.push({ line, text, content: { problem: error?.message ?? 'not CSV' } });
      return undefined;
    },
  });
  input.once('error', (error) => parser.destroy(error));
  input.pipe(parser);
  let end = 0;
  try {
    for await (const { record, info, raw } of parser as AsyncIterable<Parsed>) {
      // A record may span lines: it begins after the one before it has ended.
      const text = raw.trim();
      rows.push({
        line: info.lines - newlinesIn(text),
        text,
        content: { fields: withoutEmptyCells(record) },
      });
      end = info.lines;
      if (rows.length >= GROUP) {
        yield rows;
        rows = [];
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new JobError(`not readable as CSV after line ${end}: ${error.message}`, { cause: error });
  } finally {
    input.unpipe(parser);
  }
  if (rows.length > 0) yield rows;
}

function checkedHeader(header: readonly string[], columns: readonly string[]): string[] {
  const names = header.map((name) => name.trim());
  const missing = columns.find((column) => !names.includes(column));
  if (missing !== undefined) {
    throw new UsageError(`--map names the column "${missing}"; the file has ${names.join(', ')}`);
  }
  return names;
}

function withoutEmptyCells(record: Readonly<Record<string, string>>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(record)) {
    const trimmed = value.trim();
    if (name !== '' && trimmed !== '') fields[name] = trimmed;
  }
  return fields;
}

function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
