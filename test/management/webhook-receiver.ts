/** Somebody's server that is told of events: it answers as the test wants and remembers what it got. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: { readonly id: string; readonly type: string; readonly subject: string };
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Asked for each request; `undefined`: it is never answered. */
  answer: (request: Received) => Answer | undefined | Promise<Answer | undefined> = () => ({ status: 204 });
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const body = Buffer.concat(chunks).toString();
        const { url = '', headers } = request;
        const received = { path: url, headers, body, event: JSON.parse(body) };
        this.received.push(received);
        const answer = await this.answer(received);
        if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await once(receiver.#server.listen(0, '127.0.0.1'), 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ids of the events received, in order; with a path, of those sent there. */
  ids(path?: string): string[] {
    return this.received
      .filter((request) => path === undefined || request.path === path)
      .map(({ event }) => event.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
