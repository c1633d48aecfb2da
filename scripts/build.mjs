#!/usr/bin/env node
/**
 * Builds `dist/` from the sources, with all set-up that needs: packages, generated code, compilation.
 *
 * `--if-needed` does nothing while no input has changed since the last build, and installs packages only
 * where they are missing or other than the lock file says. `--quiet` prints problems only.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './alone.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OUTPUT = join(ROOT, 'dist');
const ENTRY = join(OUTPUT, 'main.js');
const STAMP = join(OUTPUT, '.sources');
const LOCK = join(ROOT, '.build.lock');
const PACKAGES = join(ROOT, 'node_modules');
/** Folders whose `.ts` and `.proto` files are compiled. What is generated follows from the rest. */
const FOLDERS = ['actors', 'cli', 'ingest', 'management', 'model', 'proto/turnpike', 'storage'];
const FILES = [
  'buf.gen.yaml',
  'buf.yaml',
  'package-lock.json',
  'scripts/alone.mjs',
  'scripts/build.mjs',
  'scripts/generate-proto.mjs',
  'tsconfig.build.json',
  'tsconfig.json',
];

/** Something that the user has to see to; printed without a stack. */
class BuildError extends Error {}

function inputs() {
  const paths = [...FILES, ...readdirSync(ROOT).filter((name) => name.endsWith('.ts'))];
  for (const folder of FOLDERS) {
    if (!existsSync(join(ROOT, folder))) continue;
    for (const name of readdirSync(join(ROOT, folder), { recursive: true })) {
      if (/\.(ts|proto)$/.test(name)) paths.push(`${folder}/${name}`);
    }
  }
  return paths.filter((path) => !path.endsWith('.test.ts') && existsSync(join(ROOT, path))).sort();
}

/** A digest of all that the output is made from. */
function digest() {
  const hash = createHash('sha256');
  for (const path of inputs())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(ROOT, path)))
      .update('\0');
  return hash.digest('hex');
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Whether every package of the lock file is installed in its version; `all`: also those for development. */
function packagesAreCurrent(all) {
  // npm keeps its own account of what it has installed.
  const account = join(PACKAGES, '.package-lock.json');
  if (!existsSync(account)) return false;
  const installed = readJson(account).packages;
  const wanted = Object.entries(readJson(join(ROOT, 'package-lock.json')).packages);
  return wanted.every(([path, { version, optional, dev, devOptional }]) => {
    if (path === '') return true;
    // npm leaves out optional packages for other platforms.
    if (installed[path] === undefined) return optional || (!all && (dev || devOptional));
    return installed[path].version === version;
  });
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function run(title, command, args, failure) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  if (error) throw new BuildError(`${title}: ${error.message}`);
  if (status === 0) return;
  const output = `${stdout}${stderr}`.trim() || `ended by ${signal ?? `exit code ${status}`}`;
  throw new BuildError(`${output}\n${failure}`);
}

function compile(say) {
  if (!packagesAreCurrent(true)) {
    // npm would empty the folder that it leads to, which somebody else works with.
    if (isLink(PACKAGES))
      throw new BuildError('node_modules is a link, and its packages are not current: install them there.');
    say('Installing packages (npm ci); the first time this takes a minute or two …');
    run(
      'npm ci',
      'npm',
      ['ci', '--include=dev', '--no-audit', '--no-fund'],
      'Could not install the packages: see above.',
    );
  }
  if (existsSync(join(ROOT, 'scripts', 'generate-proto.mjs'))) {
    run(
      'protobuf',
      process.execPath,
      ['scripts/generate-proto.mjs'],
      'Could not generate the protobuf code.',
    );
  }
  // Taken before the compilation: what changes meanwhile makes the next build necessary.
  const stamp = digest();
  say('Building …');
  rmSync(STAMP, { force: true });
  removeStaleOutput();
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
  run('tsc', process.execPath, [tsc, '-p', 'tsconfig.build.json', '--pretty', 'false'], 'The build failed.');
  if (!existsSync(ENTRY)) throw new BuildError('The build made no dist/main.js.');
  chmodSync(ENTRY, 0o755);
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(STAMP, stamp);
}

/** Removes compiled files whose source is gone: they would still be importable. */
function removeStaleOutput() {
  if (!existsSync(OUTPUT)) return;
  for (const name of readdirSync(OUTPUT, { recursive: true })) {
    const source = name.replace(/\.js(\.map)?$/, '.ts');
    if (source !== name && !existsSync(join(ROOT, source))) rmSync(join(OUTPUT, name), { force: true });
  }
}

function isCurrent() {
  if (!existsSync(ENTRY) || !existsSync(STAMP) || !packagesAreCurrent(false)) return false;
  return readFileSync(STAMP, 'utf8') === digest();
}

/**
 * Builds.
 *
 * @returns whether it could; if not, the reason has been printed on the standard error
 */
export function build({ ifNeeded = false, quiet = false } = {}) {
  const say = (line) => {
    if (!quiet) process.stderr.write(`${line}\n`);
  };
  try {
    if (ifNeeded && isCurrent()) return true;
    // Several may be started at once in a new clone: one builds, the others wait for it.
    alone(
      LOCK,
      () => say('Another build is under way; waiting for it …'),
      () => {
        if (!ifNeeded || !isCurrent()) compile(say);
      },
    );
    return true;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = process.argv.slice(2);
  const unknown = options.find((option) => option !== '--if-needed' && option !== '--quiet');
  if (unknown !== undefined) {
    process.stderr.write(`build.mjs: unknown option ${unknown}; there are --if-needed and --quiet\n`);
    process.exitCode = 2;
  } else if (!build({ ifNeeded: options.includes('--if-needed'), quiet: options.includes('--quiet') })) {
    process.exitCode = 1;
  }
}
