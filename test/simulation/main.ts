/** The command: `simulate [--seed N] [--seeds N] [--minutes M] [--json] [--trace] [--mutant NAME] [--first]`. */
import { CommanderError } from 'commander';
import { type Coverage, sumCoverage } from './coverage.ts';
import { type Options, readOptions } from './options.ts';
import { type Outcome, simulate } from './simulation.ts';

const PROGRESS_MS = 2_000;
const SHOWN_VIOLATIONS = 10;

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
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
