#!/usr/bin/env node
/**
 * How the memory of the server behaves: idle, and under minutes of load.
 *
 *     node test/soak.mjs [--minutes 10] [--events 200000] [--every 10]
 *
 * Starts the built server on free ports with data of its own, runs `turnpike demo` against it again and
 * again, and prints a line of resident memory every few seconds and a summary at the end.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist', 'main.js');
const IDLE_MS = 20_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    events: { type: 'string', default: '200000' },
    every: { type: 'string', default: '10' },
  },
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resident memory of a process in MiB, of which `anonymous` is its own and the rest mapped files. */
function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { resident: field('VmRSS'), anonymous: field('RssAnon') };
}

async function startServer(dataDirectory) {
  const server = spawn(process.execPath, [MAIN, 'start'], {
    cwd: ROOT,
    env: {
      ...process.env,
      TURNPIKE_INGEST_PORT: '0',
      TURNPIKE_HTTP_PORT: '0',
      TURNPIKE_GRPC_PORT: '0',
      TURNPIKE_DATA_DIR: dataDirectory,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = await new Promise((resolve, reject) => {
    let text = '';
    server.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
    server.stdout.on('data', (part) => {
      text += part;
      const line = /^turnpike ready (.*)$/m.exec(text);
      if (line) resolve(line[1]);
    });
  });
  const port = (name) => new RegExp(`${name}=\\S*?:(\\d+)(?:\\s|$)`).exec(ready)?.[1];
  return {
    server,
    ports: {
      TURNPIKE_INGEST_PORT: port('ingest'),
      TURNPIKE_HTTP_PORT: port('http'),
      TURNPIKE_GRPC_PORT: port('grpc'),
    },
  };
}

/** Runs the demo once. */
function runDemo(ports) {
  return new Promise((resolve, reject) => {
    const demo = spawn(process.execPath, [MAIN, 'demo', '--events', values.events, '--json'], {
      cwd: ROOT,
      env: { ...process.env, ...ports },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    demo.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the demo ended with code ${code}`)),
    );
  });
}

async function main() {
  if (!build({ ifNeeded: true, quiet: true })) return 1;
  const dataDirectory = mkdtempSync(join(tmpdir(), 'turnpike-soak-'));
  const { server, ports } = await startServer(dataDirectory);
  const begin = performance.now();
  const samples = [];
  const sample = (what) => {
    const seconds = Math.round((performance.now() - begin) / 1000);
    const { resident, anonymous } = memoryOf(server.pid);
    samples.push({ seconds, resident });
    console.log(
      `${String(seconds).padStart(6)} s  ${resident.toFixed(0).padStart(6)} MiB resident  ` +
        `${anonymous.toFixed(0).padStart(6)} MiB own  ${what}`,
    );
  };
  let timer;
  try {
    await pause(IDLE_MS);
    sample('idle');
    let rounds = 0;
    timer = setInterval(
      () => sample(`after ${rounds * Number(values.events)} events`),
      Number(values.every) * 1000,
    );
    const end = performance.now() + Number(values.minutes) * 60_000;
    for (; performance.now() < end; rounds++) await runDemo(ports);
    clearInterval(timer);
    sample(`after ${rounds * Number(values.events)} events`);
    await pause(IDLE_MS);
    sample('idle again');
    const half = samples.slice(1, -1);
    const middle = half[Math.floor(half.length / 2)];
    const last = half[half.length - 1];
    console.log(
      `\n${rounds * Number(values.events)} events; resident ${samples[0].resident.toFixed(0)} MiB idle, ` +
        `${middle.resident.toFixed(0)} MiB half-way, ${last.resident.toFixed(0)} MiB at the end, ` +
        `${Math.max(...samples.map(({ resident }) => resident)).toFixed(0)} MiB at most`,
    );
    return 0;
  } finally {
    clearInterval(timer);
    server.removeAllListeners('exit');
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

process.exitCode = await main();
