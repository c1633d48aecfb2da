/** The services below the product, each a process with a folder of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../../support/environment.ts';
import { ManagedProcess } from './managed-process.ts';
import type { ServiceName } from './topology.ts';

const CLICKHOUSE = fileURLToPath(new URL('../../contracts/fixtures/clickhouse-server.mjs', import.meta.url));

/** @param folder where it keeps its data; created here */
export function service(name: ServiceName, folder: string, port: number, logFile: string): ManagedProcess {
  mkdirSync(folder, { recursive: true });
  const environment = cleanEnvironment();
  switch (name) {
    case 'nats': {
      const configuration = join(folder, 'nats-server.conf');
      writeFileSync(configuration, natsConfiguration(port, join(folder, 'data')));
      return new ManagedProcess({
        name,
        command: 'nats-server',
        args: ['-c', configuration],
        // Debian keeps it where not everybody looks for programs.
        environment: { ...environment, PATH: [environment.PATH ?? '', '/usr/sbin'].join(delimiter) },
        ready: /Server is ready/,
        logFile,
      });
    }
    case 'redis':
      return new ManagedProcess({
        name,
        command: 'redis-server',
        args: [...redisArguments(port), '--dir', folder],
        environment,
        ready: /Ready to accept connections/,
        logFile,
      });
    case 'clickhouse':
      return new ManagedProcess({
        name,
        command: process.execPath,
        args: [CLICKHOUSE, folder, String(port)],
        environment,
        ready: /^\d+$/m,
        logFile,
      });
  }
}

function natsConfiguration(port: number, folder: string): string {
  return `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}" }\n`;
}

/** It keeps nothing on disk: killed, it has forgotten everything. */
function redisArguments(port: number): string[] {
  return ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
}
