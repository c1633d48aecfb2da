/**
 * A lock on a folder: a socket that nobody else can have, and that the system takes back when the process ends,
 * however it ends.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Locks a folder for whoever calls, until it is released or the process ends. Where the system has no abstract
 * sockets (other than Linux) nothing is locked.
 *
 * @returns what releases it; `undefined`: it is locked already
 */
export function lockFolder(folder: string): (() => void) | undefined {
  if (process.platform !== 'linux') return () => undefined;
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  // Told a turn later. Whether the name was free is known at once.
  server.on('error', () => undefined);
  server.listen(`\0turnpike-${name}`);
  if (!server.listening) return undefined;
  server.unref();
  return () => server.close();
}
