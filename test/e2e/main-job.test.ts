import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { figuresOf, liveMetrics, storedMetrics } from '../support/management.ts';
import { type PrintedExample, pattern, printedExamples, runCurl } from '../support/printed-examples.ts';
import { Server } from '../support/server.ts';

describe('the first campaign of the README', () => {
  const examples = printedExamples('README.md', 'curl');
  let server: Server;
  beforeAll(async () => {
    server = await Server.start();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  test('takes five lines', () => {
    expect(examples).toHaveLength(5);
  });

  test('answers every line as printed', async () => {
    const statuses: number[] = [];
    for (const { command, answer } of examples) {
      const { status, body } = await runCurl(command, server.addresses);
      statuses.push(status);
      expect(body, command).toEqual(pattern(JSON.parse(answer)));
    }
    expect(statuses).toEqual([201, 200, 202, 200, 200]);
  });

  test('counts the sale once when its line is repeated', async () => {
    const sale = examples[3] as PrintedExample;
    expect(await runCurl(sale.command, server.addresses)).toMatchObject({
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
