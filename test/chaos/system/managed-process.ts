/**
 * A process of the system under chaos: it may be killed, stopped and ended at any time, and is started again
 * with the same command line. What it prints goes to a file. Should it end by itself, it is started again,
 * as an orchestrator would do, and that is noted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Exit } from '../../support/process.ts';
import { PROJECT_ROOT } from '../../support/project.ts';
import { waitFor } from '../../support/wait.ts';
import { watchOver } from './reaper.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** What it prints when it accepts work. */
  readonly ready: RegExp;
  /** Where its output goes, over all its lives. */
  readonly logFile: string;
}

const START_MS = 60_000;
/** Pause before a process that ended by itself is started again. */
const RESTART_MS = 500;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class ManagedProcess implements AsyncDisposable {
  readonly spec: ProcessSpec;
  #child: ChildProcess | undefined;
  #exited: Promise<Exit> = Promise.resolve({ code: 0, signal: null });
  #exit: Exit | undefined;
  /** Changes whenever it is started or ended on purpose: what belongs to an earlier life does nothing more. */
  #life = 0;
  #isPaused = false;
  /** How often it ended by itself after it had accepted work. */
  readonly crashes: Exit[] = [];
  /** How often it ended by itself before. */
  failedStarts = 0;

  constructor(spec: ProcessSpec) {
    this.spec = spec;
  }

  get name(): string {
    return this.spec.name;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Starts it, again and again if it ends before it accepts work.
   *
   * @param attempts how often at most
   * @throws Error with its output if it does not get ready
   */
  async start(attempts = Number.POSITIVE_INFINITY): Promise<void> {
    const life = ++this.#life;
    for (let attempt = 1; life === this.#life; attempt++) {
      const printed = this.#spawn();
      const outcome = await waitFor(
        `${this.name} to accept work`,
        () => {
          if (this.spec.ready.test(printed())) return 'ready';
          return this.#exit === undefined && life === this.#life ? undefined : 'ended';
        },
        START_MS,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${printed()}`);
      });
      if (life !== this.#life) return;
      if (outcome === 'ready') {
        this.#supervise(life);
        return;
      }
      this.failedStarts++;
      if (attempt >= attempts) throw new Error(`${this.name} ended before it accepted work\n${printed()}`);
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
  }

  /** Kills it as a crash would, and waits until it is gone. */
  async kill(): Promise<Exit> {
    return this.#end('SIGKILL');
  }

  /** Asks it to end, as an operator would, and waits until it has. */
  async terminate(): Promise<Exit> {
    return this.#end('SIGTERM');
  }

  /** Stops it in its tracks: its connections stay open, and nothing answers on them. */
  async pause(): Promise<void> {
    const child = this.#running;
    this.#isPaused = true;
    child.kill('SIGSTOP');
    await waitFor(`${this.name} to stop`, () => this.#exit !== undefined || isStopped(child.pid as number));
  }

  /** Lets it go on where it was. */
  resume(): void {
    this.#isPaused = false;
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #end(signal: NodeJS.Signals): Promise<Exit> {
    this.#life++;
    this.#isPaused = false;
    if (this.#exit === undefined) this.#child?.kill(signal);
    return this.#exited;
  }

  get #running(): ChildProcess {
    if (this.#child === undefined || this.#exit !== undefined) throw new Error(`${this.name} does not run`);
    return this.#child;
  }

  /** @returns what this life of it has printed so far */
  #spawn(): () => string {
    const { command, args, environment, logFile } = this.spec;
    const log = openSync(logFile, 'a');
    const begin = readFileSync(logFile).length;
    const child = spawn(command, args, {
      cwd: PROJECT_ROOT,
      env: environment,
      // The standard input tells a fixture that whoever started it is gone.
      stdio: ['pipe', log, log],
      // A Ctrl-C is meant for this process, which has more to do with its children than to end them.
      detached: true,
    });
    closeSync(log);
    watchOver(child);
    this.#child = child;
    this.#exit = undefined;
    running.add(child);
    this.#exited = new Promise((resolve) => {
      const ended = (exit: Exit): void => {
        running.delete(child);
        if (this.#child === child) this.#exit = exit;
        resolve(exit);
      };
      child.once('error', () => ended({ code: -1, signal: null }));
      child.once('exit', (code, signal) => ended({ code, signal }));
    });
    return () => readFileSync(logFile).subarray(begin).toString();
  }

  #supervise(life: number): void {
    void this.#exited.then(async (exit) => {
      if (life !== this.#life) return;
      this.crashes.push(exit);
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      if (life === this.#life) await this.start();
    });
  }
}

function isStopped(pid: number): boolean {
  return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
