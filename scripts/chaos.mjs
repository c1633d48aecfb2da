#!/usr/bin/env node
/**
 * Runs the system under chaos: `npm run chaos -- [--minutes N] [--seed S] [--json] …`, see `--help`.
 *
 * The product is built as for its users. What spoils and judges it is compiled apart from it, into a folder
 * of its own that is gone afterwards.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Below `node_modules`, so that what is compiled finds its packages. */
const CACHE = join(ROOT, 'node_modules', '.cache');
/** What the compiled program expects to find beside it. */
const LINKED = ['dist', join('test', 'contracts', 'fixtures')];

/** @returns the program in `folder`, or `undefined`: the compiler has said why */
function compile(folder) {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.chaos.json', '--outDir', folder, '--pretty', 'false'],
    { cwd: ROOT, stdio: ['ignore', 2, 2] },
  );
  if (status !== 0) return undefined;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const path of LINKED) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
  return join(folder, 'test', 'chaos', 'main.js');
}

mkdirSync(CACHE, { recursive: true });
const folder = mkdtempSync(join(CACHE, 'chaos-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const program = build({ ifNeeded: true }) ? compile(folder) : undefined;
if (program === undefined) process.exitCode = 2;
else await import(program);
