#!/usr/bin/env node
/**
 * Runs the system under chaos: `npm run chaos -- [--minutes N] [--seed S] [--json] …`, see `--help`.
 *
 * The product is built as for its users. What spoils and judges it is compiled apart from it, into a folder
 * of its own that is gone afterwards.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { compileInto, newFolder } from './compile-apart.mjs';

const folder = newFolder('chaos');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
if (build({ ifNeeded: true }) && compileInto(folder, 'tsconfig.chaos.json'))
  await import(join(folder, 'test', 'chaos', 'main.js'));
else process.exitCode = 2;
