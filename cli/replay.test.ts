import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { CountingServer } from '../test/support/counting-server.ts';
import { temporaryFolder } from '../test/support/temporary.ts';
import { waitFor } from '../test/support/wait.ts';
import { ExitCode } from './exit.ts';
import { type ReplayOptions, runReplay } from './replay.ts';

interface Harness extends AsyncDisposable {
  readonly server: CountingServer;
  /** Writes a file of the folder and gives its path. */
  file(name: string, content: string): string;
  replay(file: string, more?: Partial<ReplayOptions>, stop?: AbortSignal): Promise<ExitCode>;
  /** What the replays have printed. */
  printed(): string;
}

async function harness(): Promise<Harness> {
  const folder = temporaryFolder('replay');
  const server = await CountingServer.start();
  server.addCampaign('spring');
  let text = '';
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    server,
    file(name, content) {
      const path = join(folder.path, name);
      writeFileSync(path, content);
      return path;
    },
    replay: (file, more = {}, stop = new AbortController().signal) =>
      runReplay(
        {
          ...{ file, format: undefined, delimiter: ',', columns: new Map(), defaults: new Map() },
          ...{ source: undefined, rate: undefined, batch: 10, concurrency: 4, collector: server.origin },
          ...{ retryForMs: 20_000, fromLine: 1, progress: 'none' as const },
          ...more,
        },
        output,
        stop,
      ),
    printed: () => text,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const lines = (count: number, of: (index: number) => object): string =>
  Array.from({ length: count }, (_, index) => `${JSON.stringify(of(index))}\n`).join('');
const click = (index: number): object => ({ event_id: `e${index}`, type: 'click', campaign_id: 'spring' });

describe('runReplay', () => {
  test('sends every event of an NDJSON file', async () => {
    await using set = await harness();
    expect(await set.replay(set.file('events.ndjson', lines(95, click)))).toBe(ExitCode.ok);
    expect(set.server.campaigns.get('spring')).toMatchObject({ accepted: 95, duplicates: 0 });
    expect(set.printed()).toBe('accepted   95\nduplicates 0\nrejected   0\n');
  });

  test('sends a CSV file with mapped columns and defaults', async () => {
    await using set = await harness();
    const file = set.file('clicks.csv', 'Id,Campaign,Partner\n1,spring,ann\n2,spring,\n');
    const columns = new Map(
      Object.entries({ event_id: 'Id', campaign_id: 'Campaign', partner_id: 'Partner' }),
    );
    await set.replay(file, { columns, defaults: new Map([['type', 'click']]) });
    expect(set.server.events).toEqual([
      { event_id: '1', campaign_id: 'spring', partner_id: 'ann', type: 'click' },
      { event_id: '2', campaign_id: 'spring', type: 'click' },
    ]);
  });

  test('counts a file without ids once, however often it is sent', async () => {
    await using set = await harness();
    const file = set.file(
      'views.ndjson',
      lines(30, () => ({ type: 'impression', campaign_id: 'spring' })),
    );
    await set.replay(file);
    await set.replay(file, { batch: 7 });
    expect(set.server.campaigns.get('spring')).toMatchObject({ accepted: 30, duplicates: 30 });
  });

  test('stays exact over lost answers', async () => {
    await using set = await harness();
    set.server.fault = (request) => (request % 2 === 1 ? 'cut after' : undefined);
    await set.replay(set.file('events.ndjson', lines(100, click)));
    expect(set.server.campaigns.get('spring')).toMatchObject({ accepted: 100 });
  });

  test('puts bad rows aside with their lines and reasons', async () => {
    await using set = await harness();
    const good = JSON.stringify(click(1));
    const file = set.file('mixed.ndjson', `${good}\n{"broken\n{"type":"click","campaign_id":"winter"}\n`);
    expect(await set.replay(file)).toBe(ExitCode.failure);
    expect(set.printed()).toMatch(/^accepted {3}1\nduplicates 0\nrejected {3}2\n/);
    expect(set.printed()).toMatch(/ {2}1 × not JSON: .* \(line 2\)\n/);
    expect(set.printed()).toMatch(/ {2}1 × unknown_campaign \(line 3\)\n/);
    const aside = readFileSync(`${file}.rejected.ndjson`, 'utf8').trim().split('\n');
    expect(aside.map((line) => JSON.parse(line) as unknown)).toEqual([
      { line: 2, reason: expect.stringMatching(/^not JSON/), row: '{"broken' },
      { line: 3, reason: 'unknown_campaign', row: { type: 'click', campaign_id: 'winter' } },
    ]);
  });

  test('removes the bad rows of an earlier run, and makes no file if there are none', async () => {
    await using set = await harness();
    const file = set.file('events.ndjson', lines(3, click));
    set.file('events.ndjson.rejected.ndjson', 'old');
    await set.replay(file);
    expect(existsSync(`${file}.rejected.ndjson`)).toBe(false);
  });

  test('begins with the line that is asked for', async () => {
    await using set = await harness();
    await set.replay(set.file('events.ndjson', lines(10, click)), { fromLine: 8 });
    expect(set.server.events.map(({ event_id }) => event_id)).toEqual(['e7', 'e8', 'e9']);
  });

  test('stops when asked to, and going on from the line that it names completes it', async () => {
    await using set = await harness();
    const file = set.file('events.ndjson', lines(2_000, click));
    const stop = new AbortController();
    const running = set.replay(file, { rate: 2_000 }, stop.signal);
    await waitFor('some traffic', () => set.server.events.length > 100);
    stop.abort();
    expect(await running).toBe(ExitCode.interrupted);
    const fromLine = Number(/go on with --from-line (\d+)/.exec(set.printed())?.[1]);
    expect(fromLine).toBeGreaterThan(100);
    expect(fromLine).toBeLessThan(2_000);
    expect(await set.replay(file, { fromLine })).toBe(ExitCode.ok);
    expect(set.server.campaigns.get('spring')).toMatchObject({ accepted: 2_000 });
  });

  test('names the line to go on with when the server stays away', async () => {
    await using set = await harness();
    set.server.fault = (request) => (request > 5 ? 'cut before' : undefined);
    const file = set.file('events.ndjson', lines(100, click));
    await expect(set.replay(file, { concurrency: 1, retryForMs: 50 })).rejects.toThrow(
      'is turnpike running there?',
    );
    expect(set.printed()).toContain('accepted   50\n');
    expect(set.printed()).toContain('stopped; go on with --from-line 51\n');
  });

  test('names the first lines of a reason', async () => {
    await using set = await harness();
    const file = set.file('events.ndjson', lines(7, click));
    set.server.campaigns.clear();
    expect(await set.replay(file)).toBe(ExitCode.failure);
    expect(set.printed()).toContain('7 × unknown_campaign (lines 1, 2, 3, 4, 5, …)');
  });

  test('refuses what is not a file', async () => {
    await using set = await harness();
    await expect(set.replay('/nowhere/events.ndjson')).rejects.toThrow(
      'there is no file /nowhere/events.ndjson',
    );
    await expect(set.replay('/tmp')).rejects.toThrow('/tmp is not a file');
  });
});
