import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRows } from './csv.ts';
import { ndjsonRows } from './ndjson.ts';
import { ROW_LENGTH, type Row } from './row.ts';

async function collect(groups: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const group of groups) rows.push(...group);
  return rows;
}

/** The bytes in pieces of the given size. */
function pieces(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return Readable.from(parts);
}

const ndjson = (text: string | Buffer, size = 7): Promise<Row[]> =>
  collect(ndjsonRows(pieces(Buffer.from(text), size)));
const csv = (text: string, columns: readonly string[] = [], delimiter = ','): Promise<Row[]> =>
  collect(csvRows(Readable.from([Buffer.from(text)]), delimiter, columns));

const problemOf = ({ content }: Row): string => ('problem' in content ? content.problem : 'none');

describe('NDJSON', () => {
  test('gives each object with its line, blank lines counted but left out', async () => {
    expect(await ndjson('{"a":1}\n\n  {"a":2}\r\n{"a":3}')).toEqual([
      { line: 1, text: '{"a":1}', content: { fields: { a: 1 } } },
      { line: 3, text: '{"a":2}', content: { fields: { a: 2 } } },
      { line: 4, text: '{"a":3}', content: { fields: { a: 3 } } },
    ]);
  });

  test('does not depend on how the bytes are cut', async () => {
    const line = fc.record({ name: fc.string({ unit: 'grapheme' }), count: fc.nat() });
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 40 }), async (objects, size) => {
        const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
        const rows = await ndjson(text, size);
        expect(rows.map(({ content }) => 'fields' in content && content.fields)).toEqual(objects);
        expect(rows.map((row) => row.line)).toEqual(objects.map((_, index) => index + 1));
      }),
    );
  });

  test('skips a byte order mark', async () => {
    expect(await ndjson('\uFEFF{"a":1}\n')).toMatchObject([{ line: 1, content: { fields: { a: 1 } } }]);
  });

  test.each([
    ['{"a":', /^not JSON: /],
    ['[1]', /^not a JSON object$/],
    ['null', /^not a JSON object$/],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /^not UTF-8$/],
  ])('tells what is wrong with %s, and goes on', async (bad, problem) => {
    const rows = await ndjson(Buffer.concat([Buffer.from(bad), Buffer.from('\n{"a":1}\n')]));
    expect(problemOf(rows[0] as Row)).toMatch(problem);
    expect(rows[1]).toMatchObject({ line: 2, content: { fields: { a: 1 } } });
  });

  test('keeps only the beginning of a line that is too long', async () => {
    const rows = await ndjson(`${'x'.repeat(ROW_LENGTH * 5)}\n{"a":1}`, 65_536);
    expect(rows[0]).toMatchObject({ line: 1, content: { problem: `longer than ${ROW_LENGTH} bytes` } });
    expect(rows[0]?.text.length).toBeLessThanOrEqual(ROW_LENGTH);
    expect(rows[1]).toMatchObject({ line: 2 });
  });

  test('gives nothing for an empty file', async () => {
    expect(await ndjson('')).toEqual([]);
  });
});

describe('CSV', () => {
  test('gives each record with its line, without empty cells', async () => {
    expect(await csv('id,type,value\n1,click,\n2, conversion ,12.50\n')).toEqual([
      { line: 2, text: '1,click,', content: { fields: { id: '1', type: 'click' } } },
      {
        line: 3,
        text: '2, conversion ,12.50',
        content: { fields: { id: '2', type: 'conversion', value: '12.50' } },
      },
    ]);
  });

  test('reads quoted cells, line breaks within them, and other delimiters', async () => {
    const rows = await csv('\uFEFFid;note\r\n1;"a;b"\r\n2;"c\nd ""e"""\r\n3;f', [], ';');
    expect(rows.map(({ line, content }) => [line, 'fields' in content && content.fields])).toEqual([
      [2, { id: '1', note: 'a;b' }],
      [3, { id: '2', note: 'c\nd "e"' }],
      [5, { id: '3', note: 'f' }],
    ]);
  });

  test('tells which records do not fit the header, and goes on', async () => {
    const rows = await csv('id,type\n1,click,extra\n2,click\n3\n4,click\n');
    expect(rows.map(({ line }) => line).sort()).toEqual([2, 3, 4, 5]);
    expect(rows.filter(({ content }) => 'problem' in content).map(({ line }) => line)).toEqual([2, 4]);
  });

  test('refuses a file without a column that is mapped', async () => {
    await expect(csv('Id,Kind\n1,click\n', ['Id', 'Campaign'])).rejects.toThrow(
      '--map names the column "Campaign"; the file has Id, Kind',
    );
  });

  test('gives groups, not single records', async () => {
    const text = `id\n${Array.from({ length: 1_000 }, (_, index) => index).join('\n')}\n`;
    let groups = 0;
    for await (const _ of csvRows(Readable.from([Buffer.from(text)]), ',', [])) groups++;
    expect(groups).toBeLessThan(10);
  });
});
