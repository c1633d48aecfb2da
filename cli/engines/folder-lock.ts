/**
 * A lock on a data folder: a socket that nobody else can have, and that the system takes back when the
 * process ends, however it ends.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Locks a folder for this process, until it ends. Where the system has no abstract sockets (other than
 * Linux) nothing is locked.
 *
 * @returns whether it is locked now; `false`: another process has it
 */
export async function lockFolder(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(`\0turnpike-${name}`, () => {
      server.unref();
      resolve(true);
    });
  });
}
