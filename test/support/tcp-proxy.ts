/** A TCP proxy before a server: it can withhold the server's replies, and cut connections. */

import type { AddressInfo } from 'node:net';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isWithholding = false;
  /** Connections taken so far. */
  connections = 0;

  private constructor(targetPort: number) {
    this.#server = createServer((client) => this.#connect(client, targetPort));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on what clients send goes on, but nothing comes back over the connections of now. */
  withhold(): void {
    this.#isWithholding = true;
  }

  /** Cuts all connections; new ones work again. */
  cut(): void {
    this.#isWithholding = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #connect(client: Socket, targetPort: number): void {
    this.connections++;
    const server = createConnection(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      // An end that breaks takes the other with it; why it broke is of no interest here.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      if (!this.#isWithholding) client.write(data);
    });
  }
}
