/** What the embedded warehouse promises beyond the contract: kills, locks, looking events up. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { type CompiledStorage, compileStorage } from './support/compiled-storage.ts';
import { block } from './support/warehouse-rows.ts';

const run = promisify(execFile);
const fixture = fileURLToPath(new URL('fixtures/insert-blocks.mjs', import.meta.url));

describe('the warehouse on chDB', () => {
  let storage: CompiledStorage;
  let folder: TemporaryFolder;
  let directory: string;
  const children: ChildProcess[] = [];
  /** Starts a process that inserts `blocks` blocks, and gives the lines that it prints. */
  const start = (blocks: number) => {
    const modules = [
      storage.module('storage/warehouse/clickhouse.js'),
      storage.module('storage/warehouse/schema.js'),
      storage.module('model/columns/table-rows.js'),
    ];
    const child = spawn(process.execPath, [fixture, ...modules, directory, `${blocks}`]);
    children.push(child);
    return { child, exit: once(child, 'exit'), lines: createInterface({ input: child.stdout }) };
  };
  const sum = async (): Promise<{ blocks: number; rows: number }> => {
    const warehouse = openWarehouse({ chdbDirectory: directory });
    const [row] = await warehouse.query<{ blocks: string; rows: string }>(
      'SELECT uniqExact(version) AS blocks, count() AS rows FROM aggregates',
    );
    await warehouse.close();
    return { blocks: Number(row?.blocks), rows: Number(row?.rows) };
  };

  beforeAll(() => {
    storage = compileStorage();
  });
  afterAll(() => storage[Symbol.dispose]());
  beforeEach(() => {
    folder = temporaryFolder('warehouse');
    directory = join(folder.path, `it's a "warehouse"`);
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    folder[Symbol.dispose]();
  });

  test('has every acknowledged block after a kill, wholly, and takes repetitions of the others', async () => {
    const { child, exit, lines } = start(Number.POSITIVE_INFINITY);
    let acknowledged = 0;
    for await (const line of lines) {
      acknowledged = Number(line);
      if (acknowledged >= 10) child.kill('SIGKILL');
    }
    await exit;
    const { blocks, rows } = await sum();
    expect(blocks).toBeGreaterThanOrEqual(acknowledged);
    expect(rows).toBe(blocks * 100);

    const again = start(blocks);
    again.lines.resume();
    await again.exit;
    expect(await sum()).toEqual({ blocks, rows });
  });

  test('lets the process end once it is closed', async () => {
    const { child, exit, lines } = start(3);
    lines.resume();
    await exit;
    expect(child.exitCode).toBe(0);
    expect(await sum()).toEqual({ blocks: 3, rows: 300 });
    expect(readdirSync(join(directory, 'inserts'))).toEqual([]);
  });

  test('refuses a directory that another process has open', async () => {
    const { child, exit, lines } = start(Number.POSITIVE_INFINITY);
    await once(lines, 'line');
    const message = expect.stringContaining(directory);
    const refused = { failure: { code: 'failed_precondition', message } };
    expect(() => openWarehouse({ chdbDirectory: directory })).toThrow(expect.objectContaining(refused));
    child.kill('SIGKILL');
    await exit;
    expect((await sum()).blocks).toBeGreaterThan(0);
  });

  test('refuses a directory that is open in this process, until it is closed', async () => {
    const warehouse = openWarehouse({ chdbDirectory: directory });
    expect(() => openWarehouse({ chdbDirectory: directory })).toThrow('open already');
    await warehouse.close();
    await openWarehouse({ chdbDirectory: directory }).close();
  });

  test('refuses a directory whose name would be read as a pattern', () => {
    expect(() => openWarehouse({ chdbDirectory: join(folder.path, 'w{1,2}') })).toThrow('pattern');
  });

  test('does not start in a thread, where it would bring the process down', async () => {
    const source = `
      const { Worker } = require('node:worker_threads');
      const code = "import('${storage.module('storage/warehouse/clickhouse.js')}').then(({ openWarehouse }) => openWarehouse({ chdbDirectory: 'nowhere' }))";
      new Worker(code, { eval: true }).on('error', (error) => console.log(error.message));`;
    const { stdout } = await run(process.execPath, ['-e', source]);
    expect(stdout).toContain('main thread');
  });

  test('removes rows that a crash has left on their way in', async () => {
    mkdirSync(join(directory, 'inserts'), { recursive: true });
    writeFileSync(join(directory, 'inserts', '7.bin'), 'half a block');
    const warehouse = openWarehouse({ chdbDirectory: directory });
    expect(readdirSync(join(directory, 'inserts'))).toEqual([]);
    await warehouse.close();
  });

  test('finds an event by its id without reading all of them', async () => {
    const warehouse = openWarehouse({ chdbDirectory: directory });
    await warehouse.migrate();
    const rows = Array.from({ length: 20_000 }, (_, i) => ({
      campaign_id: `c${i % 10}`,
      event_id: `event-${i}`,
    }));
    for (let i = 0; i < 3; i++)
      await warehouse.insert(block('decided_events', `${i}`, rows.slice(i * 6_000)));
    const plan = await warehouse.query<{ explain: string }>(
      'EXPLAIN indexes = 1 SELECT * FROM decided_events WHERE event_id = {id:String}',
      { id: 'no such event' },
    );
    expect(plan.map(({ explain }) => explain).join('\n')).toContain('event_id_filter');
    await warehouse.close();
  });
});
