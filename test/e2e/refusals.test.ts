import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCluster } from '../../storage/cluster.ts';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import { cleanEnvironment } from '../support/environment.ts';
import { TestProcess } from '../support/process.ts';
import { TURNPIKE } from '../support/project.ts';
import { Server } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Starts a server that is expected to refuse, and tells how. */
async function refusal(
  settings: Readonly<Record<string, string>>,
): Promise<{ code: number | null; line: string }> {
  using folder = temporaryFolder('refusal');
  const environment = cleanEnvironment({
    TURNPIKE_INGEST_PORT: '0',
    TURNPIKE_HTTP_PORT: '0',
    TURNPIKE_GRPC_PORT: '0',
    TURNPIKE_DATA_DIR: folder.path,
    ...settings,
  });
  await using child = new TestProcess(process.execPath, [TURNPIKE, 'start'], environment);
  const { code } = await child.exited;
  expect(child.stdout).not.toContain('turnpike ready');
  return { code, line: child.stderr.trim() };
}

describe('a wrong setting is refused with one line that names it', () => {
  test.each([
    ['TURNPIKE_INGEST_PORT', 'eighty'],
    ['TURNPIKE_HTTP_PORT', '70000'],
    ['TURNPIKE_GRPC_PORT', '-1'],
    ['TURNPIKE_PARTITIONS', '0'],
    ['TURNPIKE_PARTITIONS', '1e9'],
    ['TURNPIKE_WORKERS', 'many'],
    ['TURNPIKE_ROLES', 'ingest,cooking'],
    ['TURNPIKE_PORT', '8080'],
  ])('%s=%s', async (name, value) => {
    const { code, line } = await refusal({ [name]: value });
    expect(code).toBe(2);
    expect(line).toContain(name);
    expect(line.split('\n')).toHaveLength(1);
  });
});

describe('it refuses to start', () => {
  test('with management open to other machines and no credentials', async () => {
    const { code, line } = await refusal({ TURNPIKE_HOST: '0.0.0.0' });
    expect(code).toBe(2);
    expect(line).toContain('TURNPIKE_HOST');
    expect(line.split('\n')).toHaveLength(1);
  });

  test('with another number of partitions than its data was created with', async () => {
    await using server = await Server.start({ settings: { TURNPIKE_PARTITIONS: '4' } });
    await server.terminate();
    const { code, line } = await refusal({
      TURNPIKE_DATA_DIR: server.dataDirectory,
      TURNPIKE_PARTITIONS: '8',
    });
    expect(code).toBe(2);
    expect(line).toContain('TURNPIKE_PARTITIONS');
    expect(line.split('\n')).toHaveLength(1);
  });

  test('on data of another format', async () => {
    using folder = temporaryFolder('format');
    const snapshots = openLmdbSnapshots({ directory: join(folder.path, 'snapshots') });
    await openCluster(snapshots, 16);
    const { format: _, ...older } = JSON.parse(
      Buffer.from((await snapshots.get('cluster'))?.value ?? []).toString(),
    );
    await snapshots.commit([{ key: 'cluster', value: Buffer.from(JSON.stringify(older)) }]);
    await snapshots.close();
    const { code, line } = await refusal({ TURNPIKE_DATA_DIR: folder.path });
    expect(code).toBe(2);
    expect(line).toMatch(/TURNPIKE_DATA_DIR .* format 1/);
    expect(line.split('\n')).toHaveLength(1);
  });

  test('on a data folder that another process uses, which goes on unharmed', async () => {
    await using server = await Server.start();
    const { code, line } = await refusal({ TURNPIKE_DATA_DIR: server.dataDirectory });
    expect(code).toBe(2);
    expect(line).toContain('TURNPIKE_DATA_DIR');
    expect(line.split('\n')).toHaveLength(1);
    expect((await fetch(`${server.addresses.ingest}/readyz`)).status).toBe(200);
  });

  test('on a port that is taken', async () => {
    await using server = await Server.start();
    const port = new URL(server.addresses.http).port;
    const { code, line } = await refusal({ TURNPIKE_HTTP_PORT: port });
    expect(code).toBe(2);
    expect(line).toContain('TURNPIKE_HTTP_PORT');
    expect(line.split('\n')).toHaveLength(1);
  });
});
