#!/usr/bin/env node
/**
 * Runs the benchmarks: `npm run bench -- [--quick] [--json] [--only <names>] [--html <file>] …`, see `--help`.
 *
 * The product is built as for its users. What measures it is compiled apart from it, into a folder of its own
 * that is gone afterwards, and so is everything that servers under measurement leave behind.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Below `node_modules`, so that what is compiled finds its packages. */
const CACHE = join(ROOT, 'node_modules', '.cache');
/** What the compiled programs expect to find beside them. */
const LINKED = ['dist', join('test', 'contracts', 'fixtures')];
const COPIED = [join('bench', 'report', 'page.css'), join('bench', 'report', 'page.js')];

/** @returns the program in `folder`, or `undefined`: the compiler has said why */
function compile(folder) {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.bench.json', '--outDir', folder, '--pretty', 'false'],
    { cwd: ROOT, stdio: ['ignore', 2, 2] },
  );
  if (status !== 0) return undefined;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const path of LINKED) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
  for (const path of COPIED) copyFileSync(join(ROOT, path), join(folder, path));
  return join(folder, 'bench', 'main.js');
}

const needsDist = !process.argv.includes('--help');
mkdirSync(CACHE, { recursive: true });
const folder = mkdtempSync(join(CACHE, 'bench-'));
// Everything that this process and its children put into temporary folders goes in here.
const temporary = mkdtempSync(join(tmpdir(), 'turnpike-bench-'));
process.env.TMPDIR = temporary;
const program = !needsDist || build({ ifNeeded: true }) ? compile(folder) : undefined;
const bench = program === undefined ? undefined : await import(program);
// After those that the program has set: they end its processes, which still write.
process.on('exit', () => {
  for (const path of [folder, temporary])
    rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});
if (bench === undefined) process.exitCode = 2;
else await bench.main();
