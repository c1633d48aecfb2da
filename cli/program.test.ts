import { describe, expect, test } from 'vitest';
import type { DemoFlags } from './demo-command.ts';
import { ExitCode } from './exit.ts';
import { type Actions, runProgram } from './program.ts';
import type { ReplayFlags } from './replay-command.ts';
import type { VerifyOptions } from './verify.ts';

interface Outcome {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
  readonly demo: DemoFlags | undefined;
  readonly replay: ReplayFlags | undefined;
  readonly verify: VerifyOptions | undefined;
  readonly called: readonly string[];
}

async function run(...args: string[]): Promise<Outcome> {
  let out = '';
  let err = '';
  let demo: DemoFlags | undefined;
  let replay: ReplayFlags | undefined;
  let verify: VerifyOptions | undefined;
  const called: string[] = [];
  const actions: Actions = {
    async start() {
      called.push('start');
      return ExitCode.ok;
    },
    async migrate() {
      called.push('migrate');
      return ExitCode.ok;
    },
    async demo(flags) {
      called.push('demo');
      demo = flags;
      return ExitCode.failure;
    },
    async replay(flags) {
      called.push('replay');
      replay = flags;
      return ExitCode.ok;
    },
    async verify(options) {
      called.push('verify');
      verify = options;
      return ExitCode.ok;
    },
  };
  const exitCode = await runProgram(args, actions, {
    write: (text) => {
      out += text;
    },
    writeError: (text) => {
      err += text;
    },
  });
  return { exitCode, out, err, demo, replay, verify, called };
}

describe('the command line', () => {
  test('prints its version', async () => {
    expect(await run('--version')).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test.each([['--help'], ['-h'], ['help']])('prints its help for %s', async (option) => {
    const { exitCode, out, called } = await run(option);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Usage: turnpike/);
    for (const text of [
      'start',
      'demo',
      'replay',
      'migrate',
      'verify',
      'TURNPIKE_HOST',
      'Examples:',
      'Exit codes:',
    ]) {
      expect(out).toContain(text);
    }
    expect(called).toEqual([]);
  });

  test('prints its help as an error if nothing is asked for', async () => {
    expect(await run()).toMatchObject({
      exitCode: 2,
      out: '',
      err: expect.stringMatching(/^Usage: turnpike/),
    });
  });

  test.each([
    ['start', 'TURNPIKE_INGEST_PORT  (default: 8080)'],
    ['migrate', 'TURNPIKE_DATA_DIR  (default: ./data)'],
    ['demo', '--events <n>'],
    ['replay', '--map <field=column,…>'],
  ])('prints the help of %s with defaults and examples', async (command, text) => {
    const { exitCode, out, called } = await run(command, '--help');
    expect(exitCode).toBe(0);
    expect(out).toContain(text);
    expect(out).toContain(`turnpike ${command}`);
    expect(out).toContain('Examples:');
    expect(called).toEqual([]);
  });

  test.each([
    ['an unknown command', ['strat'], "turnpike: unknown command 'strat' (Did you mean start?)\n"],
    [
      'an unknown option',
      ['demo', '--evnts=5'],
      "turnpike: unknown option '--evnts=5' (Did you mean --events?)\n",
    ],
    ['a missing argument', ['replay'], "turnpike: missing required argument 'file'\n"],
    [
      'an argument too many',
      ['start', 'now'],
      "turnpike: too many arguments for 'start'. Expected 0 arguments but got 1.\n",
    ],
    [
      'a wrong value',
      ['demo', '--events', 'many'],
      "turnpike: option '--events <n>' argument 'many' is invalid. Expected a whole number from 1 to 1000000000.\n",
    ],
  ])('refuses %s on one line', async (_, args, err) => {
    expect(await run(...args)).toMatchObject({ exitCode: 2, out: '', err, called: [] });
  });

  test.each(['start', 'migrate'])('runs %s', async (command) => {
    expect(await run(command)).toMatchObject({ exitCode: 0, called: [command] });
  });

  test('gives the demo its defaults and passes its exit code on', async () => {
    const { demo, exitCode } = await run('demo');
    expect(exitCode).toBe(ExitCode.failure);
    expect(demo).toEqual({
      events: 200_000,
      campaigns: 20,
      seed: 1,
      rate: undefined,
      collector: undefined,
      api: undefined,
      duplicates: 0.03,
      bots: 0.02,
      batch: 500,
      shares: { single: 0.005, pixel: 0.005, redirect: 0.005 },
      tightBudget: undefined,
      concurrency: 32,
      retryForMs: 60_000,
      json: false,
    });
  });

  test('reads the options of the demo', async () => {
    const args =
      '--events 50_000 --seed 7 --rate 2000/s --duplicates 10% --tight-budget 9 --retry-for 5m --json';
    const { demo } = await run('demo', ...args.split(' '), '--mix', 'pixel=5%', '--api', 'http://[::1]:9000');
    expect(demo).toMatchObject({
      ...{ events: 50_000, seed: 7, rate: 2_000, duplicates: 0.1, tightBudget: 9, json: true },
      ...{ retryForMs: 300_000, shares: { single: 0, pixel: 0.05, redirect: 0 }, api: 'http://[::1]:9000' },
    });
  });

  test('reads the options of a replay', async () => {
    const options = [
      '--map',
      'campaign_id=Campaign,event_id=Id',
      '--default',
      'type=click',
      '--from-line',
      '9',
    ];
    const more = ['--format', 'csv', '--delimiter', 'tab', '--progress', '--default', 'goal=sale'];
    const { replay } = await run('replay', 'clicks.csv', ...options, ...more);
    expect(replay).toEqual({
      file: 'clicks.csv',
      format: 'csv',
      delimiter: '\t',
      columns: new Map([
        ['campaign_id', 'Campaign'],
        ['event_id', 'Id'],
      ]),
      defaults: new Map([
        ['type', 'click'],
        ['goal', 'sale'],
      ]),
      source: undefined,
      rate: undefined,
      batch: 500,
      concurrency: 8,
      collector: undefined,
      retryForMs: 60_000,
      fromLine: 9,
      progress: true,
    });
  });

  test('reads the options of a verification', async () => {
    expect((await run('verify')).verify).toEqual({ partitions: [], json: false, gateway: false });
    const { verify } = await run('verify', '--partition', '3', '--partition', '0', '--json', '--gateway');
    expect(verify).toEqual({ partitions: [3, 0], json: true, gateway: true });
    expect(await run('verify', '--partition', '1024')).toMatchObject({ exitCode: 2, called: [] });
  });
});
