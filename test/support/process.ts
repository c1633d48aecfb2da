/** A child process of a test: its output is kept, its end can be waited for, and it never outlives the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PROJECT_ROOT } from './project.ts';
import { waitFor } from './wait.ts';

/** How a process ended. */
export interface Exit {
  /** Exit code, or `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const OUTPUT_KEPT = 256 * 1024;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class TestProcess implements AsyncDisposable {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #exit: Exit | undefined;

  /** Starts a program in the project's folder. */
  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    const child = spawn(command, args, {
      cwd: PROJECT_ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-OUTPUT_KEPT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-OUTPUT_KEPT);
    });
    this.exited = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        running.delete(child);
        reject(error);
      });
      // `close` and not `exit`: only then is all of the output here.
      child.once('close', (code, signal) => {
        running.delete(child);
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
    // Somebody may never ask how it ended.
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process was not started');
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Both outputs, for the message of a failure. */
  get output(): string {
    return `--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`;
  }

  /** How it ended, or `undefined` while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Resident memory in MiB. */
  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kiB === undefined) throw new Error('the process has no memory: it has ended');
    return Number(kiB) / 1024;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for a line of the standard output that matches; fails at once if the process ends before. */
  async line(pattern: RegExp, withinMs = 60_000): Promise<RegExpExecArray> {
    const found = await waitFor(
      `a line matching ${pattern}`,
      () => {
        const match = pattern.exec(this.#stdout);
        if (match) return match;
        return this.#exit === undefined ? undefined : 'ended';
      },
      withinMs,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.output}`);
    });
    if (found === 'ended') {
      const { code, signal } = this.#exit as Exit;
      throw new Error(`ended with ${signal ?? `code ${code}`} before it said ${pattern}\n${this.output}`);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) this.#child.kill('SIGKILL');
    await this.exited.catch(() => undefined);
  }
}
