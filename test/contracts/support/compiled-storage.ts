/**
 * The adapters as JavaScript, for tests that start processes and threads: those load no TypeScript. It is
 * compiled anew for each test file, so that the tests need no build and never run an old one.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../support/project.ts';

export interface CompiledStorage extends Disposable {
  /** The file of a module, such as `storage/log/segment-log.js`. */
  module(path: string): string;
}

export function compileStorage(): CompiledStorage {
  // Below node_modules, where the compiled code finds its libraries.
  const cache = join(PROJECT_ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'storage-'));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  const settings = {
    extends: join(PROJECT_ROOT, 'tsconfig.json'),
    compilerOptions: {
      noCheck: true,
      incremental: false,
      tsBuildInfoFile: null,
      rootDir: PROJECT_ROOT,
      outDir: directory,
      typeRoots: [join(PROJECT_ROOT, 'node_modules/@types')],
    },
    include: ['storage', 'model', 'limits.ts'].map((path) => join(PROJECT_ROOT, path)),
    exclude: ['**/*.test.ts'],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings));
  execFileSync(process.execPath, [join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc'), '-p', directory]);
  return {
    module: (path) => join(directory, path),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
