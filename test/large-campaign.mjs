#!/usr/bin/env node
/**
 * How a campaign with very many events and transactions behaves: what its snapshot takes, how soon it is
 * back after a kill, what memory it needs, and whether its decisions are still exact.
 *
 *     node test/large-campaign.mjs [--events 10000000] [--transactions 1000000] [--resent 50000]
 *
 * Starts the built server on free ports with data of its own, sends batches over HTTP, kills it, starts it
 * again, sends transactions that it has counted already under new event ids, and new ones. Fails if a single
 * figure is not what it must be.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Pool, request } from 'undici';
import { build } from '../scripts/build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CAMPAIGN = 'large';
const BATCH = 1_000;
const REQUESTS_AT_ONCE = 8;
const CATCHING_UP_MS = 900_000;
/** Each conversion costs half a dollar and is worth two. */
const RATE_CENTS = 50;
const VALUE_CENTS = 200;

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    transactions: { type: 'string', default: '1000000' },
    resent: { type: 'string', default: '50000' },
  },
});
const events = Number(values.events);
const transactions = Number(values.transactions);
const resent = Math.min(Number(values.resent), transactions);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (what, value) => console.log(`${what.padEnd(52)} ${value}`);
const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const money = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

class Server {
  #child;
  #environment;
  ports = { ingest: '0', http: '0', grpc: '0' };

  constructor(dataDirectory) {
    this.#environment = { ...process.env, TURNPIKE_DATA_DIR: dataDirectory };
  }

  /** Starts it, and gives the milliseconds until it was ready. */
  async start() {
    const begin = performance.now();
    const { ingest, http, grpc } = this.ports;
    const ports = { TURNPIKE_INGEST_PORT: ingest, TURNPIKE_HTTP_PORT: http, TURNPIKE_GRPC_PORT: grpc };
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'main.js'), 'start'], {
      cwd: ROOT,
      env: { ...this.#environment, ...ports },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const ready = await new Promise((resolve, reject) => {
      let text = '';
      child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
      child.stdout.on('data', (part) => {
        text += part;
        const line = /^turnpike ready (.*)$/m.exec(text);
        if (line) resolve(line[1]);
      });
    });
    for (const name of Object.keys(this.ports))
      this.ports[name] = new RegExp(`${name}=\\S*?:(\\d+)(?:\\s|$)`).exec(ready)[1];
    return performance.now() - begin;
  }

  async end(signal) {
    const ended = new Promise((resolve) => this.#child.removeAllListeners('exit').once('exit', resolve));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await ended;
  }

  /** Resident memory in bytes, of which `own` is no mapped file; and the heap of the main thread. */
  async memory() {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) * 1024;
    const answer = await request(`http://127.0.0.1:${this.ports.http}/metrics`);
    const heap = Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(await answer.body.text())?.[1]);
    return { resident: field('VmRSS'), own: field('RssAnon'), heap };
  }

  /** Asks until it is answered, for as long as it may take the actor to come to it. */
  async rest(method, path, body, deadline = performance.now() + CATCHING_UP_MS) {
    const answer = await request(`http://127.0.0.1:${this.ports.http}${path}`, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : null,
      headersTimeout: 600_000,
    });
    const text = await answer.body.text();
    // One thread decides on all events of a campaign, and may be behind what the collector takes.
    if (answer.statusCode === 503 && performance.now() < deadline)
      return this.rest(method, path, body, deadline);
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return JSON.parse(text);
  }

  /** Sends `count` events in batches, the n-th of which is `eventOf(n)`, until each is answered. */
  async send(count, eventOf) {
    const pool = new Pool(`http://127.0.0.1:${this.ports.ingest}`, { connections: REQUESTS_AT_ONCE });
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const begin = next;
        next = Math.min(next + BATCH, count);
        const lines = Array.from({ length: next - begin }, (_, i) => eventOf(begin + i)).join('\n');
        await sendUntilTaken(pool, lines);
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, lane));
    await pool.destroy();
  }
}

async function sendUntilTaken(pool, body) {
  for (;;) {
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await pool.request({ method: 'POST', path: '/v1/events', headers, body });
    const text = await answer.body.text();
    if (answer.statusCode === 202) return;
    if (answer.statusCode !== 503) throw new Error(`the collector answered ${answer.statusCode}: ${text}`);
    await pause(100);
  }
}

const everyNth = Math.max(1, Math.floor(events / transactions));
const isConversion = (n) => n % everyNth === 0 && n / everyNth < transactions;

/** The n-th event, as a line of JSON. Among others than conversions every fifth is a click. */
function eventOf(n) {
  if (isConversion(n)) return conversion(`e${n}`, n / everyNth);
  const type = n % 5 === 1 ? 'click' : 'impression';
  return `{"event_id":"e${n}","type":"${type}","campaign_id":"${CAMPAIGN}","partner_id":"p${n % 50}"}`;
}

function conversion(eventId, transaction) {
  const value = money(VALUE_CENTS);
  return (
    `{"event_id":"${eventId}","type":"conversion","campaign_id":"${CAMPAIGN}","partner_id":"p${transaction % 50}",` +
    `"transaction_id":"order-${transaction}","value":"${value}","currency":"USD"}`
  );
}

function check(what, actual, expected) {
  const differs = Object.entries(expected).filter(
    ([name, value]) => JSON.stringify(actual[name]) !== JSON.stringify(value),
  );
  for (const [name, value] of differs) {
    console.error(`${what}: ${name} is ${JSON.stringify(actual[name])} and must be ${JSON.stringify(value)}`);
    process.exitCode = 1;
  }
  if (differs.length === 0) say(what, 'exact');
}

/** Figures of a campaign with that many conversions, and repeats of them. */
function expected(conversions, duplicates) {
  const usd = (cents) => ({ amount: money(cents), currency: 'USD' });
  let clicks = 0;
  for (let n = 0; n < events; n++) if (!isConversion(n) && n % 5 === 1) clicks++;
  const accepted = events + conversions - transactions;
  return {
    received: accepted + duplicates,
    accepted,
    duplicates,
    rejected: 0,
    pending: 0,
    clicks,
    conversions,
    spend: usd(RATE_CENTS * conversions),
    revenue: usd(VALUE_CENTS * conversions),
  };
}

/** Cursors, and above all the event ids of the last minutes. */
const OF_PARTITIONS = 'the partitions themselves';

/** What lies in the snapshots of a server that is not running. */
async function reportSnapshot(dataDirectory) {
  const { openLmdbSnapshots } = await import('../dist/storage/snapshots/lmdb.js');
  const snapshots = openLmdbSnapshots({ directory: join(dataDirectory, 'snapshots') });
  const kinds = new Map();
  for await (const { key, value } of snapshots.list('partition/')) {
    const [, , owner, id, document] = key.split('/');
    if (owner === 'campaign' && id !== CAMPAIGN) throw new Error(`a document of another campaign: ${key}`);
    const kind = owner === 'campaign' ? document : OF_PARTITIONS;
    const { count = 0, bytes = 0 } = kinds.get(kind) ?? {};
    kinds.set(kind, { count: count + 1, bytes: bytes + value.byteLength });
  }
  await snapshots.close();
  let sum = 0;
  for (const [kind, { count, bytes }] of kinds) {
    say(`snapshot, ${kind}`, `${bytes} bytes in ${count} document${count === 1 ? '' : 's'}`);
    if (kind !== OF_PARTITIONS) sum += bytes;
  }
  say('snapshot of the campaign, all its documents', mib(sum));
}

async function reportMemory(server, when) {
  const { resident, own, heap } = await server.memory();
  say(`memory ${when}`, `${mib(resident)} resident, ${mib(own)} own, ${mib(heap)} heap of the main thread`);
}

const figures = (server) => server.rest('GET', `/v1/campaigns/${CAMPAIGN}/metrics`);

async function load(server) {
  const begin = performance.now();
  await server.send(events, eventOf);
  const took = performance.now() - begin;
  say('events sent', `${events} in ${seconds(took)}, ${Math.round((events / took) * 1000)} a second`);
  await figures(server);
  say('until the actor had decided on them', seconds(performance.now() - begin - took));
  await server.rest('GET', `/v1/campaigns/${CAMPAIGN}/metrics?from=2020-01-01T00:00:00Z`);
  say('until the warehouse had them', seconds(performance.now() - begin - took));
}

async function main() {
  if (!build({ ifNeeded: true, quiet: true })) return;
  const dataDirectory = mkdtempSync(join(tmpdir(), 'turnpike-large-'));
  const server = new Server(dataDirectory);
  try {
    await server.start();
    await server.rest('POST', '/v1/campaigns', {
      campaign_id: CAMPAIGN,
      brand_id: 'brand',
      name: 'Large',
      type: 'AFFILIATE',
      objective: 'SALES',
      landing_page_url: 'https://shop.example/',
      budget: { total: { amount: '9000000.00', currency: 'USD' } },
      cost: { model: 'CPA', rate: { amount: money(RATE_CENTS), currency: 'USD' } },
    });
    await server.rest('POST', `/v1/campaigns/${CAMPAIGN}:activate`, {});
    await reportMemory(server, 'before');
    await load(server);
    check('figures', await figures(server), expected(transactions, 0));
    await reportMemory(server, 'with the load');

    await server.end('SIGKILL');
    await reportSnapshot(dataDirectory);
    const readyMs = await server.start();
    const begin = performance.now();
    const after = await figures(server);
    say('ready again after kill -9', seconds(readyMs));
    say('and the first live answer', seconds(performance.now() - begin));
    check('figures after the kill', after, expected(transactions, 0));
    await reportMemory(server, 'after the start');

    const step = Math.max(1, Math.floor(transactions / resent));
    await server.send(resent, (n) => conversion(`again-${n}`, (n * step) % transactions));
    await server.send(BATCH, (n) => conversion(`new-${n}`, transactions + n));
    const account = expected(transactions + BATCH, resent);
    check(`figures with ${resent} transactions sent again`, await figures(server), account);
    const { reasons } = await server.rest('GET', `/v1/campaigns/${CAMPAIGN}/conservation`);
    const told = reasons.find(({ name }) => name === 'duplicate_transaction');
    check('reasons of the decided events', { events: told?.events }, { events: resent });
    await reportMemory(server, 'at the end');
  } finally {
    await server.end('SIGTERM');
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

await main();
