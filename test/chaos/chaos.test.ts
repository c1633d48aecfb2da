import { beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment, sizes } from '../support/environment.ts';
import { TestProcess } from '../support/process.ts';

const SEED = '7';
const FAULTS_PER_MINUTE = '13';
const TIMEOUT_MS = sizes.chaosSeconds * 1_000 + 240_000;

interface Summary {
  readonly faults: number;
  readonly sent: number;
  readonly accepted: number;
  readonly counted: number;
  readonly payouts_succeeded: number;
  readonly refunds: number;
  readonly recoveries: Readonly<Record<string, object>>;
}

describe('a short run of chaos', () => {
  let summary: Summary;
  let output: string;
  let code: number | null;

  beforeAll(async () => {
    const options = ['--seconds', `${sizes.chaosSeconds}`, '--faults-per-minute', FAULTS_PER_MINUTE];
    await using run = new TestProcess(
      process.execPath,
      ['scripts/chaos.mjs', ...options, '--seed', SEED, '--json'],
      cleanEnvironment(),
    );
    ({ code } = await run.exited);
    ({ output } = run);
    summary = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as Summary;
  }, TIMEOUT_MS);

  test('loses nothing, counts nothing twice and spends nothing too much', () => {
    expect(summary, output).toMatchObject({ lost: 0, doubled: 0, overspent: 0, violations: 0 });
    expect(code).toBe(0);
  });

  test('counts every event that was sent and accepted', () => {
    expect(summary.sent).toBeGreaterThan(sizes.chaosSeconds * 100);
    expect(summary.accepted).toBe(summary.sent);
    expect(summary.counted).toBe(summary.sent);
  });

  test('has paid partners and taken conversions back', () => {
    expect(summary.payouts_succeeded).toBeGreaterThan(0);
    expect(summary.refunds).toBeGreaterThan(0);
  });

  test('has hit owners, services and the network', () => {
    expect(summary.faults).toBeGreaterThanOrEqual(8);
    expect(Object.keys(summary.recoveries)).toEqual(
      expect.arrayContaining([
        'kill actors',
        'stop-beyond-lease actors',
        'kill nats',
        'flush redis',
        'kill clickhouse',
      ]),
    );
  });

  test('ends with one JSON object, whose first members are fixed', () => {
    expect(Object.keys(summary).slice(0, 10)).toEqual([
      'seed',
      'faults',
      'sent',
      'accepted',
      'counted',
      'lost',
      'doubled',
      'overspent',
      'longest_gap_ms',
      'longest_recovery_ms',
    ]);
  });
});

describe('the command', () => {
  test('refuses what it does not understand with one line that says why', async () => {
    await using run = new TestProcess(
      process.execPath,
      ['scripts/chaos.mjs', '--minutes', 'soon'],
      cleanEnvironment(),
    );
    expect(await run.exited).toMatchObject({ code: 2 });
    expect(run.stderr.trim()).toBe('chaos: --minutes soon is not a number');
  });
});
