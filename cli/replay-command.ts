/** `turnpike replay` on the command line: its options and their help. */
import { type Command, Option } from 'commander';
import { examples } from './examples.ts';
import * as read from './options.ts';
import type { ReplayOptions } from './replay.ts';
import {
  batchOption,
  collectorOption,
  concurrencyOption,
  rateOption,
  retryOption,
} from './shared-options.ts';

/**
 * Options of `replay` as the command line has them: progress is shown as the terminal allows, and the
 * settings tell the address that it does not.
 */
export type ReplayFlags = Omit<ReplayOptions, 'progress' | 'collector'> & {
  readonly progress: boolean;
  readonly collector: string | undefined;
};

/** Adds `replay` to the program; `run` does it. */
export function addReplay(program: Command, run: (flags: ReplayFlags) => Promise<void>): void {
  program
    .command('replay <file>')
    .description('send the events of a file to a running collector')
    .helpOption('-h, --help', 'print this help')
    .addOption(
      new Option(
        '--format <format>',
        'ndjson or csv with a header (default: csv for .csv and .tsv, else ndjson)',
      ).choices(['ndjson', 'csv']),
    )
    .addOption(
      new Option('--delimiter <character>', 'what separates the cells of CSV; "tab" for a tab')
        .argParser(read.delimiter)
        .default(','),
    )
    .addOption(
      new Option('--map <field=column,…>', 'columns under other names than the fields of an event')
        .argParser(read.pairs)
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option('--default <field=value>', 'value of a field that a row does not have; may be repeated')
        .argParser(read.pair)
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option(
        '--source <name>',
        'name of the source, for the ids of rows without one (default: the file’s name)',
      ),
    )
    .addOption(rateOption())
    .addOption(batchOption())
    .addOption(collectorOption())
    .addOption(concurrencyOption(8))
    .addOption(retryOption())
    .addOption(
      new Option('--from-line <n>', 'go on with this line of the file')
        .argParser(read.wholeNumber(1, Number.MAX_SAFE_INTEGER))
        .default(1),
    )
    .option('--progress', 'show progress also where there is no terminal')
    .addHelpText('after', `\n${REPLAY_NOTES}\n${examples(REPLAY_EXAMPLES)}`)
    .action(async (file: string, flags: ReplayCommandFlags) => {
      const { map, default: defaults, retryFor, ...options } = flags;
      const unset = {
        format: undefined,
        source: undefined,
        rate: undefined,
        collector: undefined,
        progress: false,
      };
      await run({ ...unset, ...options, file, columns: map, defaults, retryForMs: retryFor });
    });
}

type ReplayCommandFlags = Omit<ReplayFlags, 'file' | 'columns' | 'defaults' | 'retryForMs'> & {
  readonly map: ReplayOptions['columns'];
  readonly default: ReplayOptions['defaults'];
  readonly retryFor: number;
};

const REPLAY_NOTES = `A row without event_id (or messageId, id) gets one that follows from the source's name, its line and
its text, so that sending a file again soon counts it once. Rows that are refused are written to
FILE.rejected.ndjson, each with its line and the reason. Ctrl-C stops after the requests under way and
tells the line to go on with.
`;

const REPLAY_EXAMPLES = [
  'turnpike replay events.ndjson',
  'turnpike replay clicks.csv --map campaign_id=Campaign,event_id=Id --default type=click',
  'turnpike replay sales.tsv --format csv --delimiter tab --default type=conversion --rate 2000/s',
];
