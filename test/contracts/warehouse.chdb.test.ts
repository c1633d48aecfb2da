import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { describeWarehouseContract } from './warehouse.contract.ts';

describeWarehouseContract('chDB', async () => {
  const folder = temporaryFolder('warehouse');
  return {
    open: async () => openWarehouse({ chdbDirectory: folder.path }),
    dispose: async () => folder[Symbol.dispose](),
  };
});
