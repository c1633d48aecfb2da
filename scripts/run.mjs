#!/usr/bin/env node
/**
 * Runs the command line from a checkout: builds if needed, then does what `turnpike …` does.
 *
 * In this same process, so that a signal sent to `npm start` reaches the server itself and not a shell or
 * a build script in between.
 */
import { build } from './build.mjs';

if (build({ ifNeeded: true, quiet: process.argv[2] !== 'start' })) {
  await import('../dist/main.js');
} else {
  process.exitCode = 1;
}
