import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { ClickHouseServer } from './support/clickhouse-server.ts';
import { block } from './support/warehouse-rows.ts';
import { describeWarehouseContract } from './warehouse.contract.ts';

describeWarehouseContract('ClickHouse over HTTP', async () => {
  const folder = temporaryFolder('warehouse');
  const server = await ClickHouseServer.start(folder.path);
  return {
    open: async () => openWarehouse({ url: server.url }),
    async dispose() {
      await server.stop();
      folder[Symbol.dispose]();
    },
  };
});

describe('the warehouse over HTTP', () => {
  let folder: TemporaryFolder;
  let server: ClickHouseServer;
  let warehouse: Warehouse;
  const one = block('decided_events', 'token', [{ campaign_id: 'c' }]);
  const unavailable = { failure: { code: 'unavailable' } };
  beforeEach(async () => {
    folder = temporaryFolder('warehouse');
    server = await ClickHouseServer.start(folder.path);
    warehouse = openWarehouse({ url: server.url });
  });
  afterEach(async () => {
    await warehouse.close();
    await server.stop();
    folder[Symbol.dispose]();
  });

  test('is `unavailable` while the server is gone, and goes on when it is back', async () => {
    await warehouse.migrate();
    await warehouse.insert(one);
    const { port } = server;
    await server.stop();
    await expect(warehouse.insert(one)).rejects.toMatchObject(unavailable);
    await expect(warehouse.query('SELECT 1 AS x')).rejects.toMatchObject(unavailable);
    server = await ClickHouseServer.start(folder.path, port);
    await warehouse.insert(one);
    expect(await warehouse.query('SELECT count() AS rows FROM decided_events')).toEqual([{ rows: '1' }]);
  });

  test('is `unavailable` when the server is killed while it works', async () => {
    const slow = warehouse.query('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1');
    const refused = expect(slow).rejects.toMatchObject(unavailable);
    // Whatever the moment: the answer is never a result.
    await server.stop();
    await refused;
  });
});
