#!/usr/bin/env node
/**
 * Runs the benchmarks: `npm run bench -- [--quick] [--json] [--only <names>] [--html <file>] …`, see `--help`.
 *
 * The product is built as for its users. What measures it is compiled apart from it, into a folder of its own
 * that is gone afterwards, and so is everything that servers under measurement leave behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { compileInto, newFolder } from './compile-apart.mjs';

/** What the report reads. */
const PAGE = [join('bench', 'report', 'page.css'), join('bench', 'report', 'page.js')];

const needsDist = !process.argv.includes('--help');
const folder = newFolder('bench');
// Everything that this process and its children put into temporary folders goes in here.
const temporary = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
process.env.TMPDIR = temporary;
const isReady = (!needsDist || build({ ifNeeded: true })) && compileInto(folder, 'tsconfig.bench.json', PAGE);
const bench = isReady ? await import(join(folder, 'bench', 'main.js')) : undefined;
// After those that the program has set: they end its processes, which still write.
process.on('exit', () => {
  for (const path of [folder, temporary])
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});
if (bench === undefined) process.exitCode = 2;
else await bench.main();
