/**
 * Ends what a run has started, should it be killed itself: a shell that is told of every child, and kills
 * those that are left when it hears nothing more.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

const SCRIPT = `
while read -r sign pid; do
  case $sign in
    +) pids="$pids $pid " ;;
    -) pids=$(printf '%s' "$pids" | sed "s/ $pid / /") ;;
  esac
done
for pid in $pids; do kill -9 "$pid"; done 2>/dev/null`;

let shell: ChildProcess | undefined;

function tell(line: string): void {
  shell ??= startShell();
  shell.stdin?.write(`${line}\n`);
}

function startShell(): ChildProcess {
  // Apart from this process's group: a Ctrl-C is not meant for it.
  const child = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  // It must not keep this process alive.
  (child.stdin as Socket | null)?.unref();
  return child;
}

/** A child was started, and must not be left behind. */
export function watchOver(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  tell(`+ ${pid}`);
  child.once('exit', () => tell(`- ${pid}`));
}
