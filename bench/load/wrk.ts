/** `wrk`, where it is installed: a second opinion, from a generator that nobody here has written. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary.ts';
import { processorTimeMs } from '../processor-time.ts';

export interface WrkLoad {
  readonly port: number;
  readonly path: string;
  /** Sent by POST as JSON; else it is a GET. */
  readonly body?: string;
  readonly connections: number;
  readonly durationMs: number;
}

export interface WrkResult {
  readonly perSecond: number;
  /** Requests whose answer it has seen. Up to one a connection more were sent. */
  readonly answered: number;
  /** Processor time of its own, in milliseconds, or a little less. */
  readonly ownMs: number;
}

const SAMPLE_MS = 50;

/**
 * Runs it with one thread.
 *
 * @throws Error if it fails, or any answer was none or had another status than 2xx or 3xx
 */
export async function runWrk(load: WrkLoad): Promise<WrkResult> {
  using folder = temporaryFolder('wrk');
  const script = join(folder.path, 'request.lua');
  writeFileSync(script, scriptOf(load.body));
  const seconds = Math.max(1, Math.round(load.durationMs / 1_000));
  const url = `http://127.0.0.1:${load.port}${load.path}`;
  const args = ['-t1', `-c${load.connections}`, `-d${seconds}s`, '-s', script, url];
  const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let ownMs = 0;
  const sampling = setInterval(() => {
    if (child.pid !== undefined && child.exitCode === null) ownMs = processorTimeMs([child.pid]);
  }, SAMPLE_MS);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject).once('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`wrk ended with ${code}: ${output}`));
      });
    });
  } finally {
    clearInterval(sampling);
  }
  return { ...readWrk(output), ownMs };
}

function scriptOf(body: string | undefined): string {
  if (body === undefined) return '';
  return [
    'wrk.method = "POST"',
    `wrk.body = ${JSON.stringify(body)}`,
    'wrk.headers["Content-Type"] = "application/json"',
    '',
  ].join('\n');
}

/** What it prints. @throws Error if there were errors, or it is something else */
export function readWrk(output: string): Pick<WrkResult, 'perSecond' | 'answered'> {
  const answered = /^\s*(\d+) requests in /m.exec(output)?.[1];
  const perSecond = /^Requests\/sec:\s+([\d.]+)/m.exec(output)?.[1];
  if (answered === undefined || perSecond === undefined) throw new Error(`wrk printed: ${output}`);
  const trouble = /^\s*(Socket errors|Non-2xx or 3xx responses): .*/m.exec(output);
  if (trouble !== null) throw new Error(`wrk met ${trouble[0].trim()}`);
  return { answered: Number(answered), perSecond: Number(perSecond) };
}
