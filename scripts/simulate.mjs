#!/usr/bin/env node
/**
 * Runs the simulation: `npm run simulate -- [--seed N] [--seeds N] [--minutes M] [--json] [--trace]`.
 *
 * It is compiled apart from the product, which never contains it, and with small limits in the place of
 * those of `limits.ts`, so that a short story comes to every bound.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Below `node_modules`, so that what is compiled finds its packages. */
const CACHE = join(ROOT, 'node_modules', '.cache');

const SMALL_LIMITS = `import { limits as full } from './full-limits.js';
import { SMALL_LIMITS } from './test/simulation/small-limits.js';
export const limits = Object.freeze({ ...full, ...SMALL_LIMITS });
`;

/**
 * Compiles the simulation into a folder of its own.
 *
 * @returns the folder, to be removed by the caller, and the program in it
 * @throws Error with the compiler's messages
 */
export function compileSimulation() {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'simulation-'));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.simulation.json', '--outDir', folder, '--pretty', 'false'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`the simulation could not be compiled:\n${stdout}${stderr}`);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  renameSync(join(folder, 'limits.js'), join(folder, 'full-limits.js'));
  writeFileSync(join(folder, 'limits.js'), SMALL_LIMITS);
  return { folder, program: join(folder, 'test', 'simulation', 'main.js') };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { folder, program } = compileSimulation();
  try {
    await import(program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
