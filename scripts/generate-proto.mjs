#!/usr/bin/env node
/**
 * Generates `proto/generated/` from `proto/turnpike/`: messages, client and server stubs as TypeScript, and
 * the descriptor set that gRPC reflection serves, as a file for tools and as a module for the program.
 *
 * Needs nothing but the installed packages, no network. Does nothing while neither the definitions nor the
 * tools have changed; `--force` generates anyway.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUTPUT = join('proto', 'generated');
const STAMP = join(OUTPUT, '.sources');
const SOURCES = join('proto', 'turnpike');
/** google.rpc, in which error details travel. */
const RPC = join('node_modules', 'google-proto-files', 'google', 'rpc');
const INPUTS = [SOURCES, join(RPC, 'status.proto'), join(RPC, 'error_details.proto')];
/** What reflection describes besides: the health service, whose package brings its code. */
const HEALTH = join('node_modules', 'grpc-health-check', 'proto', 'health');
const TOOLS = ['@bufbuild/buf', 'ts-proto', 'google-proto-files', 'grpc-health-check'];

class Failure extends Error {}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.proto'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function versionOf(tool) {
  const manifest = join('node_modules', ...tool.split('/'), 'package.json');
  if (!existsSync(manifest)) throw new Failure(`The package ${tool} is missing. Install all with: npm ci`);
  return `${tool}@${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
}

/** A digest of everything that the output depends on. */
function digest() {
  const hash = createHash('sha256');
  for (const tool of TOOLS) hash.update(`${versionOf(tool)}\0`);
  const files = ['buf.yaml', 'buf.gen.yaml', join('scripts', 'generate-proto.mjs'), ...filesBelow(SOURCES)];
  for (const file of files) {
    hash
      .update(`${file.split(sep).join('/')}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function buf(inputs, ...args) {
  const command = join('node_modules', '@bufbuild', 'buf', 'bin', 'buf');
  const paths = inputs.flatMap((path) => ['--path', path]);
  const { status, error, stderr, stdout } = spawnSync(process.execPath, [command, ...args, ...paths], {
    encoding: 'utf8',
  });
  if (error) throw new Failure(`Could not run buf: ${error.message}`);
  if (status !== 0) throw new Failure(`buf ${args[0]} failed:\n${stderr}${stdout}`.trimEnd());
}

function descriptorModule(bytes) {
  const lines = bytes.toString('base64').match(/.{1,100}/g) ?? [];
  return [
    '// Generated from proto/turnpike. DO NOT EDIT.',
    '',
    '/** The definitions with all they import, as a serialised google.protobuf.FileDescriptorSet. */',
    'export const descriptorSet: Buffer = Buffer.from(',
    lines.map((line) => `  '${line}'`).join(' +\n'),
    "  , 'base64',",
    ');',
    '',
  ].join('\n');
}

function generate(stamp) {
  // Made aside and then moved, so that nobody ever sees half of it.
  mkdirSync(join('node_modules', '.cache'), { recursive: true });
  const folder = mkdtempSync(join('node_modules', '.cache', 'turnpike-proto-'));
  try {
    const made = join(folder, 'made');
    const binary = join(made, 'turnpike.binpb');
    buf(INPUTS, 'generate', '--output', made);
    // With the comments: reflection tells them to strangers.
    buf([...INPUTS, HEALTH], 'build', '--as-file-descriptor-set', '--output', binary);
    writeFileSync(join(made, 'descriptor-set.ts'), descriptorModule(readFileSync(binary)));
    writeFileSync(join(made, '.sources'), stamp);
    replace(made, join(folder, 'old'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the new output in place of the old one. Another run may do so at the same time: the results are equal. */
function replace(made, old) {
  move(OUTPUT, old, ['ENOENT']);
  move(made, OUTPUT, ['ENOTEMPTY', 'EEXIST']);
}

function move(from, to, tolerated) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (tolerated.includes(error.code)) return;
    if (error.code !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true });
    rmSync(from, { recursive: true });
  }
}

function main(force) {
  process.chdir(ROOT);
  const stamp = digest();
  if (!force && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  generate(stamp);
  process.stdout.write(`generated ${OUTPUT}\n`);
}

try {
  main(process.argv.includes('--force'));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
