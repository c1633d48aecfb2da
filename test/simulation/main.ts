/** The command: `simulate [--seed N] [--seeds N] [--minutes M] [--json] [--trace] [--mutant NAME]`. */
import { parseArgs } from 'node:util';
import { MUTANTS, type Mutant } from './mutants.ts';
import { type Outcome, simulate } from './simulation.ts';

const PROGRESS_MS = 2_000;
const SHOWN_VIOLATIONS = 10;

interface Options {
  readonly seed: number;
  readonly seeds: number;
  readonly minutes: number;
  readonly isJson: boolean;
  readonly isTraced: boolean;
  readonly mutant: Mutant;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      minutes: { type: 'string' },
      json: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      mutant: { type: 'string' },
    },
  });
  const number = (name: 'seed' | 'seeds' | 'minutes', otherwise: number): number => {
    const text = values[name];
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0) throw new TypeError(`--${name} ${text} is not a number`);
    return value;
  };
  const { mutant: name } = values;
  if (name !== undefined && !(name in MUTANTS))
    throw new TypeError(`--mutant ${name}: there are ${Object.keys(MUTANTS).join(', ')}`);
  const isEndless = values.seed === undefined || values.minutes !== undefined;
  return {
    seed: number('seed', 1),
    seeds: number('seeds', isEndless ? Number.POSITIVE_INFINITY : 1),
    minutes: number('minutes', Number.POSITIVE_INFINITY),
    isJson: values.json,
    isTraced: values.trace,
    mutant: name === undefined ? {} : MUTANTS[name as keyof typeof MUTANTS],
  };
}

function report({ seed, violations, trace }: Outcome, { isTraced }: Options): void {
  for (const line of trace) console.log(line);
  if (violations.length === 0) return;
  console.log(`seed ${seed}: ${violations.length} violations`);
  for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`  ${violation}`);
  if (violations.length > SHOWN_VIOLATIONS)
    console.log(`  … and ${violations.length - SHOWN_VIOLATIONS} more`);
  if (!isTraced) console.log(`  its events: npm run simulate -- --seed ${seed} --trace`);
}

async function main(): Promise<void> {
  const options = readOptions();
  const startedAt = Date.now();
  let toldAt = startedAt;
  let seeds = 0;
  let violations = 0;
  let firstFailing: number | null = null;
  let isStopped = false;
  process.once('SIGINT', () => {
    isStopped = true;
  });
  for (let seed = options.seed; seeds < options.seeds && !isStopped; seed++) {
    if (Date.now() - startedAt > options.minutes * 60_000) break;
    const outcome = await simulate(seed, options);
    seeds++;
    violations += outcome.violations.length;
    if (outcome.violations.length > 0) firstFailing ??= seed;
    report(outcome, options);
    if (Date.now() - toldAt > PROGRESS_MS) {
      toldAt = Date.now();
      const rate = Math.round(seeds / ((toldAt - startedAt) / 1_000));
      console.log(`${seeds} seeds, ${violations} violations, ${rate} seeds/s`);
      // A world runs without ever letting the system's own events in.
      await new Promise(setImmediate);
    }
  }
  if (options.isJson) console.log(JSON.stringify({ seeds, violations, first_failing_seed: firstFailing }));
  else console.log(`${seeds} seeds, ${violations} violations`);
  process.exitCode = violations === 0 ? 0 : 1;
}

await main();
