import { describe, expect, it } from 'vitest';
import type { Machine } from '../machine.ts';
import { rowOf } from '../row.ts';
import { reportHtml } from './html.ts';
import { reportJson } from './json.ts';
import { reportTable } from './table.ts';

const MACHINE: Machine = {
  date: '2026-11-22T12:00:00.000Z',
  processor: 'Some <processor>',
  cores: 2,
  memoryGiB: 24,
  system: 'Linux 6 x64',
  load: 0.1,
  versions: { node: '20.20.2', turnpike: 'abc1234' },
  settings: { quick: true, runs: 3 },
};

const ROWS = [
  rowOf({
    name: 'single-pixel-embedded',
    question: 'How near?',
    unit: 'events/s',
    samples: [50_000, 52_000, 51_000],
    reference: { name: 'empty route', samples: [60_000, 60_000, 60_000] },
    aims: [{ of: 'ratio', atLeast: 0.8 }],
    notes: ['p99 3 ms'],
  }),
  rowOf({
    name: 'growth',
    question: 'Does it grow?',
    unit: 'KiB',
    samples: [1.5],
    series: {
      title: 'Memory </script>',
      x: 'campaigns',
      y: 'KiB',
      isLogarithmic: true,
      lines: [
        {
          name: 'idle',
          points: [
            [10, 1],
            [1_000, 1.5],
          ],
        },
      ],
    },
  }),
];

describe('the report', () => {
  it('as JSON is one line, with the shape that programs rely on', () => {
    const text = reportJson(MACHINE, ROWS);
    expect(text).not.toContain('\n');
    expect(JSON.parse(text)).toEqual({
      machine: MACHINE,
      rows: [
        {
          name: 'single-pixel-embedded',
          value: 51_000,
          unit: 'events/s',
          reference: 60_000,
          ratio: 0.85,
          aim: 'ratio ≥ 0.8',
          met: true,
        },
        {
          name: 'growth',
          value: 1.5,
          unit: 'KiB',
          reference: null,
          ratio: null,
          aim: null,
          met: null,
        },
      ],
    });
  });

  it('as a table has a line for each row, the machine before and what was compared after', () => {
    const text = reportTable(MACHINE, ROWS);
    expect(text).toMatch(/^2026-11-22T12:00:00.000Z, Some <processor>, 2 cores/);
    expect(text).toMatch(/single-pixel-embedded +51,000 +events\/s +2 % +60,000 +0\.85 +ratio ≥ 0\.8 +yes/);
    expect(text).toMatch(/growth +1\.5 +KiB/);
    expect(text).toContain('single-pixel-embedded: empty route');
    expect(text).toContain('single-pixel-embedded: p99 3 ms');
  });

  it('as a page has everything in it, and asks nothing of anybody', () => {
    const page = reportHtml(MACHINE, ROWS);
    expect(page).toContain('uPlot');
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain('Some &lt;processor>');
    expect(page).not.toMatch(/\b(src|href)=/);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });
});
