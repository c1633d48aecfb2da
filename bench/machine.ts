/** Where something was measured: figures mean nothing without it. */
import { spawnSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Processes that wanted to run when the suite began, the mean of a minute: others' work, if over 1. */
  readonly load: number;
  /** Of programs and of the product's own commit; `none` for what is not there. */
  readonly versions: Readonly<Record<string, string>>;
  /** How it was measured. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

export function describeMachine(
  settings: Machine['settings'],
  folder: string,
  now: () => number = Date.now,
): Machine {
  return {
    date: new Date(now()).toISOString(),
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${arch()}`,
    load: loadavg()[0] as number,
    versions: {
      node: process.versions.node,
      turnpike: printed('git', ['-C', folder, 'describe', '--always', '--dirty']),
      'nats-server': versionIn(printed('nats-server', ['--version'])),
      'redis-server': versionIn(printed('redis-server', ['--version'])),
      wrk: versionIn(printed('wrk', ['--version'])),
    },
    settings,
  };
}

/** Debian keeps servers where not everybody looks for programs. */
function printed(command: string, args: readonly string[]): string {
  for (const name of [command, `/usr/sbin/${command}`]) {
    const { error, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' });
    if (!error) return (stdout || stderr).split('\n')[0]?.trim() || 'none';
  }
  return 'none';
}

/** The first thing in a line that looks like a version. */
export function versionIn(line: string): string {
  return /\d+\.\d+(\.\d+)?/.exec(line)?.[0] ?? 'none';
}

/** Whether a program is there. */
export function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}
