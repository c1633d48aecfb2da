// Usage: node query-warehouse.mjs FOLDER QUERY PARAMETERS-AS-JSON. Prints the rows as JSON.
import { openWarehouse } from '../../dist/storage/warehouse/clickhouse.js';

const [chdbDirectory, text, parameters] = process.argv.slice(2);
const warehouse = openWarehouse({ chdbDirectory });
try {
  process.stdout.write(JSON.stringify(await warehouse.query(text, JSON.parse(parameters))));
} finally {
  await warehouse.close();
}
