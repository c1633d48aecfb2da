/** The command's options. */
import { Command, InvalidArgumentError } from 'commander';
import { MONEY_MUTANTS } from './money-mutants.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const ALL_MUTANTS: Readonly<Record<string, Mutant>> = { ...MUTANTS, ...MONEY_MUTANTS };

export interface Options {
  readonly seed: number;
  readonly seeds: number;
  readonly minutes: number;
  readonly isJson: boolean;
  readonly isTraced: boolean;
  readonly mutant: Mutant;
  /** Stop at the first seed that fails. */
  readonly stopsAtFirst: boolean;
}

interface Given {
  readonly seed?: number;
  readonly seeds?: number;
  readonly minutes?: number;
  readonly json?: boolean;
  readonly trace?: boolean;
  readonly mutant?: Mutant;
  readonly first?: boolean;
}

/**
 * Without `--seeds` or `--minutes` it runs without end, or, where `--seed` names one, that seed alone.
 *
 * @throws CommanderError, which `Command` prints, for what cannot be understood
 */
export function readOptions(args: readonly string[]): Options {
  const command = new Command('simulate')
    .description(
      'Runs whole clusters in memory, seed by seed, with everything going wrong, and an oracle that judges ' +
        'them. The same seed tells the same story. Without limits it runs until it is interrupted.',
    )
    .option(
      '--seed <n>',
      'the first seed, 1 if not said; without --seeds and --minutes that one alone',
      number,
    )
    .option('--seeds <n>', 'how many seeds', number)
    .option('--minutes <n>', 'for so long, at most', number)
    .option('--first', 'stop at the first seed that fails')
    .option('--trace', 'tell everything that happens')
    .option('--json', 'the last line is one JSON object')
    .option(
      '--mutant <name>',
      `with a fault in the system, which is to be found: ${Object.keys(ALL_MUTANTS).join(', ')}`,
      mutant,
    );
  command.exitOverride();
  command.parse(args, { from: 'user' });
  const given = command.opts<Given>();
  const isEndless = given.seed === undefined || given.minutes !== undefined;
  return {
    seed: given.seed ?? 1,
    seeds: given.seeds ?? (isEndless ? Number.POSITIVE_INFINITY : 1),
    minutes: given.minutes ?? Number.POSITIVE_INFINITY,
    isJson: given.json ?? false,
    isTraced: given.trace ?? false,
    mutant: given.mutant ?? {},
    stopsAtFirst: given.first ?? false,
  };
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('it is a number, 0 or more');
  return value;
}

function mutant(name: string): Mutant {
  const found = Object.hasOwn(ALL_MUTANTS, name) ? ALL_MUTANTS[name] : undefined;
  if (found === undefined) throw new InvalidArgumentError('there is none of this name');
  return found;
}
