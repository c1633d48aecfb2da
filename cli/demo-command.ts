/** `turnpike demo` on the command line: its options and their help. */
import { type Command, Option } from 'commander';
import type { DemoOptions } from './demo/demo.ts';
import { examples } from './examples.ts';
import * as read from './options.ts';
import {
  batchOption,
  collectorOption,
  concurrencyOption,
  rateOption,
  retryOption,
} from './shared-options.ts';

/** Options of `demo` as the command line has them; the settings tell the addresses that it does not. */
export type DemoFlags = Omit<DemoOptions, 'collector' | 'api'> & {
  readonly collector: string | undefined;
  readonly api: string | undefined;
};

/** Adds `demo` to the program; `run` does it. */
export function addDemo(program: Command, run: (flags: DemoFlags) => Promise<void>): void {
  program
    .command('demo')
    .description('send realistic traffic to a running system and compare what was sent with what it counted')
    .helpOption('-h, --help', 'print this help')
    .addOption(
      new Option('--events <n>', 'events to send, deliberate repeats included')
        .argParser(read.wholeNumber(1, 1_000_000_000))
        .default(200_000),
    )
    .addOption(
      new Option('--campaigns <n>', 'campaigns to create; popularity follows Zipf’s law')
        .argParser(read.wholeNumber(1, 10_000))
        .default(20),
    )
    .addOption(
      new Option('--seed <n>', 'seed of the traffic; the same seed gives the same events')
        .argParser(read.wholeNumber(0, Number.MAX_SAFE_INTEGER))
        .default(1),
    )
    .addOption(rateOption())
    .addOption(collectorOption())
    .addOption(
      new Option(
        '--api <url>',
        'address of the REST interface (default: as the settings say, http://127.0.0.1:8081)',
      ).argParser(read.httpOrigin),
    )
    .addOption(
      new Option('--duplicates <percent>', 'events that are sent twice on purpose')
        .argParser(read.percentage(50))
        .default(0.03, '3%'),
    )
    .addOption(
      new Option('--bots <percent>', 'requests with the agent of a robot')
        .argParser(read.percentage(100))
        .default(0.02, '2%'),
    )
    .addOption(batchOption())
    .addOption(
      new Option('--mix <shares>', 'events that are sent one by one; the rest goes in batches')
        .argParser(read.channelShares)
        .default({ single: 0.005, pixel: 0.005, redirect: 0.005 }, 'pixel=0.5%,redirect=0.5%,single=0.5%'),
    )
    .addOption(
      new Option(
        '--tight-budget <clicks>',
        'one more campaign, whose budget has room for exactly so many clicks',
      ).argParser(read.wholeNumber(1, 10_000_000)),
    )
    .addOption(concurrencyOption(32))
    .addOption(retryOption())
    .option('--json', 'no progress, and the report as one JSON object on the last line')
    .addHelpText(
      'after',
      `\n${examples([
        'turnpike demo --events 200000',
        'turnpike demo --events 1000000 --campaigns 100 --rate 20000/s --seed 7',
        'turnpike demo --events 50000 --tight-budget 1000 --duplicates 10% --json',
      ])}`,
    )
    .action(async (flags: CommandFlags) => {
      const { mix, retryFor, ...options } = flags;
      const unset = {
        rate: undefined,
        tightBudget: undefined,
        collector: undefined,
        api: undefined,
        json: false,
      };
      await run({ ...unset, ...options, shares: mix, retryForMs: retryFor });
    });
}

type CommandFlags = Omit<DemoOptions, 'shares' | 'retryForMs'> & {
  readonly mix: DemoOptions['shares'];
  readonly retryFor: number;
};
