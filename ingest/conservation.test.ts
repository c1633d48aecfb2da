import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMemoryDedup } from '../storage/dedup/memory.ts';
import { openSegmentLog } from '../storage/log/segment-log.ts';
import { FIELD_RULES } from './fields.ts';
import { TestCollector } from './test-collector.ts';

let collector: TestCollector;
beforeAll(async () => {
  collector = await TestCollector.start({ openLog: openSegmentLog, dedup: openMemoryDedup() });
});
afterAll(() => collector.stop());

const names = fc.constantFrom(...FIELD_RULES.flatMap(({ name, aliases }) => [name, ...aliases]));
/** Values that are sometimes right. */
const value = fc.oneof(
  fc.constantFrom<unknown>('impression', 'click', 'conversion', '12.50', 'USD', 'a', 'b', '', null),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 3 }),
);
const event = fc
  .tuple(fc.dictionary(names, value), fc.constantFrom('impression', 'click', 'conversion', 'nonsense'))
  .map(([odd, type]) => ({ ...odd, type }));

describe('whatever is sent', () => {
  test('each event is answered, and what a campaign received is what was said of its events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
        const campaign_id = collector.launch({ uniqueness: { key: 'cookie', windowMs: 3_600_000 } });
        const { status, json, results } = await collector.send(
          events.map((one) => ({ ...one, campaign_id, write_key: `key-${campaign_id}` })),
        );
        expect(status).toBe(202);
        expect(results).toHaveLength(events.length);
        const { rows, stopped } = await collector.logged(campaign_id);
        const count = (name: string): number => results.filter((result) => result.status === name).length;
        expect(json).toMatchObject({
          accepted: count('accepted'),
          duplicates: count('duplicate'),
          rejected: count('rejected'),
        });
        const undecided = rows.filter(({ verdict }) => verdict === 'undecided');
        expect(undecided).toHaveLength(count('accepted'));
        expect(rows.length - undecided.length).toBe(count('rejected'));
        expect(Object.values(stopped).reduce((sum, n) => sum + n, 0)).toBe(count('duplicate'));
      }),
      { numRuns: 200 },
    );
  });

  test('as a query, it is answered', async () => {
    const campaignId = collector.launch();
    const query = fc.array(fc.tuple(names, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 10 });
    const path = fc.constantFrom('/p.gif', `/c/${campaignId}`, '/v1/postback');
    await fc.assert(
      fc.asyncProperty(path, query, async (where, pairs) => {
        const wellFormed = pairs.map(([name, text]): [string, string] => [name, text.toWellFormed()]);
        const answer = await collector.call('GET', `${where}?${new URLSearchParams(wellFormed)}`);
        expect([200, 302, 401]).toContain(answer.status);
      }),
      { numRuns: 200 },
    );
  });

  test('as bytes, it is answered', async () => {
    const types = fc.constantFrom('application/json', 'application/x-ndjson', 'text/plain', '', 'a/b', ';;;');
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((list) => Buffer.from(list)),
      fc.json().map((json) => Buffer.from(json)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/v1/events', '/v1/postback'),
        bytes,
        types,
        async (path, body, type) => {
          const { status } = await collector.call('POST', path, body, { 'content-type': type });
          expect([200, 202, 400, 415]).toContain(status);
        },
      ),
      { numRuns: 200 },
    );
  });
});
