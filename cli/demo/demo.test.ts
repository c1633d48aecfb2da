import { Writable } from 'node:stream';
import { isbot } from 'isbot';
import { describe, expect, test } from 'vitest';
import { CountingServer } from '../../test/support/counting-server.ts';
import { freePorts } from '../../test/support/ports.ts';
import { waitFor } from '../../test/support/wait.ts';
import { ExitCode } from '../exit.ts';
import { type DemoOptions, runDemo } from './demo.ts';

interface Report {
  readonly events: number;
  readonly unique: number;
  readonly repeats: number;
  readonly resends: number;
  readonly exact: boolean;
  readonly differences: readonly string[];
  readonly campaigns: readonly Readonly<Record<string, unknown>>[];
}

interface Run {
  readonly exitCode: ExitCode;
  readonly text: string;
}

async function demo(origin: string, more: Partial<DemoOptions> = {}): Promise<Run> {
  let text = '';
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  const exitCode = await runDemo(
    {
      ...{ events: 3_000, campaigns: 6, seed: 1, rate: undefined, collector: origin, api: origin },
      ...{ duplicates: 0.05, bots: 0.05, batch: 50, tightBudget: undefined, concurrency: 8 },
      ...{ shares: { single: 0.02, pixel: 0.02, redirect: 0.02 }, retryForMs: 20_000, json: true },
      ...more,
    },
    output,
  );
  return { exitCode, text };
}

const reportOf = ({ text }: Run): Report => JSON.parse(text) as Report;

describe('runDemo', () => {
  test('finds every event counted exactly once', async () => {
    await using server = await CountingServer.start();
    const run = await demo(server.origin);
    expect(reportOf(run)).toMatchObject({
      events: 3_000,
      unique: 2_850,
      repeats: 150,
      resends: 0,
      exact: true,
      differences: [],
    });
    expect(run.exitCode).toBe(ExitCode.ok);
    expect(server.events).toHaveLength(3_000);
    expect(server.campaigns.size).toBe(6);
  });

  test('sends conversions with the ids of clicks, by real browsers and by robots', async () => {
    await using server = await CountingServer.start();
    await demo(server.origin);
    const conversions = server.events.filter(({ type }) => type === 'conversion');
    expect(conversions.length).toBeGreaterThan(50);
    expect(conversions.every(({ click_id }) => String(click_id).startsWith('click-'))).toBe(true);
    const agents = [...server.agents];
    expect(agents.filter((agent) => isbot(agent)).length).toBeGreaterThan(3);
    expect(agents.filter((agent) => agent.startsWith('Mozilla/5.0') && !isbot(agent)).length).toBeGreaterThan(
      30,
    );
  });

  test('stays exact over lost answers, dropped connections and a busy server', async () => {
    await using server = await CountingServer.start();
    const faults = ['busy', 'cut before', 'cut after'] as const;
    server.fault = (request) => (request % 4 === 0 ? faults[(request / 4) % 3] : undefined);
    const run = await demo(server.origin);
    const report = reportOf(run);
    expect(report).toMatchObject({ events: 3_000, unique: 2_850, repeats: 150, exact: true });
    expect(report.resends).toBeGreaterThan(0);
    expect(server.events.length).toBeGreaterThan(3_000);
    expect(run.exitCode).toBe(ExitCode.ok);
  });

  test('waits for a server that is killed and started again', async () => {
    await using server = await CountingServer.start();
    const running = demo(server.origin, { events: 6_000 });
    await waitFor('some traffic', () => server.events.length > 1_000);
    await server.kill();
    await server.listen();
    expect(reportOf(await running)).toMatchObject({ events: 6_000, exact: true });
  });

  test('finds a budget with room for N clicks at exactly N paid clicks', async () => {
    await using server = await CountingServer.start();
    const report = reportOf(await demo(server.origin, { tightBudget: 100 }));
    expect(report.exact).toBe(true);
    expect(report.campaigns.at(-1)).toMatchObject({
      budget_clicks: 100,
      unique: 151,
      live: { accepted: 100, pending: 51, spend: '25.00' },
    });
  });

  test('tells what a server that miscounts has counted wrongly', async () => {
    await using server = await CountingServer.start();
    server.distort = (figures, isWarehouse) => {
      if (isWarehouse) figures.clicks = Number(figures.clicks) + 1;
    };
    const run = await demo(server.origin, { events: 500, campaigns: 1 });
    expect(run.exitCode).toBe(ExitCode.failure);
    expect(reportOf(run).differences).toEqual([
      expect.stringMatching(/^demo-\w+-01: warehouse: \d+ clicks, expected \d+$/),
    ]);
  });

  test('counts refused events among the differences', async () => {
    await using server = await CountingServer.start();
    const running = demo(server.origin, { events: 2_000, campaigns: 2, rate: 4_000 });
    const [first] = await waitFor(
      'the campaigns',
      () => server.campaigns.size === 2 && server.campaigns.keys(),
    );
    server.unknownToCollector.add(first as string);
    const run = await running;
    expect(run.exitCode).toBe(ExitCode.failure);
    expect(reportOf(run).differences.join('\n')).toMatch(
      /answered rejected \(unknown_campaign\) \(\d+ events\)/,
    );
  });

  test('prints a table, the rate and the verdict for people', async () => {
    await using server = await CountingServer.start();
    const { text } = await demo(server.origin, { json: false, events: 500, campaigns: 2 });
    expect(text).toMatch(/^campaign .* cost .* sent .* accepted .* repeats .* duplicates/m);
    expect(text).toMatch(/^demo-\w+-01 .* exact {2,}exact$/m);
    expect(text).toMatch(/^sustained [\d,]+ events per second/m);
    expect(text).toMatch(/^every event counted exactly once$/m);
  });

  test('keeps to a rate', async () => {
    await using server = await CountingServer.start();
    const { text } = await demo(server.origin, { events: 600, rate: 2_000 });
    const { seconds } = JSON.parse(text) as { readonly seconds: number };
    expect(seconds).toBeGreaterThan(0.2);
  });

  test('says so if nobody is there', async () => {
    const [port] = await freePorts(1);
    const origin = `http://127.0.0.1:${port}`;
    await expect(demo(origin, { retryForMs: 50 })).rejects.toThrow(
      `${origin} did not answer for 0.1 s (ECONNREFUSED): is turnpike running there?`,
    );
  });

  test('refuses a tight budget that the events cannot fill', async () => {
    await expect(demo('http://127.0.0.1:1', { events: 100, tightBudget: 100 })).rejects.toThrow(
      '--tight-budget 100 takes 151 different events: ask for more --events',
    );
  });
});
