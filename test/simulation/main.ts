/**
 * The command: `simulate [--seed N] [--seeds N] [--minutes M] [--json] [--trace] [--mutant NAME] [--first]`.
 *
 * Without `--seeds` or `--minutes` it runs without end, or, where `--seed` names one, that seed alone.
 */
import { parseArgs } from 'node:util';
import { type Coverage, sumCoverage } from './coverage.ts';
import { MONEY_MUTANTS } from './money-mutants.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { type Outcome, simulate } from './simulation.ts';

const ALL_MUTANTS: Readonly<Record<string, Mutant>> = { ...MUTANTS, ...MONEY_MUTANTS };
const PROGRESS_MS = 2_000;
const SHOWN_VIOLATIONS = 10;

interface Options {
  readonly seed: number;
  readonly seeds: number;
  readonly minutes: number;
  readonly isJson: boolean;
  readonly isTraced: boolean;
  readonly mutant: Mutant;
  /** Stop at the first seed that fails. */
  readonly stopsAtFirst: boolean;
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
      first: { type: 'boolean', default: false },
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
  if (name !== undefined && !(name in ALL_MUTANTS))
    throw new TypeError(`--mutant ${name}: there are ${Object.keys(ALL_MUTANTS).join(', ')}`);
  const isEndless = values.seed === undefined || values.minutes !== undefined;
  return {
    seed: number('seed', 1),
    seeds: number('seeds', isEndless ? Number.POSITIVE_INFINITY : 1),
    minutes: number('minutes', Number.POSITIVE_INFINITY),
    isJson: values.json,
    isTraced: values.trace,
    mutant: (name !== undefined && ALL_MUTANTS[name]) || {},
    stopsAtFirst: values.first,
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

/** What the seeds so far have come to. */
class Tally {
  readonly #startedAt = Date.now();
  #toldAt = this.#startedAt;
  seeds = 0;
  violations = 0;
  firstFailing: number | null = null;
  covered: Coverage = {};

  get minutes(): number {
    return (Date.now() - this.#startedAt) / 60_000;
  }

  add({ seed, violations, covered }: Outcome): void {
    this.seeds++;
    this.covered = sumCoverage(this.covered, covered);
    this.violations += violations.length;
    if (violations.length > 0) this.firstFailing ??= seed;
  }

  /** Says how far it is, now and then; whether it did. */
  tell(): boolean {
    if (Date.now() - this.#toldAt < PROGRESS_MS) return false;
    this.#toldAt = Date.now();
    const rate = Math.round(this.seeds / (60 * this.minutes));
    console.error(`${this.seeds} seeds, ${this.violations} violations, ${rate} seeds/s`);
    return true;
  }

  end(isJson: boolean): void {
    const { seeds, violations, firstFailing, covered } = this;
    const told = Object.entries(covered).map(([name, count]) => `${count} ${name}`);
    if (told.length > 0) console.log(`covered: ${told.join(', ')}`);
    if (isJson) console.log(JSON.stringify({ seeds, violations, first_failing_seed: firstFailing }));
    else console.log(`${seeds} seeds, ${violations} violations`);
  }
}

async function main(options: Options): Promise<void> {
  const tally = new Tally();
  let seed = options.seed;
  let isStopped = false;
  process.once('SIGINT', () => {
    isStopped = true;
  });
  process.on('unhandledRejection', (error) => {
    console.error(`seed ${seed}: nobody handled`, error);
    process.exit(1);
  });
  for (; tally.seeds < options.seeds && tally.minutes < options.minutes && !isStopped; seed++) {
    const outcome = await simulate(seed, options);
    tally.add(outcome);
    report(outcome, options);
    if (options.stopsAtFirst && tally.violations > 0) break;
    // A world runs without ever letting the system's own events in, such as signals.
    if (tally.tell()) await new Promise(setImmediate);
  }
  tally.end(options.isJson);
  process.exitCode = tally.violations === 0 ? 0 : 1;
}

try {
  await main(readOptions());
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`simulate: ${error.message}`);
  process.exitCode = 2;
}
