/** Builds the product once before the tests that run it, if anything has changed. */
import { spawnSync } from 'node:child_process';
import { PROJECT_ROOT } from './project.ts';

export default function setup(): void {
  const build = spawnSync(process.execPath, ['scripts/build.mjs', '--if-needed', '--quiet'], {
    cwd: PROJECT_ROOT,
    stdio: 'inherit',
  });
  if (build.status !== 0) throw new Error('the build failed: see above');
}
