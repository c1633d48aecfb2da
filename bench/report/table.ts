/** The result as text, for people. */
import { table } from '../../cli/table.ts';
import type { Machine } from '../machine.ts';
import { aimText, figureText, type Row } from '../row.ts';

const HEADINGS = ['benchmark', 'median', 'unit', '±', 'reference', 'ratio', 'aim', 'met'];
const TEXT_COLUMNS = ['benchmark', 'unit', 'aim', 'met'];

export function reportTable(machine: Machine, rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    figureText(row.value),
    row.unit,
    `${(row.spread * 100).toFixed(0)} %`,
    row.reference === undefined ? '' : figureText(row.reference.value),
    row.ratio === undefined ? '' : figureText(row.ratio),
    aimText(row.aims),
    row.met === undefined ? '' : row.met ? 'yes' : 'no',
  ]);
  const notes = rows.flatMap(({ name, notes }) => notes.map((note) => `  ${name}: ${note}`));
  const references = rows.flatMap(({ name, reference }) =>
    reference === undefined ? [] : [`  ${name}: ${reference.name}`],
  );
  return [
    machineText(machine),
    '',
    table([HEADINGS, ...cells], TEXT_COLUMNS),
    '',
    'References',
    ...references,
    ...(notes.length === 0 ? [] : ['', 'Notes', ...notes]),
    '',
  ].join('\n');
}

export function machineText({
  date,
  processor,
  cores,
  memoryGiB,
  system,
  load,
  versions,
  settings,
}: Machine): string {
  const listed = (pairs: object): string =>
    Object.entries(pairs)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return [
    `${date}, ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, load ${load.toFixed(2)} at the beginning`,
    listed(versions),
    listed(settings),
  ].join('\n');
}
