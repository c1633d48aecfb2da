/** Reads NDJSON (one JSON object per line) with memory for one line and one chunk. */
import { isUtf8 } from 'node:buffer';
import { ROW_LENGTH, type Row } from './row.ts';

const NEWLINE = 10;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The rows of a stream, a group for each chunk of it. Blank lines are left out but counted.
 *
 * @param chunks the bytes of the file, in pieces of any size
 */
export async function* ndjsonRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Row[]> {
  let line = 1;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    const rows: Row[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end);
      addRow(rows, line, pending.length === 0 ? piece : Buffer.concat([...pending, piece]));
      pending = [];
      pendingBytes = 0;
      line++;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    // Of a line that is too long anyway only so much is kept as to know it.
    if (rest.length > 0 && pendingBytes <= ROW_LENGTH) pending.push(rest);
    pendingBytes += rest.length;
    if (rows.length > 0) yield rows;
  }
  const last: Row[] = [];
  addRow(last, line, Buffer.concat(pending));
  if (last.length > 0) yield last;
}

function addRow(rows: Row[], line: number, bytes: Buffer): void {
  let text = bytes.toString('utf8', 0, ROW_LENGTH).trim();
  if (line === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
  if (text === '') return;
  rows.push({ line, text, content: contentOf(bytes, text) });
}

function contentOf(bytes: Buffer, text: string): Row['content'] {
  if (bytes.length > ROW_LENGTH) return { problem: `longer than ${ROW_LENGTH} bytes` };
  if (text.includes('\uFFFD') && !isUtf8(bytes)) return { problem: 'not UTF-8' };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { fields: value as Record<string, unknown> };
    }
    return { problem: 'not a JSON object' };
  } catch (error) {
    return { problem: `not JSON: ${(error as SyntaxError).message}` };
  }
}
