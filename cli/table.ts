/**
 * Columns of plain text with a line under the headings. Numbers stand at the right of their column.
 *
 * @param rows the headings first; shorter rows are filled up
 * @param textColumns headings of the columns that stand at the left
 */
export function table(rows: readonly (readonly string[])[], textColumns: readonly string[]): string {
  const headings = rows[0] ?? [];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    headings
      .map((heading, column) => {
        const cell = row[column] ?? '';
        const width = widths[column] as number;
        return textColumns.includes(heading) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return lines.join('\n');
}
