import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { figuresOf, liveMetrics, storedMetrics } from '../support/management.ts';
import { readProjectFile } from '../support/project.ts';
import { Server } from '../support/server.ts';

interface Example {
  /** The `curl` line as the README prints it. */
  readonly command: string;
  /** The answer as the README prints it; `…` stands for what differs each time. */
  readonly answer: unknown;
}

/** The `curl` lines of the README, each with the answer printed after it. */
function readmeExamples(): Example[] {
  const blocks = [...readProjectFile('README.md').matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap((block, index) => {
    const command = block[2]?.trim() ?? '';
    if (block[1] !== 'sh' || !command.startsWith('curl ')) return [];
    const answer = blocks[index + 1];
    if (answer?.[1] !== 'json') throw new Error(`the README prints no answer to ${command}`);
    return [{ command, answer: JSON.parse(answer[2] as string) }];
  });
}

/** What Vitest is to match: the answer, with wildcards where the README writes `…`. */
function pattern(answer: unknown): unknown {
  if (typeof answer === 'string' && answer.endsWith('…')) {
    return expect.stringMatching(new RegExp(`^${answer.slice(0, -1)}.+$`));
  }
  if (Array.isArray(answer)) return answer.map(pattern);
  if (typeof answer !== 'object' || answer === null) return answer;
  const fields = Object.entries(answer).map(([name, value]) => [name, pattern(value)]);
  return Object.fromEntries(fields);
}

describe('the first campaign of the README', () => {
  const examples = readmeExamples();
  let server: Server;
  beforeAll(async () => {
    server = await Server.start();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  async function run(command: string): Promise<{ status: number; body: unknown }> {
    const here = command
      .replaceAll('http://127.0.0.1:8081', server.addresses.http)
      .replaceAll('http://127.0.0.1:8080', server.addresses.ingest);
    const { stdout } = await promisify(execFile)('sh', ['-c', `${here} -w '\\n%{http_code}'`]);
    const end = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) };
  }

  test('takes five lines', () => {
    expect(examples).toHaveLength(5);
  });

  test('answers every line as printed', async () => {
    const statuses: number[] = [];
    for (const { command, answer } of examples) {
      const { status, body } = await run(command);
      statuses.push(status);
      expect(body, command).toEqual(pattern(answer));
    }
    expect(statuses).toEqual([201, 200, 202, 200, 200]);
  });

  test('counts the sale once when its line is repeated', async () => {
    const sale = examples[3] as Example;
    expect(await run(sale.command)).toMatchObject({
      status: 200,
      body: { duplicates: 1, results: [{ status: 'duplicate' }] },
    });
    expect(await liveMetrics(server, 'summer')).toMatchObject({ conversions: 1, duplicates: 1 });
  });

  test('stands in the warehouse as it is live', async () => {
    const live = await liveMetrics(server, 'summer');
    expect(figuresOf(await storedMetrics(server, 'summer'))).toEqual(figuresOf(live));
  });
});
