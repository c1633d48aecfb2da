/** HTTP by hand, for requests that a library would refuse to send. */
import { connect } from 'node:net';

/** How long an answer is waited for: what does not come by then is no answer to this request. */
const PATIENCE_MS = 400;

export interface RawAnswer {
  /** Status codes of all answers on the connection, in order; empty if there was none. */
  readonly statuses: readonly number[];
}

/** Sends bytes over a connection of their own and gives the status of what comes back. Never rejects. */
export function exchange(port: number, bytes: Buffer, ending: 'wait' | 'leave'): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const parts: Buffer[] = [];
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ statuses: statusesOf(Buffer.concat(parts).toString('latin1')) });
    };
    const timer = setTimeout(finish, PATIENCE_MS);
    socket.on('data', (part) => {
      parts.push(part);
      finish();
    });
    // A reset is an answer too: the server wants no more of this.
    socket.on('error', finish).on('close', finish);
    socket.on('connect', () => {
      socket.write(bytes, () => {
        if (ending === 'leave') finish();
      });
    });
  });
}

function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => Number(match[1]));
}
