/** The command's options. */
import { Command, InvalidArgumentError } from 'commander';

export interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  /** Names of benchmarks; empty: all. */
  readonly only: readonly string[];
  readonly html: string | undefined;
  /** Repetitions, and those of what takes long. */
  readonly runs: number;
  readonly longRuns: number;
  readonly profile: string | undefined;
}

interface Given {
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly only?: readonly string[];
  readonly html?: string;
  readonly runs?: number;
  readonly profile?: string;
}

/** Repetitions where none are said. */
const RUNS = { quick: 3, full: 7 };
const LONG_RUNS = { quick: 2, full: 5 };

/** @throws CommanderError, which `Command` prints, for what cannot be understood */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const command = new Command('bench')
    .description(
      'Measures Turnpike against references in the same run, and checks that everything sent was counted. ' +
        'A wrong count fails; a missed aim does not.',
    )
    .option('--quick', 'a short run: under three minutes, without the largest sizes')
    .option('--json', 'the last line is one JSON object')
    .option('--only <names>', `some benchmarks only, separated by commas: ${names.join(', ')}`, split)
    .option('--html <file>', 'write a page with charts')
    .option(
      '--runs <n>',
      'repetitions of each measurement (if quick 3, and 2 of what takes long; else 7 and 5)',
      wholeNumber,
    )
    .option('--profile <folder>', 'let servers leave CPU profiles there; figures are lower then');
  command.exitOverride();
  command.parse(args, { from: 'user' });
  const { quick = false, json = false, only = [], html, runs, profile } = command.opts<Given>();
  const size = quick ? 'quick' : 'full';
  return {
    ...{ quick, json, only, html, profile },
    runs: runs ?? RUNS[size],
    longRuns: runs ?? LONG_RUNS[size],
  };
}

function split(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new InvalidArgumentError('it is a whole number from 1 to 1,000');
  return value;
}
