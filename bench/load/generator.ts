/** The load generator as whoever measures sees it: a process that is asked for one load after the other. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Load, LoadResult } from './load.ts';

/** Milliseconds beyond the load's own that it may take. */
const PATIENCE_MS = 60_000;

type Reply = { readonly result: LoadResult } | { readonly error: string };

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class LoadGenerator implements Disposable {
  readonly #child: ChildProcess;
  #runs = 0;

  constructor() {
    this.#child = fork(new URL('./main.js', import.meta.url), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
  }

  /**
   * Puts load on a server; event ids are unlike those of every other run.
   *
   * @throws Error if the server cannot be reached, or an answer is not as it should be
   */
  async run(load: Omit<Load, 'run'>): Promise<LoadResult> {
    const run = `${process.pid.toString(36)}${(this.#runs++).toString(36)}`.slice(-8);
    const result = await this.#ask({ ...load, run });
    if (result.failure !== undefined) throw new Error(`an answer was not as expected: ${result.failure}`);
    return result;
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }

  #ask(load: Load): Promise<LoadResult> {
    const child = this.#child;
    const { promise, resolve, reject } = deferred<LoadResult>();
    const answer = (reply: Reply): void => {
      if ('result' in reply) resolve(reply.result);
      else reject(new Error(reply.error));
    };
    const ended = (): void => reject(new Error('the load generator has ended'));
    const tookLong = (): void => reject(new Error('the load generator does not answer'));
    const patience = setTimeout(tookLong, load.warmUpMs + load.durationMs + PATIENCE_MS);
    child.once('message', answer).once('exit', ended);
    child.send(load);
    return promise.finally(() => {
      clearTimeout(patience);
      child.off('message', answer).off('exit', ended);
    });
  }
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
