/** A TCP proxy before a server: it can lose or delay the server's replies, and cut connections. */
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  /** Connections over which nothing comes back any more. */
  readonly #silenced = new WeakSet<Socket>();
  /** Whether nothing ever comes back over the connections that are taken from now on. */
  isSilent = false;
  #isCuttingAtReply = false;
  /** Milliseconds that replies are delayed. */
  delayMs = 0;
  /** Connections taken so far. */
  connections = 0;
  /** Where connections taken from now on lead. */
  targetPort: number;

  private constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.#server = createServer((client) => this.#connect(client));
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
    for (const client of this.#clients) this.#silenced.add(client);
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

  #connect(client: Socket): void {
    this.connections++;
    this.#clients.add(client);
    if (this.isSilent) this.#silenced.add(client);
    const server = createConnection(this.targetPort, '127.0.0.1');
    // An end that breaks takes the other with it; why it broke is of no interest here.
    client.on('error', () => undefined).on('close', () => server.destroy());
    client.on('close', () => this.#clients.delete(client));
    server.on('error', () => undefined).on('close', () => client.destroy());
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      if (this.#isCuttingAtReply) this.cut();
      else if (this.#silenced.has(client)) return;
      else if (this.delayMs === 0) client.write(data);
      else setTimeout(() => client.write(data), this.delayMs);
    });
  }
}
