/** The command: `bench [--quick] [--json] [--only <names>] [--html <file>] [--runs <n>] [--profile <folder>]`. */
import { realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommanderError } from 'commander';
import { PROJECT_ROOT } from '../test/support/project.ts';
import { LoadGenerator } from './load/generator.ts';
import { describeMachine, isInstalled } from './machine.ts';
import { type Options, readOptions } from './options.ts';
import { reportHtml } from './report/html.ts';
import { reportJson } from './report/json.ts';
import { reportTable } from './report/table.ts';
import { chosen, runSuite, SUITE } from './suite.ts';

/** Milliseconds of load in one repetition. */
const LOAD_MS = { quick: 600, full: 5_000 };
/** Milliseconds after which a run is given up: it is far longer than it should be. */
const AT_MOST_MS = { quick: 10 * 60_000, full: 3 * 3_600_000 };
const EXIT = { wrong: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

async function measure(options: Options, tell: (line: string) => void): Promise<void> {
  const size = options.quick ? 'quick' : 'full';
  const benchmarks = chosen(options.only);
  const hasWrk = isInstalled('wrk');
  const loadMs = LOAD_MS[size];
  const settings = { quick: options.quick, runs: options.runs, loadMs, wrk: hasWrk };
  // What is measured lies elsewhere than this program.
  const machine = describeMachine(settings, dirname(realpathSync(join(PROJECT_ROOT, 'dist'))));
  const patience = setTimeout(() => {
    tell(`it is not done after ${AT_MOST_MS[size] / 60_000} minutes, and ends`);
    process.exit(EXIT.wrong);
  }, AT_MOST_MS[size]);
  using generator = new LoadGenerator();
  const { rows, failures } = await runSuite(benchmarks, {
    isQuick: options.quick,
    runs: options.runs,
    longRuns: options.longRuns,
    loadMs,
    generator,
    hasWrk,
    profileFolder: options.profile === undefined ? undefined : resolve(options.profile),
    tell,
  });
  clearTimeout(patience);
  if (options.html !== undefined) {
    writeFileSync(options.html, reportHtml(machine, rows));
    tell(`wrote ${options.html}`);
  }
  process.stdout.write(`${reportTable(machine, rows)}\n`);
  for (const { name, error } of failures) process.stderr.write(`${name} failed: ${explain(error)}\n`);
  if (options.json) process.stdout.write(`${reportJson(machine, rows)}\n`);
  if (failures.length > 0) process.exitCode = EXIT.wrong;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  because: ${explain(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** Runs the command, and sets the process' exit code. */
export async function main(): Promise<void> {
  // All processes, and the folder that everything is in, go with this one.
  process.once('SIGINT', () => process.exit(EXIT.interrupted));
  process.once('SIGTERM', () => process.exit(EXIT.terminated));
  const names = SUITE.map(({ name }) => name);
  try {
    await measure(readOptions(process.argv.slice(2), names), (line) => process.stderr.write(`${line}\n`));
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
    else if (error instanceof RangeError) {
      process.stderr.write(`bench: ${error.message}\n`);
      process.exitCode = EXIT.usage;
    } else throw error;
  }
}
