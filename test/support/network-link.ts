/**
 * The network between a client and a server, as a TCP proxy: it can be cut, go dead for a while, or become
 * slow. What it carries is never changed or reordered. What was under way when it went dead arrives when it
 * is back, however late, as TCP has it.
 */
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

/** Bytes that are held back for one direction of a connection; beyond it the sender has to wait. */
const HELD_BYTES = 1024 * 1024;

/** One direction of a connection. */
class Stream {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #link: NetworkLink;
  /** `undefined` stands for the end. */
  readonly #held: { readonly data: Buffer | undefined; readonly due: number }[] = [];
  #bytes = 0;
  #lastDue = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, link: NetworkLink) {
    this.#from = from;
    this.#to = to;
    this.#link = link;
    from.on('data', (data) => this.#take(data)).on('end', () => this.#take(undefined));
    to.on('drain', () => this.move());
    // An end that breaks takes the other with it; why it broke is of no interest here.
    from.on('error', () => undefined);
    from.on('close', () => {
      // An orderly end goes the way of the data.
      if (!from.readableEnded) to.destroy();
    });
  }

  #take(data: Buffer | undefined): void {
    // Never earlier than what came before it.
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#link.delayMs);
    this.#held.push({ data, due: this.#lastDue });
    this.#bytes += data?.length ?? 0;
    if (this.#bytes > HELD_BYTES) this.#from.pause();
    this.move();
  }

  /** Hands on what is due. */
  move(): void {
    clearTimeout(this.#timer);
    if (this.#to.destroyed || this.#link.isDead) return;
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const waitMs = next.due - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.move(), Math.ceil(waitMs));
        return;
      }
      if (this.#to.writableNeedDrain) return;
      this.#held.shift();
      this.#bytes -= next.data?.length ?? 0;
      if (next.data === undefined) this.#to.end();
      else this.#to.write(next.data);
    }
    if (this.#from.isPaused()) this.#from.resume();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#from.destroy();
  }
}

export class NetworkLink implements AsyncDisposable {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #streams = new Set<Stream>();
  #isDead = false;
  /** Milliseconds that everything takes from one end to the other. */
  delayMs = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#connect(client));
  }

  /** A link to a port of this machine. */
  static async start(targetPort: number): Promise<NetworkLink> {
    const link = new NetworkLink(targetPort);
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return link;
  }

  /** Where clients connect. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Whether nothing gets through in either direction, though connections stay open. */
  get isDead(): boolean {
    return this.#isDead;
  }

  set isDead(value: boolean) {
    this.#isDead = value;
    if (!value) for (const stream of this.#streams) stream.move();
  }

  /** Cuts all connections, with all that is on its way; new ones work. */
  cut(): void {
    for (const stream of this.#streams) stream.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #connect(client: Socket): void {
    const server = createConnection({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    client.setNoDelay(true);
    server.setNoDelay(true);
    const streams = [new Stream(client, server, this), new Stream(server, client, this)];
    let open = 2;
    const closed = (): void => {
      if (--open > 0) return;
      for (const stream of streams) this.#streams.delete(stream);
    };
    for (const stream of streams) this.#streams.add(stream);
    client.on('close', closed);
    server.on('close', closed);
  }
}
