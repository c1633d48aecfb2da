/** The result as a page of its own: everything is in the one file, and it follows the reader's light or dark. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../machine.ts';
import { aimText, figureText, type Row, type Series } from '../row.ts';
import { machineText } from './table.ts';

const require = createRequire(import.meta.url);
const CHARTS = { script: 'uplot/dist/uPlot.iife.min.js', style: 'uplot/dist/uPlot.min.css' };

/** A chart as the page's script draws it: columns, as uPlot wants them. */
interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly isLogarithmic: boolean;
  readonly names: readonly string[];
  readonly columns: readonly (readonly (number | null)[])[];
}

export function reportHtml(machine: Machine, rows: readonly Row[]): string {
  const charts = rows.flatMap((row) => [
    ...roundsChart(row),
    ...(row.series ? [seriesChart(row.series)] : []),
  ]);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>Turnpike: benchmarks</title>',
    `<style>${library(CHARTS.style)}\n${own('page.css')}</style></head><body>`,
    '<h1>Turnpike: benchmarks</h1>',
    `<pre>${escaped(machineText(machine))}</pre>`,
    '<h2>Ratios</h2>',
    '<p>Each figure by its reference’s, measured in the same run. The line marks the aim.</p>',
    ratioBars(rows),
    '<h2>Figures</h2>',
    figureTable(rows),
    '<h2>Charts</h2><div id="charts"></div>',
    `<script>${library(CHARTS.script)}</script>`,
    `<script>const CHARTS = ${JSON.stringify(charts).replaceAll('<', '\\u003c')};\n${own('page.js')}</script>`,
    '</body></html>\n',
  ].join('\n');
}

/** The repetitions of a row and of its reference, side by side. */
function roundsChart({ name, unit, samples, reference }: Row): Chart[] {
  if (samples.length < 2) return [];
  const rounds = samples.map((_, round) => round + 1);
  const others = reference === undefined ? [] : [reference];
  return [
    {
      title: name,
      x: 'repetition',
      y: unit,
      isLogarithmic: false,
      names: [name, ...others.map((other) => other.name)],
      columns: [rounds, samples, ...others.map((other) => other.samples)],
    },
  ];
}

/** Lines over the same axis: where one has no point, there is a gap. */
function seriesChart({ title, x, y, isLogarithmic, lines }: Series): Chart {
  const places = [...new Set(lines.flatMap(({ points }) => points.map(([place]) => place)))].sort(
    (a, b) => a - b,
  );
  const columns = lines.map(({ points }) => {
    const values = new Map(points);
    return places.map((place) => values.get(place) ?? null);
  });
  return { title, x, y, isLogarithmic, names: lines.map(({ name }) => name), columns: [places, ...columns] };
}

/** Bars of at most twice the reference, so that one quick row does not make all others small. */
function ratioBars(rows: readonly Row[]): string {
  const bars = rows.flatMap(({ name, ratio, aims, met }) => {
    if (ratio === undefined) return [];
    const aim = aims.find(({ of }) => of === 'ratio');
    const bound = aim?.atLeast ?? aim?.atMost;
    const most = Math.max(2, bound ?? 0);
    const share = (value: number): string => `${((Math.min(value, most) / most) * 100).toFixed(1)}%`;
    const mark = bound === undefined ? '' : `<i style="left:${share(bound)}"></i>`;
    const state = met === undefined ? '' : met ? ' class="met"' : ' class="missed"';
    return [
      `<div${state}><span>${escaped(name)}</span><b><u style="width:${share(ratio)}"></u>${mark}</b>` +
        `<span>${figureText(ratio)} ×</span></div>`,
    ];
  });
  return `<div class="bars">${bars.join('\n')}</div>`;
}

function figureTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const met = row.met === undefined ? '' : row.met ? 'yes' : 'no';
    const figures = [
      figureText(row.value),
      escaped(row.unit),
      `±${(row.spread * 100).toFixed(0)} %`,
      row.reference === undefined ? '' : figureText(row.reference.value),
      row.ratio === undefined ? '' : figureText(row.ratio),
      aimText(row.aims),
      met,
    ];
    const notes = [row.question, row.reference?.name ?? '', ...row.notes].filter((note) => note !== '');
    return (
      `<tr><th>${escaped(row.name)}</th>${figures.map((figure) => `<td>${figure}</td>`).join('')}</tr>` +
      `<tr class="notes"><td colspan="8">${notes.map(escaped).join('<br>')}</td></tr>`
    );
  });
  const headings = ['benchmark', 'median', 'unit', 'spread', 'reference', 'ratio', 'aim', 'met'];
  const head = headings.map((heading) => `<th>${heading}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${cells.join('\n')}</tbody></table></div>`;
}

function library(path: string): string {
  return readFileSync(require.resolve(path), 'utf8');
}

/** Parts of the page stand beside the source of this file. */
function own(name: string): string {
  return readFileSync(fileURLToPath(new URL(`./${name}`, import.meta.url)), 'utf8');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
