/** What the commands do: each loads its code when it is called, so that `--help` need not. */
import type { DemoOptions } from './demo/demo.ts';
import { ExitCode } from './exit.ts';
import type { Actions } from './program.ts';
import type { ReplayFlags } from './replay-command.ts';

export const ACTIONS: Actions = {
  async start() {
    const { loadConfig } = await import('../config.ts');
    const config = loadConfig();
    const { start } = await import('./start.ts');
    await start(config);
    return ExitCode.ok;
  },

  async migrate() {
    const { loadConfig } = await import('../config.ts');
    const config = loadConfig();
    const { migrate } = await import('./migrate.ts');
    await migrate(config, process.stdout);
    return ExitCode.ok;
  },

  async demo(options: DemoOptions) {
    const { runDemo } = await import('./demo/demo.ts');
    return runDemo(options, process.stdout);
  },

  async replay({ progress, ...options }: ReplayFlags) {
    const { runReplay } = await import('./replay.ts');
    const stop = new AbortController();
    // The first Ctrl-C stops in order; the second one, no longer caught, ends the program.
    process.once('SIGINT', () => stop.abort());
    const style = process.stderr.isTTY ? 'bar' : progress ? 'lines' : 'none';
    return runReplay({ ...options, progress: style }, process.stdout, stop.signal);
  },
};
