#!/usr/bin/env node
/**
 * The test command: `npm test [-- options and paths for Vitest]`.
 *
 * Does its own set-up (packages, build, programs that tests run), then lints, checks the types and runs
 * the tests, and ends with one plain line, `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Programs that tests run, and the Debian packages that bring them. */
const PROGRAMS = [
  { name: 'curl', packageName: 'curl' },
  { name: 'chromium', packageName: 'chromium' },
  { name: 'nats-server', packageName: 'nats-server' },
  { name: 'redis-server', packageName: 'redis-server' },
];

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

function step(title) {
  process.stdout.write(`\n── ${title}\n`);
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function isInstalled(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Installs what is missing where this is Debian and we may, and says exactly what to do where not. */
function preparePrograms() {
  const missing = PROGRAMS.filter(({ name }) => !isInstalled(name)).map(({ packageName }) => packageName);
  if (missing.length === 0) return;
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    stop(
      `The tests run programs that are not here: ${missing.join(', ')}.\n` +
        `On Debian or Ubuntu: sudo apt-get update && sudo apt-get ${install.join(' ')}`,
    );
  }
  step(`Installing ${missing.join(', ')}`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  if (run('apt-get', ['update'], options) !== 0 || run('apt-get', install, options) !== 0) {
    stop(`Could not install ${missing.join(', ')}: see above.`);
  }
}

/** Runs Vitest; what it counted comes from its JSON report, so that nothing is read from coloured text. */
function runTests(options) {
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-report-'));
  const file = join(folder, 'report.json');
  try {
    const status = run(process.execPath, [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...options,
    ]);
    return { status, ...count(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(report) {
  if (report === undefined) return { passed: 0, failed: 1 };
  // A file that could not even be loaded failed without a single test of its own.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}

function main(options) {
  step('Packages and build');
  // Without the packages for development nothing can be tested, however new the build is.
  const ifNeeded = existsSync(join(ROOT, 'node_modules', 'vitest'));
  if (!build({ ifNeeded })) stop('The build failed: see above.');
  preparePrograms();

  const failures = [];
  step('Lint');
  if (run('node_modules/.bin/biome', ['check', '--error-on-warnings', '.']) !== 0) failures.push('lint');
  step('Types');
  if (run('node_modules/.bin/tsc', ['--noEmit', '-p', 'tsconfig.json']) !== 0) failures.push('types');
  step('Tests');
  const tests = runTests(options);
  if (tests.status !== 0 && tests.failed === 0) failures.push('the test run itself');
  if (tests.passed + tests.failed === 0) failures.push('no test ran');

  if (failures.length > 0) process.stdout.write(`\nFailed besides tests: ${failures.join(', ')}\n`);
  process.stdout.write(`\n${tests.passed} passed, ${tests.failed + failures.length} failed\n`);
  process.exitCode = tests.failed + failures.length === 0 ? 0 : 1;
}

main(process.argv.slice(2));
