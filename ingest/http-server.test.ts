import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { limits } from '../limits.ts';
import type { Exchange } from './exchange.ts';
import { HttpServer, type Route } from './http-server.ts';
import { Problem } from './problem.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface Running {
  readonly server: HttpServer;
  readonly port: number;
  readonly answers: string[];
  /** Exchanges of `POST /later`, which answers when the test does. */
  readonly later: Exchange[];
  readonly now: { ms: number };
}

async function start(): Promise<Running> {
  const answers: string[] = [];
  const later: Exchange[] = [];
  const now = { ms: 0 };
  const respond = (exchange: Exchange, text: string): void => exchange.respond('200 OK', '\r\nx-a: b', text);
  const routes: Record<string, Route> = {
    '/echo': {
      name: 'echo',
      readsBody: true,
      handle: (exchange) =>
        respond(exchange, `${exchange.method} ${exchange.query} ${exchange.body.toString()}`),
    },
    '/head': {
      name: 'head',
      readsBody: false,
      handle: (exchange) => respond(exchange, exchange.remoteAddress()),
    },
    '/later': { name: 'later', readsBody: false, handle: (exchange) => void later.push(exchange) },
    '/bug': {
      name: 'bug',
      readsBody: false,
      handle() {
        throw new TypeError('a bug');
      },
    },
  };
  const nowhere: Route = {
    name: 'nowhere',
    readsBody: false,
    handle() {
      throw new Problem(404, 'nothing here');
    },
  };
  const server = new HttpServer({
    find: (_, path) => routes[path] ?? nowhere,
    answered: (route, statusLine) => answers.push(`${route} ${statusLine}`),
    logger: pino({ enabled: false }),
    now: () => now.ms,
  });
  open.push(server);
  return { server, port: await server.listen('127.0.0.1', 0), answers, later, now };
}

/** A connection and what came in on it. */
class Client {
  readonly socket: Socket;
  received = '';
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    // A reset is an end like any other here.
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    open.push({ close: () => this.socket.destroy() });
  }

  send(text: string | Buffer): this {
    this.socket.write(text);
    return this;
  }

  async receives(text: string | RegExp): Promise<string> {
    await vi.waitFor(() => expect(this.received).toMatch(text), { timeout: 15_000, interval: 10 });
    return this.received;
  }

  async closes(): Promise<void> {
    await vi.waitFor(() => expect(this.isClosed).toBe(true), { timeout: 15_000, interval: 10 });
  }
}

const post = (body: string, headers = `content-length: ${Buffer.byteLength(body)}\r\n`): string =>
  `POST /echo?q=1 HTTP/1.1\r\nhost: x\r\n${headers}\r\n${body}`;
const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`;

describe('a request', () => {
  test('is handled with its body, and the connection can be used again', async () => {
    const { port, answers } = await start();
    const client = new Client(port).send(post('hello'));
    expect(await client.receives('POST q=1 hello')).toMatch(/^HTTP\/1\.1 200 OK\r\nx-a: b\r\n/);
    client.send(post(''));
    await client.receives(/POST q=1 $/);
    expect(answers).toEqual(['echo 200 OK', 'echo 200 OK']);
  });

  test('may come in pieces', async () => {
    const { port } = await start();
    const client = new Client(port);
    for (const piece of [
      'POST /echo HTTP/1.1\r\nho',
      'st: x\r\ncontent-length: 10\r\n\r\nhel',
      'lo',
      'world',
    ]) {
      client.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await client.receives('POST  helloworld');
  });

  test('may come in chunks', async () => {
    const { port } = await start();
    const client = new Client(port).send(
      post('5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n', 'transfer-encoding: chunked\r\n'),
    );
    await client.receives('POST q=1 helloworld');
  });

  test('for the head only is answered without the body', async () => {
    const { port } = await start();
    const client = new Client(port).send(get('/head').replace('GET', 'HEAD'));
    expect(await client.receives(/content-length: 9\r\n.*\r\n\r\n$/s)).toMatch(/\r\n\r\n$/);
    client.send(get('/head'));
    await client.receives(/127\.0\.0\.1$/);
  });

  test('may be answered later, and its client may be gone by then', async () => {
    const { port, later, server } = await start();
    const [first, second] = [new Client(port).send(get('/later')), new Client(port).send(get('/later'))];
    await vi.waitFor(() => expect(later).toHaveLength(2));
    const [gone, waiting] = later[0]?.isOpen ? later : [];
    first.socket.destroy();
    await vi.waitFor(() => expect(later.filter((one) => one.isOpen)).toHaveLength(1));
    for (const exchange of later) exchange.respond('200 OK', '', 'at last');
    await second.receives('at last');
    expect([gone?.isOpen, waiting?.isOpen]).toEqual([false, false]);
    expect(server.openRequests).toBe(0);
  });

  test('that meets a bug is answered, and so is the next', async () => {
    const { port } = await start();
    const client = new Client(port).send(get('/bug'));
    expect(await client.receives('500 Internal Server Error')).not.toContain('a bug');
    client.send(get('/nowhere'));
    await client.receives('404 Not Found');
  });
});

describe('a request too large', () => {
  test('by its headers is refused', async () => {
    const { port } = await start();
    const client = new Client(port).send(get('/head', `x-large: ${'a'.repeat(limits.headerBytes)}\r\n`));
    await client.receives('431 Request Header Fields Too Large');
    await client.closes();
  });

  test('by its address is refused', async () => {
    const { port } = await start();
    await new Client(port).send(get(`/head?${'a'.repeat(limits.headerBytes)}`)).receives('HTTP/1.1 431');
  });

  test('by its headers in many pieces is refused', async () => {
    const { port } = await start();
    const client = new Client(port).send('GET /head HTTP/1.1\r\nhost: x\r\n');
    for (let i = 0; i < 12 && !client.isClosed; i++) {
      client.send(`x-${i}: ${'a'.repeat(1_000)}\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await client.receives('HTTP/1.1 431');
    await client.closes();
  });

  test('by the length it announces is refused before it is sent', async () => {
    const { port } = await start();
    const client = new Client(port).send(post('', `content-length: ${limits.bodyBytes + 1}\r\n`));
    await client.receives('413 Content Too Large');
    await client.closes();
  });

  test('by its body in chunks is refused', async () => {
    const { port, server } = await start();
    const client = new Client(port).send(post('', 'transfer-encoding: chunked\r\n'));
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
    for (let i = 0; i < 20; i++) client.send(chunk);
    await client.receives('413 Content Too Large');
    await client.closes();
    expect(server.bytesInFlight).toBe(0);
  });

  test('does not harm its neighbours', async () => {
    const { port } = await start();
    const large = new Client(port).send(post('x'.repeat(limits.bodyBytes + 1)));
    const small = new Client(port).send(post('x'));
    await small.receives('POST q=1 x');
    await large.closes();
  });

  test('may be as large as the bound', async () => {
    const { port } = await start();
    const body = 'x'.repeat(limits.bodyBytes);
    const client = new Client(port).send(post(body));
    await client.receives(/x$/);
    await vi.waitFor(() => expect(client.received.length).toBeGreaterThan(limits.bodyBytes));
  });
});

describe('a client that sends slowly', () => {
  test('is given up', async () => {
    const { port, now, server } = await start();
    const client = new Client(port).send(post('', 'content-length: 100\r\n')).send('x');
    await vi.waitFor(() => expect(server.bytesInFlight).toBe(1));
    now.ms += limits.requestMs;
    await client.receives('408 Request Timeout');
    await client.closes();
    expect(server.bytesInFlight).toBe(0);
  });

  test('and goes away is forgotten', async () => {
    const { port, server } = await start();
    const client = new Client(port).send(post('', 'content-length: 100\r\n')).send('xxxxx');
    await vi.waitFor(() => expect(server.bytesInFlight).toBe(5));
    client.socket.destroy();
    await vi.waitFor(() => expect(server.openRequests).toBe(0));
    expect(server.bytesInFlight).toBe(0);
  });
});

describe('what is no HTTP', () => {
  test.each([
    '\u0000\u0001\u0002\r\n\r\n',
    'GET\r\n\r\n',
    'GET /head HTTP/9.9\r\n\r\n',
    'GET http://x/ HTTP/1.1\r\nhost: x\r\n\r\n',
  ])('%j ends its connection and nothing else', async (text) => {
    const { port } = await start();
    const strange = new Client(port).send(text);
    await strange.closes();
    await new Client(port).send(get('/head')).receives('127.0.0.1');
  });

  test.each(['content-length: -1\r\n', 'content-length: 1e9\r\n', 'transfer-encoding: gzip\r\n'])(
    'a request with %j is refused',
    async (headers) => {
      const { port, server } = await start();
      const client = new Client(port).send(post('zz\r\nhello', headers));
      await client.receives('HTTP/1.1 400');
      await vi.waitFor(() => expect(server.openRequests).toBe(0));
    },
  );
});

describe('a server that drains', () => {
  test('answers what has arrived, refuses what arrives, and takes no more connections', async () => {
    const { port, server, later } = await start();
    const waiting = new Client(port).send(get('/later'));
    const idle = new Client(port).send(get('/head'));
    await vi.waitFor(() => expect(later).toHaveLength(1));
    await idle.receives('127.0.0.1');
    let isDrained = false;
    const drained = server.drain().then(() => {
      isDrained = true;
    });
    idle.send(get('/head'));
    await idle.receives('503 Service Unavailable');
    await new Client(port).closes();
    expect(isDrained).toBe(false);
    later[0]?.respond('200 OK', '', 'at last');
    await waiting.receives('at last');
    await drained;
  });

  test('does not wait long for bodies', async () => {
    const { port, server, now } = await start();
    const client = new Client(port).send(post('', 'content-length: 100\r\n')).send('x');
    await vi.waitFor(() => expect(server.bytesInFlight).toBe(1));
    const drained = server.drain();
    now.ms += 1_000;
    await drained;
    await client.receives('HTTP/1.1 408');
  });
});

describe('a port', () => {
  const another = (): HttpServer => {
    const server = new HttpServer({
      find: () => ({ name: '', readsBody: false, handle: () => undefined }),
      answered: () => undefined,
      logger: pino({ enabled: false }),
      now: Date.now,
    });
    open.push(server);
    return server;
  };

  test('that is taken cannot be listened on', async () => {
    const { port } = await start();
    await expect(another().listen('127.0.0.1', port)).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  });

  test('is shared by servers that are told to', async () => {
    const first = another();
    const port = await first.listen('127.0.0.1', 0);
    first.close();
    const shared = { sharePort: true };
    expect(await another().listen('127.0.0.1', port, shared)).toBe(port);
    expect(await another().listen('127.0.0.1', port, shared)).toBe(port);
  });
});
