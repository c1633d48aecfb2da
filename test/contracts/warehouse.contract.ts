/** What every warehouse must do: the sentences of `storage/warehouse/port.ts`, as tests. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TurnpikeError } from '../../model/errors.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { COLUMNS } from '../../storage/warehouse/schema.ts';
import { block, NOON, type RowValues } from './support/warehouse-rows.ts';
import { describeWarehouseRows } from './warehouse-rows.contract.ts';

export interface WarehouseEngine {
  /** Opens the warehouse; again, after it was closed: the same warehouse. */
  open(): Promise<Warehouse>;
  /** Removes all that was stored. */
  dispose(): Promise<void>;
}

const HOUR = 3_600_000;

export function describeWarehouseContract(name: string, makeEngine: () => Promise<WarehouseEngine>): void {
  describe(`the warehouse on ${name}`, () => {
    let engine: WarehouseEngine;
    let warehouse: Warehouse;
    /** A campaign of each test's own: an engine takes a while to start, so the tests share one. */
    let campaign = '';
    let lastCampaign = 0;

    beforeAll(async () => {
      engine = await makeEngine();
      warehouse = await engine.open();
      await warehouse.migrate();
    });
    afterAll(async () => {
      await warehouse.close();
      await engine.dispose();
    });
    beforeEach(() => {
      campaign = `campaign-${++lastCampaign}`;
    });

    const events = (count: number, from = 0): RowValues[] =>
      Array.from({ length: count }, (_, i) => ({
        campaign_id: campaign,
        sequence: from + i + 1,
        event_id: `event-${from + i + 1}`,
      }));
    const count = async (table = 'decided_events'): Promise<number> => {
      const [row] = await warehouse.query<{ rows: string }>(
        `SELECT count() AS rows FROM ${table} WHERE campaign_id = {campaign:String}`,
        { campaign },
      );
      return Number(row?.rows);
    };

    describe('migrating', () => {
      test('creates every column of the schema', async () => {
        for (const [table, columns] of Object.entries(COLUMNS)) {
          const found = await warehouse.query<{ name: string; type: string }>(
            'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
            { table },
          );
          expect(found.map((column) => column.name)).toEqual(columns.map((column) => column.name));
        }
      });

      test('again changes nothing', async () => {
        await warehouse.insert(block('decided_events', `${campaign}/1`, events(1)));
        expect(await warehouse.migrate()).toEqual([]);
        expect(await count()).toBe(1);
      });

      test('may run twice at once', async () => {
        expect(await Promise.all([warehouse.migrate(), warehouse.migrate()])).toEqual([[], []]);
      });

      test('has decided events merged in large steps, where the engine can be told to', async () => {
        const text = `SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'decided_events'`;
        const [table] = await warehouse.query<{ engine_full: string }>(text);
        expect(table?.engine_full).toContain('merge_selector_base = 40');
      });

      test('is claimed by one cluster, for ever', async () => {
        expect(await warehouse.claim('one')).toEqual(['one']);
        expect(await warehouse.claim('one')).toEqual(['one']);
        expect(await warehouse.claim('other')).toEqual(['one']);
      });
    });

    describeWarehouseRows(() => ({ warehouse, campaign }));

    describe('inserting', () => {
      test('the same token again changes nothing', async () => {
        const first = block('decided_events', `${campaign}/1-3`, events(3));
        await warehouse.insert(first);
        await warehouse.insert(first);
        await warehouse.insert(block('decided_events', `${campaign}/4-5`, events(2, 3)));
        await warehouse.insert(first);
        expect(await count()).toBe(5);
      });

      test('the same token twice at once inserts it once', async () => {
        const one = block('decided_events', `${campaign}/1-10`, events(10));
        await Promise.all([warehouse.insert(one), warehouse.insert(one)]);
        expect(await count()).toBe(10);
      });

      test('equal rows under different tokens are different rows', async () => {
        await warehouse.insert(block('decided_events', `${campaign}/a`, events(2)));
        await warehouse.insert(block('decided_events', `${campaign}/b`, events(2)));
        expect(await count()).toBe(4);
      });

      test('a token counts for one table', async () => {
        await warehouse.insert(block('decided_events', `${campaign}/1`, events(1)));
        await warehouse.insert(block('aggregates', `${campaign}/1`, [{ campaign_id: campaign, version: 1 }]));
        expect([await count(), await count('aggregates')]).toEqual([1, 1]);
      });

      test('a token may hold any text', async () => {
        const one = block('decided_events', `${campaign} ' \\ " ; ñ`, events(1));
        await warehouse.insert(one);
        await warehouse.insert(one);
        expect(await count()).toBe(1);
      });

      test('a large block is there wholly, and once', async () => {
        const large = block('decided_events', `${campaign}/large`, events(20_000));
        await warehouse.insert(large);
        await warehouse.insert(large);
        expect(await count()).toBe(20_000);
      });

      test('a block that is broken inserts nothing, and the next one goes in', async () => {
        const whole = block('decided_events', `${campaign}/1-100`, events(100));
        const broken = { ...whole, data: whole.data.subarray(0, whole.data.length - 3) };
        await expect(warehouse.insert(broken)).rejects.toThrow();
        expect(await count()).toBe(0);
        await warehouse.insert(whole);
        expect(await count()).toBe(100);
      });

      test('a block without rows does nothing', async () => {
        await warehouse.insert(block('decided_events', `${campaign}/none`, []));
        expect(await count()).toBe(0);
      });

      test('many blocks at once are all there', async () => {
        const blocks = Array.from({ length: 12 }, (_, i) =>
          block('decided_events', `${campaign}/${i}`, events(50, 50 * i)),
        );
        await Promise.all(blocks.map((each) => warehouse.insert(each)));
        expect(await count()).toBe(600);
      });

      test('blocks of aggregates that come at once are all there, and again change nothing', async () => {
        const blocks = Array.from({ length: 12 }, (_, i) => {
          const row = { campaign_id: campaign, partner_id: `partner ${i}`, clicks: i, version: 5 };
          return block('aggregates', `${campaign}/${i}`, [
            row,
            { ...row, partner_id: '', event_hour: i * HOUR },
          ]);
        });
        const clicks = async (): Promise<unknown> => {
          const text =
            'SELECT sum(clicks) AS clicks, count() AS rows FROM aggregates FINAL WHERE campaign_id = {campaign:String}';
          return warehouse.query(text, { campaign });
        };
        await Promise.all(blocks.map((each) => warehouse.insert(each)));
        expect(await clicks()).toEqual([{ clicks: '132', rows: '24' }]);
        await Promise.all(blocks.toReversed().map((each) => warehouse.insert(each)));
        expect(await clicks()).toEqual([{ clicks: '132', rows: '24' }]);
      });

      test('an aggregate of a higher version replaces a lower one, whichever came first', async () => {
        const aggregate = (version: number, clicks: number, hour = NOON): RowValues => ({
          campaign_id: campaign,
          event_hour: hour,
          clicks,
          version,
        });
        await warehouse.insert(
          block('aggregates', `${campaign}/1`, [aggregate(5, 50), aggregate(5, 1, NOON - HOUR)]),
        );
        await warehouse.insert(block('aggregates', `${campaign}/2`, [aggregate(7, 70)]));
        await warehouse.insert(block('aggregates', `${campaign}/3`, [aggregate(6, 60)]));
        const rows = await warehouse.query(
          'SELECT sum(clicks) AS clicks FROM aggregates FINAL WHERE campaign_id = {campaign:String}',
          { campaign },
        );
        expect(rows).toEqual([{ clicks: '71' }]);
      });
    });

    describe('querying', () => {
      test('binds parameters, and never splices them into the text', async () => {
        const values = {
          text: `'; DROP TABLE decided_events; -- {other:String} \\' ñ \n`,
          number: -42,
          large: 18_446_744_073_709_551_615n,
          truth: true,
          list: [`it's`, 'b\\c', '{text:String}'],
          numbers: [1, 2, 3],
        };
        const rows = await warehouse.query(
          `SELECT {text:String} AS text, {number:Int64} AS number, {large:UInt64} AS large, {truth:Bool} AS truth,
             {list:Array(String)} AS list, {numbers:Array(UInt32)} AS numbers`,
          values,
        );
        expect(rows).toEqual([{ ...values, number: '-42', large: '18446744073709551615' }]);
      });

      test('gives no rows where there are none', async () => {
        expect(await warehouse.query('SELECT 1 AS x WHERE 0')).toEqual([]);
      });

      test('changes nothing: other statements are refused', async () => {
        await warehouse.insert(block('decided_events', `${campaign}/1`, events(1)));
        for (const statement of [
          'DROP TABLE decided_events',
          'TRUNCATE TABLE decided_events',
          `INSERT INTO aggregates (campaign_id) VALUES ('x')`,
          'SELECT 1; DROP TABLE decided_events',
          'SET readonly = 0',
        ])
          await expect(warehouse.query(statement)).rejects.toThrow();
        expect(await count()).toBe(1);
        await warehouse.insert(block('decided_events', `${campaign}/2`, events(1, 1)));
        expect(await count()).toBe(2);
      });

      test('that fails halfway leaves nothing behind for the next', async () => {
        const failing = 'SELECT number, throwIf(number = 150000) FROM numbers(200000)';
        for (let i = 0; i < 3; i++) {
          await expect(warehouse.query(failing)).rejects.toThrow();
          expect(await warehouse.query(`SELECT ${i} AS i`)).toEqual([{ i }]);
        }
      });

      test('many at once give each its own rows', async () => {
        const queries = Array.from({ length: 20 }, (_, i) => {
          const failing = i % 5 === 4;
          return warehouse
            .query<{ i: number }>(`SELECT {i:UInt8} AS i, throwIf({failing:Bool}) FROM numbers(1000)`, {
              i,
              failing,
            })
            .then((rows) => (rows.length === 1_000 ? rows[0]?.i : 'mixed'))
            .catch(() => 'failed');
        });
        const expected = queries.map((_, i) => (i % 5 === 4 ? 'failed' : i));
        expect(await Promise.all(queries)).toEqual(expected);
      });

      test('of a table that is missing is `unavailable`', async () => {
        const failure = await warehouse.query('SELECT * FROM missing').catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(TurnpikeError);
        expect(failure).toMatchObject({ failure: { code: 'unavailable' } });
      });

      test('of wrong text is a bug, not a failure', async () => {
        const failure = await warehouse.query('SELEC 1').catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(Error);
        expect(failure).not.toBeInstanceOf(TurnpikeError);
      });

      test('that takes too long is `deadline_exceeded`, and the next one is answered', async () => {
        const slow = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1';
        await expect(warehouse.query(slow)).rejects.toMatchObject({ failure: { code: 'deadline_exceeded' } });
        expect(await warehouse.query('SELECT 1 AS x')).toEqual([{ x: 1 }]);
      });
    });

    describe('opened again', () => {
      afterEach(async () => {
        warehouse = await engine.open();
      });

      test('has its rows, and knows its tokens', async () => {
        const one = block('decided_events', `${campaign}/1-3`, events(3));
        await warehouse.insert(one);
        await warehouse.close();
        warehouse = await engine.open();
        expect(await warehouse.migrate()).toEqual([]);
        await warehouse.insert(one);
        expect(await count()).toBe(3);
        await warehouse.close();
      });
    });
  });
}
