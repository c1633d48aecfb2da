/** A client of the live feed. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { waitFor } from './wait.ts';

/** A message of the feed. */
export interface LiveMessage {
  readonly type: string;
  readonly topic?: string;
  readonly sequence?: number;
  readonly snapshot?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: what it says is what the tests are about
  readonly data?: any;
  // biome-ignore lint/suspicious/noExplicitAny: what it says is what the tests are about
  readonly problem?: any;
}

export class LiveClient implements Disposable {
  readonly messages: LiveMessage[] = [];
  readonly socket: WebSocket;
  readonly #heard: (message: LiveMessage) => void;

  /**
   * @param address `http://127.0.0.1:8081`
   * @param path `/v1/live`
   * @param heard is told each message as it comes
   */
  constructor(
    address: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    heard: (message: LiveMessage) => void = () => undefined,
  ) {
    this.#heard = heard;
    this.socket = new WebSocket(`${address.replace('http', 'ws')}${path}`, { headers });
    this.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as LiveMessage;
      this.messages.push(message);
      this.#heard(message);
    });
  }

  /** Connected. */
  async opened(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  /** The status and the body with which the connection was refused. */
  async refused(): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const [, answer] = await once(this.socket, 'unexpected-response');
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    return { status: answer.statusCode, body: JSON.parse(String(Buffer.concat(chunks))) };
  }

  /** The code with which the connection ends. */
  async ended(): Promise<number> {
    const [code] = await once(this.socket, 'close');
    return code;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message that passes. */
  async heard(what: string, passes: (message: LiveMessage) => boolean): Promise<LiveMessage> {
    await waitFor(what, () => this.messages.some(passes));
    return this.messages.find(passes) as LiveMessage;
  }

  [Symbol.dispose](): void {
    this.socket.on('error', () => undefined);
    this.socket.terminate();
  }
}
