/** A server of the suite's own, in a process of its own: it prints its port when it listens. */
import { fileURLToPath } from 'node:url';
import { cleanEnvironment } from '../../test/support/environment.ts';
import { TestProcess } from '../../test/support/process.ts';

export class Program implements AsyncDisposable {
  readonly port: number;
  readonly #process: TestProcess;

  private constructor(process: TestProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /**
   * Starts one.
   *
   * @param module URL of the compiled program
   */
  static async start(module: URL, args: readonly string[] = []): Promise<Program> {
    const program = new TestProcess(process.execPath, [fileURLToPath(module), ...args], cleanEnvironment());
    try {
      const [, port] = await program.line(/^listening (\d+)$/m, 30_000);
      return new Program(program, Number(port));
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
