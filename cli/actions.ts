/** What the commands do: each loads its code when it is called, so that `--help` need not. */
import type { DemoFlags } from './demo-command.ts';
import { ExitCode } from './exit.ts';
import type { Actions } from './program.ts';
import type { ReplayFlags } from './replay-command.ts';
import type { VerifyOptions } from './verify.ts';

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

  async demo({ collector, api, ...options }: DemoFlags) {
    const { runDemo } = await import('./demo/demo.ts');
    const addresses = {
      collector: collector ?? (await configuredAddress('ingestPort', '--collector')),
      api: api ?? (await configuredAddress('httpPort', '--api')),
    };
    return runDemo({ ...options, ...addresses }, process.stdout);
  },

  async replay({ progress, collector, ...options }: ReplayFlags) {
    const { runReplay } = await import('./replay.ts');
    const stop = new AbortController();
    // The first Ctrl-C stops in order; the second one, no longer caught, ends the program.
    process.once('SIGINT', () => stop.abort());
    const more = {
      collector: collector ?? (await configuredAddress('ingestPort', '--collector')),
      progress: process.stderr.isTTY ? ('bar' as const) : progress ? ('lines' as const) : ('none' as const),
    };
    return runReplay({ ...options, ...more }, process.stdout, stop.signal);
  },

  async verify(options: VerifyOptions) {
    const { loadConfig } = await import('../config.ts');
    const config = loadConfig();
    const { runVerify } = await import('./verify.ts');
    return runVerify(config, options, { report: process.stdout, progress: process.stderr });
  },
};

async function configuredAddress(port: 'ingestPort' | 'httpPort', option: string): Promise<string> {
  const { loadConfig } = await import('../config.ts');
  const { httpAddress } = await import('./server-address.ts');
  return httpAddress(loadConfig(), port, option);
}
