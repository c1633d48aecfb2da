/** `turnpike verify` on the command line: its options and their help. */
import { type Command, Option } from 'commander';
import { limits } from '../limits.ts';
import { examples } from './examples.ts';
import * as read from './options.ts';
import { settingsHelp } from './settings-text.ts';
import type { VerifyOptions } from './verify.ts';

interface Given {
  readonly partition: readonly number[];
  readonly json?: boolean;
  readonly gateway?: boolean;
}

/** Adds `verify` to the program; `run` does it. */
export function addVerify(program: Command, run: (options: VerifyOptions) => Promise<void>): void {
  program
    .command('verify')
    .description('replay the log and check that every row of the warehouse is what comes out')
    .helpOption('-h, --help', 'print this help')
    .addOption(
      new Option('--partition <n>', 'only this partition; may be repeated')
        .argParser(partitions)
        .default([], 'all'),
    )
    .option('--json', 'the report as one JSON object on the last line')
    .option('--gateway', 'also hold payouts against what Stripe has sent (the simulated gateway always is)')
    .addHelpText('after', `\n${NOTES}\n${settingsHelp()}\n${examples(EXAMPLES)}`)
    .action(async ({ partition, json = false, gateway = false }: Given) =>
      run({ partitions: partition, json, gateway }),
    );
}

const partitionNumber = read.wholeNumber(0, limits.partitions - 1);

function partitions(text: string, before: readonly number[]): readonly number[] {
  return [...before, partitionNumber(text)];
}

const NOTES = `Nothing is changed. A server that has its data folder to itself must be stopped first. Where the log is
whole, everything is replayed and compared to the last column; where its head was given up, the rows are
held against the events that are left, and the aggregates against the rows. The books of partners are held
against the balances of their accounts, and against what was earned, refunded and paid, but not with
--partition. The exit code is 0 only if nothing is missing, extra or different.
`;

const EXAMPLES = [
  'TURNPIKE_DATA_DIR=./data turnpike verify',
  'turnpike verify --partition 3 --partition 4 --json',
];
