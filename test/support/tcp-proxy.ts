/** A TCP proxy before a server: it can lose the server's replies, and cut connections. */
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  /** Connections over which nothing comes back any more. */
  #silenced: ReadonlySet<Socket> = new Set();
  #isCuttingAtReply = false;
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

  /** Over the connections of now nothing comes back any more, though they stay open. */
  silence(): void {
    this.#silenced = new Set(this.#clients);
  }

  /** Cuts all connections as soon as the server replies: it has done what it was asked, nobody hears of it. */
  cutAtReply(): void {
    this.#isCuttingAtReply = true;
  }

  /** Cuts all connections; new ones work again. */
  cut(): void {
    this.#isCuttingAtReply = false;
    for (const client of this.#clients) client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #connect(client: Socket, targetPort: number): void {
    this.connections++;
    this.#clients.add(client);
    const server = createConnection(targetPort, '127.0.0.1');
    // An end that breaks takes the other with it; why it broke is of no interest here.
    client.on('error', () => undefined).on('close', () => server.destroy());
    client.on('close', () => this.#clients.delete(client));
    server.on('error', () => undefined).on('close', () => client.destroy());
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      if (this.#isCuttingAtReply) this.cut();
      else if (!this.#silenced.has(client)) client.write(data);
    });
  }
}
