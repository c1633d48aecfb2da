#!/usr/bin/env node
/** The program: `turnpike start|demo|replay|migrate|verify`. */
import { ACTIONS } from './cli/actions.ts';
import { ExitCode, JobError, UsageError } from './cli/exit.ts';
import { runProgram } from './cli/program.ts';
import { TurnpikeError } from './model/errors.ts';
import { ConfigError } from './settings.ts';

/** Tells what went wrong: in one line what a user can mend, with its stack what is a bug. */
function tell(error: unknown): ExitCode {
  if (error instanceof UsageError || error instanceof ConfigError) {
    process.stderr.write(`turnpike: ${error.message}\n`);
    return ExitCode.usage;
  }
  if (error instanceof JobError || error instanceof TurnpikeError) {
    process.stderr.write(`turnpike: ${error.message}\n`);
    return ExitCode.failure;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return ExitCode.failure;
}

const exitCode = await runProgram(process.argv.slice(2), ACTIONS, {
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
}).catch(tell);
// A server that has been started goes on, and decides itself how it ends; one that could not be started may
// have left threads and files open.
if (exitCode !== ExitCode.ok) process.exit(exitCode);
