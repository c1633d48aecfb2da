/** Compiles a program that works on the built product and is no part of it, such as the chaos and the benchmarks. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Below `node_modules`, so that what is compiled finds its packages. */
const CACHE = join(ROOT, 'node_modules', '.cache');
/** What the compiled programs expect to find beside them. */
const LINKED = ['dist', join('test', 'contracts', 'fixtures')];

/** @returns a new folder, to be removed by the caller */
export function newFolder(name) {
  mkdirSync(CACHE, { recursive: true });
  return mkdtempSync(join(CACHE, `${name}-`));
}

/**
 * Compiles a project into a folder.
 *
 * @param project its `tsconfig` file
 * @param also files, by their paths in the project, that are linked beside it too
 * @returns whether it could be compiled; if not, the compiler has said why
 */
export function compileInto(folder, project, also = []) {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(
    process.execPath,
    [tsc, '-p', project, '--outDir', folder, '--pretty', 'false'],
    { cwd: ROOT, stdio: ['ignore', 2, 2] },
  );
  if (status !== 0) return false;
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const path of [...LINKED, ...also]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(folder, path));
  }
  return true;
}
