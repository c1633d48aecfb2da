import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileSimulation } from '../../scripts/simulate.mjs';
import { MONEY_MUTANTS } from './money-mutants.ts';
import { MUTANTS } from './mutants.ts';

const SEEDS = 1_000;
const PROCESSES = 2;
const MINUTES = 60_000;

interface Result {
  readonly lines: readonly string[];
  readonly exitCode: number | null;
  /** The last line. */
  readonly summary: {
    readonly seeds: number;
    readonly violations: number;
    readonly first_failing_seed: number | null;
  };
}

describe('the simulation', () => {
  let compiled: { readonly folder: string; readonly program: string };

  beforeAll(() => {
    compiled = compileSimulation();
  });

  afterAll(() => {
    rmSync(compiled.folder, { recursive: true, force: true });
  });

  const run = (...options: string[]): Promise<Result> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [compiled.program, '--json', ...options]);
      let output = '';
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
      });
      let errors = '';
      child.stderr.on('data', (data: Buffer) => {
        errors += data.toString();
      });
      child.once('error', reject);
      child.once('close', (exitCode) => {
        const lines = output.trimEnd().split('\n');
        const last = lines.at(-1) ?? '';
        if (!last.startsWith('{'))
          reject(new Error(`the simulation ended with ${exitCode}:\n${output}${errors}`));
        else resolve({ lines, exitCode, summary: JSON.parse(last) as Result['summary'] });
      });
    });

  test(`finds nothing wrong in ${SEEDS} seeds`, { timeout: 10 * MINUTES }, async () => {
    const share = SEEDS / PROCESSES;
    const results = await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) =>
        run('--seed', String(1 + index * share), '--seeds', String(share)),
      ),
    );
    for (const { lines, exitCode, summary } of results) {
      const wrong = lines.filter((line) => /^seed |^ {2}/.test(line));
      expect(wrong).toEqual([]);
      expect(summary).toEqual({ seeds: share, violations: 0, first_failing_seed: null });
      expect(exitCode).toBe(0);
    }
  });

  test('tells the same story for the same seed', async () => {
    const [first, second] = await Promise.all([run('--seed', '7', '--trace'), run('--seed', '7', '--trace')]);
    expect(first.lines.length).toBeGreaterThan(100);
    expect(second.lines).toEqual(first.lines);
  });

  test.each(Object.keys({ ...MUTANTS, ...MONEY_MUTANTS }))(
    'finds the mutant “%s” within 500 seeds',
    async (mutant) => {
      const found = await run('--seeds', '500', '--first', '--mutant', mutant);
      expect(found.exitCode).toBe(1);
      const { first_failing_seed: seed, violations } = found.summary;
      const again = await run('--seed', String(seed), '--mutant', mutant);
      expect(again.summary).toEqual({ seeds: 1, violations, first_failing_seed: seed });
    },
  );
});
