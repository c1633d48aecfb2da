/**
 * The load generator's own process: raw sockets that are kept open, one request at a time on each. It runs
 * apart from whoever measures, and tells how much of a processor it took itself.
 */
import { connect, type Socket } from 'node:net';
import { processorTimeMs } from '../processor-time.ts';
import { AnswerReader } from './answer-reader.ts';
import { ownMs, pause, runGrpc } from './grpc-run.ts';
import { Histogram } from './histogram.ts';
import type { Load, LoadResult } from './load.ts';
import { Odometer, type RequestTemplate, requestTemplate } from './request.ts';

/** Milliseconds for which the last answers are waited for. */
const PATIENCE_MS = 20_000;
/** Connections that are opened at a time: as many as a server lets wait. */
const OPENED_AT_ONCE = 256;
/** Milliseconds between two looks at which requests are due, where their rate is given. */
const PACE_MS = 2;

class Connection {
  readonly #run: Run;
  readonly #template: RequestTemplate;
  readonly #number = new Odometer();
  readonly #reader: AnswerReader;
  readonly #socket: Socket;
  readonly opened: Promise<void>;
  #sentAt = 0;
  isBusy = false;

  constructor(run: Run, index: number) {
    this.#run = run;
    this.#template = requestTemplate(run.load.what, run.load.run, index);
    this.#reader = new AnswerReader(this.#template);
    this.#socket = connect({ port: run.load.port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('error', reject);
    });
    this.#socket.on('close', () => {
      if (!run.isOver) run.failed('a connection was closed');
    });
  }

  send(now: number): void {
    const { bytes, holes } = this.#template;
    const { digits } = this.#number;
    this.#number.next();
    for (const hole of holes) bytes.set(digits, hole);
    this.isBusy = true;
    this.#sentAt = now;
    this.#run.sent++;
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const progress = this.#reader.take(chunk);
    if (progress === 'more') return;
    this.isBusy = false;
    if (progress === 'wrong') this.#run.failed(this.#reader.wrong);
    else this.#run.answered(this, this.#sentAt);
  }
}

class Run {
  readonly load: Load;
  sent = 0;
  isOver = false;
  readonly #connections: Connection[] = [];
  readonly #histogram = new Histogram();
  #answered = 0;
  #measured = 0;
  #failure: string | undefined;
  #isMeasured = false;
  #isSending = true;
  #whenDone: () => void = () => undefined;

  constructor(load: Load) {
    this.load = load;
  }

  async run(): Promise<LoadResult> {
    const { warmUpMs, durationMs, pids } = this.load;
    await this.#open();
    const pacing = this.#start();
    await pause(warmUpMs);
    const [ownBefore, theirsBefore] = [ownMs(), processorTimeMs(pids)];
    const begin = performance.now();
    this.#isMeasured = true;
    await pause(durationMs);
    this.#isMeasured = false;
    const windowMs = performance.now() - begin;
    const [own, theirs] = [ownMs() - ownBefore, processorTimeMs(pids) - theirsBefore];
    clearInterval(pacing);
    await this.#drain();
    return {
      sent: this.sent,
      answered: this.#answered,
      failure: this.#failure,
      measured: this.#measured,
      windowMs,
      medianMs: this.#histogram.percentile(0.5),
      p99Ms: this.#histogram.percentile(0.99),
      slowestMs: this.#histogram.most,
      ownMs: own,
      theirsMs: theirs,
    };
  }

  answered(connection: Connection, sentAt: number): void {
    const now = performance.now();
    this.#answered++;
    if (this.#isMeasured) {
      this.#measured++;
      this.#histogram.add(now - sentAt);
    }
    if (!this.#isSending) {
      if (this.#answered === this.sent) this.#whenDone();
    } else if (this.load.rate === 0) connection.send(now);
  }

  failed(why: string): void {
    this.#failure ??= why;
    this.#isSending = false;
    this.#whenDone();
  }

  async #open(): Promise<void> {
    const { connections } = this.load;
    while (this.#connections.length < connections) {
      const count = Math.min(OPENED_AT_ONCE, connections - this.#connections.length);
      const next = Array.from(
        { length: count },
        (_, index) => new Connection(this, this.#connections.length + index),
      );
      this.#connections.push(...next);
      await Promise.all(next.map(({ opened }) => opened));
    }
  }

  /** Sends on all connections, or as many requests as are due. */
  #start(): NodeJS.Timeout | undefined {
    const begin = performance.now();
    const { rate } = this.load;
    if (rate === 0) {
      for (const connection of this.#connections) connection.send(begin);
      return undefined;
    }
    let next = 0;
    return setInterval(() => {
      const now = performance.now();
      const due = Math.floor(((now - begin) / 1_000) * rate);
      for (let looked = 0; this.sent < due && looked < this.#connections.length; looked++) {
        const connection = this.#connections[next++ % this.#connections.length] as Connection;
        if (!connection.isBusy && this.#isSending) connection.send(now);
      }
    }, PACE_MS);
  }

  async #drain(): Promise<void> {
    this.#isSending = false;
    if (this.#answered < this.sent && this.#failure === undefined) {
      const patience = setTimeout(() => this.failed('answers did not come'), PATIENCE_MS);
      await new Promise<void>((resolve) => {
        this.#whenDone = resolve;
      });
      clearTimeout(patience);
    }
    this.isOver = true;
    for (const connection of this.#connections) connection.end();
  }
}

process.on('message', (load: Load) => {
  const run = load.what.kind === 'grpc' ? runGrpc(load) : new Run(load).run();
  run.then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
// It may be told to end by a Ctrl-C that is meant for whoever measures, who ends it then.
process.on('SIGINT', () => undefined);
