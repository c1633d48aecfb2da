/** The command: `chaos [--minutes N | --seconds N] [--seed S] [--json] [--faults-per-minute F] …`. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { isGood, reportJson, reportText } from './report.ts';
import { USUAL_TOPOLOGY } from './system/topology.ts';

const HELP = `Runs the distributed system on this machine, under load, with faults at random: processes and services
are killed, stopped and restarted, connections are cut, held up and slowed down. Afterwards an oracle compares
what clients were told with what was counted. Needs nats-server and redis-server.

  --minutes <n>            how long, or
  --seconds <n>            (default: 2 minutes)
  --seed <n>               seed of the faults and of the traffic (default: at random)
  --faults-per-minute <n>  (default: 9)
  --events-per-second <n>  (default: 300)
  --json                   the last line is one JSON object
  --keep                   keep data and logs; they are kept anyway if something is found
  --help                   print this help

The exit code is 0 only if nothing was lost, doubled or overspent, and nothing else was found.
`;

interface Options {
  readonly durationMs: number;
  readonly seed: number;
  readonly faultsPerMinute: number;
  readonly eventsPerSecond: number;
  readonly json: boolean;
  readonly keep: boolean;
}

/** @throws TypeError for what cannot be understood */
function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      'faults-per-minute': { type: 'string' },
      'events-per-second': { type: 'string' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'minutes' | 'seconds' | 'seed' | 'faults-per-minute' | 'events-per-second') => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0 || text.trim() === '')
      throw new TypeError(`--${name} ${text} is not a number`);
    return value;
  };
  const minutes = number('minutes');
  const seconds = number('seconds');
  if (minutes !== undefined && seconds !== undefined)
    throw new TypeError('there is --minutes or --seconds, not both');
  const durationMs = (seconds ?? (minutes ?? 2) * 60) * 1_000;
  if (durationMs < 1_000) throw new TypeError('a run takes a second at least');
  const seed = number('seed') ?? randomInt(1_000_000);
  if (!Number.isSafeInteger(seed)) throw new TypeError(`--seed ${values.seed} is not a whole number`);
  return {
    durationMs,
    seed,
    faultsPerMinute: number('faults-per-minute') ?? 9,
    eventsPerSecond: Math.max(1, number('events-per-second') ?? 300),
    json: values.json,
    keep: values.keep,
  };
}

async function main(options: Options): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    process.stderr.write('ending: what was sent so far is judged; once more to end at once\n');
    stop.abort();
    // All processes end with this one.
    process.once('SIGINT', () => process.exit(130));
  });
  process.once('SIGTERM', () => process.exit(143));
  process.stderr.write(`seed ${options.seed}\n`);
  const result = await runChaos({
    ...options,
    topology: USUAL_TOPOLOGY,
    signal: stop.signal,
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(reportText(result));
  if (options.json) process.stdout.write(`${reportJson(result)}\n`);
  process.exitCode = isGood(result) ? 0 : 1;
}

try {
  const options = readOptions();
  if (options === 'help') process.stdout.write(HELP);
  else await main(options);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`chaos: ${error.message}\n`);
  process.exitCode = 2;
}
