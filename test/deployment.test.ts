import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, servesHttp } from '../config.ts';
import { limits } from '../limits.ts';
import { ALL_SETTINGS, parseSize } from '../settings.ts';
import { type ComposeService, networksOf, PASSWORDS, publishedOn, readCompose } from './support/compose.ts';
import { importsOf } from './support/import-rule.ts';
import { PROJECT_ROOT, projectFiles, readProjectFile } from './support/project.ts';

const { services, networks, volumes } = readCompose();
const all = Object.entries(services);
const ours = all.filter(([, { build }]) => build !== undefined);
const dockerfile = readProjectFile('Dockerfile');

/** Arguments of an instruction, one text for each time it occurs; continued lines are joined. */
function instructions(name: string): string[] {
  const lines = dockerfile.replaceAll(/\\\n\s*/g, ' ').split('\n');
  return lines
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => line.slice(name.length + 1).trim());
}

/** The settings of one of our services, as its container has them: the image's and its own. */
function environmentOf({ environment = {} }: ComposeService): Record<string, string> {
  const image = instructions('ENV')
    .flatMap((line) => [...line.matchAll(/(\w+)=(\S+)/g)])
    .map((match) => [match[1] as string, match[2] as string]);
  return { ...Object.fromEntries(image), ...environment };
}

const serviceNamed = (name: string): ComposeService => services[name] as ComposeService;

describe('the compose file', () => {
  test('has the engines, every role, and three collectors behind a balancer as a profile', () => {
    const roles = ours.map(([name, { environment }]) => [name, environment?.TURNPIKE_ROLES]);
    expect(Object.fromEntries(roles)).toEqual({
      collector: 'ingest',
      'collector-2': 'ingest',
      'collector-3': 'ingest',
      actors: 'actors',
      management: 'management',
    });
    expect(serviceNamed('actors').deploy?.replicas).toBe(2);
    const optional = all.filter(([, { profiles }]) => profiles?.join() === 'balanced').map(([name]) => name);
    expect(optional).toEqual(['collector-2', 'collector-3', 'balancer']);
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['nats', 'redis', 'clickhouse']));
  });

  test.each(all)('pins the image of %s to an exact version', (_name, { image }) => {
    expect(image).toMatch(/^[\w./-]+:\d+\.\d+\.\d+(\.\d+)?(-[a-z][\w.]*)?$/);
  });

  test('calls our image by the version of the package', () => {
    const { version } = JSON.parse(readProjectFile('package.json')) as { version: string };
    expect([...new Set(ours.map(([, { image }]) => image))]).toEqual([`turnpike:${version}`]);
    expect(dockerfile).toContain(`docker build -t turnpike:${version} .`);
  });

  test.each(all)('checks the health of %s, bounds it, and starts it again', (_name, service) => {
    expect(service.healthcheck !== undefined || service.build !== undefined).toBe(true);
    const { cpus, memory } = service.deploy?.resources?.limits ?? {};
    expect(Number(cpus)).toBeGreaterThan(0);
    expect(memory).toMatch(/^\d+[mg]$/);
    expect(service.restart).toBe('unless-stopped');
  });

  test.each(ours)('gives %s settings that the program accepts', (_name, service) => {
    const environment = environmentOf(service);
    const known = ALL_SETTINGS.map(({ name }) => name as string);
    const unknown = Object.keys(environment).filter((name) => name.startsWith('TURNPIKE_'));
    expect(unknown.filter((name) => !known.includes(name))).toEqual([]);
    const { natsUrl, redisUrl, clickhouseUrl, roles } = loadConfig(environment);
    expect(natsUrl).toBe(`nats://turnpike:${PASSWORDS.NATS_PASSWORD}@nats:4222`);
    expect(redisUrl !== undefined).toBe(roles.has('ingest'));
    expect(clickhouseUrl !== undefined).toBe(roles.has('actors') || roles.has('management'));
  });

  test('gives all of ours the same number of partitions', () => {
    const numbers = ours.map(([, { environment }]) => environment?.TURNPIKE_PARTITIONS);
    expect(new Set(numbers).size).toBe(1);
    expect(numbers[0]).toBeDefined();
  });

  test('lets ours listen where others reach them, but for management, which shares the gate’s loopback', () => {
    for (const [name, service] of ours) {
      const { host } = loadConfig(environmentOf(service));
      expect([name, host]).toEqual([name, name === 'management' ? '127.0.0.1' : '0.0.0.0']);
    }
    expect(serviceNamed('management').network_mode).toBe('service:management-gate');
    expect(serviceNamed('management').ports).toBeUndefined();
  });

  test('publishes ports on the loopback interface only, and none of the engines’', () => {
    const published = all.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, publishedOn(port)]));
    expect(published).toEqual([
      ['collector', '127.0.0.1'],
      ['management-gate', '127.0.0.1'],
      ['management-gate', '127.0.0.1'],
      ['balancer', '127.0.0.1'],
    ]);
  });

  test('keeps the engines in a network without a way out', () => {
    expect(networks.engines?.internal).toBe(true);
    for (const name of ['nats', 'redis', 'clickhouse'])
      expect([name, networksOf(serviceNamed(name))]).toEqual([name, ['engines']]);
  });

  test('lets whoever publishes a port into a network with a way out', () => {
    for (const [name, service] of all)
      if (service.ports)
        expect([name, networksOf(service).some((one) => networks[one]?.internal !== true)]).toEqual([
          name,
          true,
        ]);
  });

  test('lets the collectors trust the balancer, and nobody else, to say who its clients are', () => {
    const { networks: joined } = serviceNamed('balancer');
    const address = (joined as Record<string, { ipv4_address?: string }>).edge?.ipv4_address;
    expect(address).toBeDefined();
    for (const name of ['collector', 'collector-2', 'collector-3'])
      expect(serviceNamed(name).environment?.TURNPIKE_TRUSTED_PROXIES).toBe(address);
    expect(readProjectFile('deploy/balancer.cfg')).toContain('set-header X-Forwarded-For %[src]');
  });

  test('names only networks, volumes, services and files that are there', () => {
    for (const [name, service] of all) {
      for (const joined of networksOf(service)) expect([name, joined in networks]).toEqual([name, true]);
      for (const needed of Object.keys(service.depends_on ?? {}))
        expect([name, needed, needed in services]).toEqual([name, needed, true]);
      for (const [source = ''] of (service.volumes ?? []).map((volume) => volume.split(':'))) {
        const isThere = source.startsWith('.') ? existsSync(join(PROJECT_ROOT, source)) : source in volumes;
        expect([name, source, isThere]).toEqual([name, source, true]);
      }
    }
    const used = all.flatMap(([, service]) => (service.volumes ?? []).map((volume) => volume.split(':')[0]));
    expect(Object.keys(volumes).filter((volume) => !used.includes(volume))).toEqual([]);
  });

  test('starts each service after what it needs is healthy', () => {
    for (const [name, service] of all)
      for (const [needed, { condition }] of Object.entries(service.depends_on ?? {}))
        expect([name, needed, condition]).toEqual([name, needed, 'service_healthy']);
    for (const [name, { environment, depends_on }] of ours) {
      const urls = Object.entries(environment ?? {}).filter(([setting]) => setting.endsWith('_URL'));
      for (const [, url] of urls)
        expect([name, Object.keys(depends_on ?? {})]).toEqual([
          name,
          expect.arrayContaining([new URL(url).hostname]),
        ]);
    }
  });

  test('gives ours longer to stop than they take', () => {
    for (const [name, { stop_grace_period = '10s' }] of ours)
      expect([name, Number.parseInt(stop_grace_period, 10) * 1_000 > limits.shutdownMs]).toEqual([
        name,
        true,
      ]);
  });

  test.each(Object.keys(PASSWORDS))('demands %s', (missing) => {
    const others = Object.entries(PASSWORDS).filter(([name]) => name !== missing);
    expect(() => readCompose(Object.fromEntries(others))).toThrow(`${missing} is missing`);
  });

  test('holds no password itself, nor do the files that it mounts', () => {
    const secrets = all.flatMap(([, { environment = {}, command = [] }]) => [
      ...Object.entries(environment).flatMap(([name, value]) => (/PASSWORD|AUTH/.test(name) ? [value] : [])),
      ...Object.values(environment).flatMap((value) =>
        URL.canParse(value) ? [new URL(value).password] : [],
      ),
      ...command.filter((_, index) => command[index - 1] === '--requirepass'),
    ]);
    expect(secrets.length).toBeGreaterThan(10);
    const given: readonly string[] = Object.values(PASSWORDS);
    expect(secrets.filter((secret) => !given.includes(secret.replaceAll('"', '')))).toEqual([]);
    for (const path of projectFiles().filter((file) => file.startsWith('deploy/')))
      expect([path, readProjectFile(path)]).toEqual([
        path,
        expect.not.stringMatching(/^\s*(requirepass|masterauth|<?password|token)\b(?!: \$)/im),
      ]);
  });
});

describe('the configuration of', () => {
  test('NATS has JetStream sync what it acknowledges, in the volume, and takes our records', () => {
    const text = readProjectFile('deploy/nats.conf');
    expect(text).toMatch(/^\s*sync_interval: always$/m);
    const folder = /^\s*store_dir: (\S+)$/m.exec(text)?.[1];
    expect(serviceNamed('nats').volumes).toContain(`nats:${folder}`);
    const payload = Number(/^max_payload: (\d+)MB$/m.exec(text)?.[1]) * 2 ** 20;
    expect(payload).toBeGreaterThan(limits.recordBytes);
    expect(text).toMatch(/^\s*password: \$NATS_PASSWORD$/m);
    // In quotes of its own: NATS would read digits as a number.
    expect(serviceNamed('nats').environment?.NATS_PASSWORD).toBe(`"${PASSWORDS.NATS_PASSWORD}"`);
  });

  test('NATS leaves room for the snapshots besides the log', () => {
    const store = Number(/^\s*max_file_store: (\d+)GB$/m.exec(readProjectFile('deploy/nats.conf'))?.[1]);
    const log = parseSize(serviceNamed('actors').environment?.TURNPIKE_LOG_SIZE ?? '') ?? 0;
    expect(log).toBeGreaterThan(0);
    expect(store * 2 ** 30).toBeGreaterThanOrEqual(2 * log);
  });

  test('Redis keeps nothing on disk, and lets its oldest keys go where memory is short', () => {
    const text = readProjectFile('deploy/redis.conf');
    expect(text).toMatch(/^save ""$/m);
    expect(text).toMatch(/^appendonly no$/m);
    expect(text).toMatch(/^maxmemory-policy volatile-ttl$/m);
    const gigabytes = Number(/^maxmemory (\d+)gb$/m.exec(text)?.[1]);
    const memory = Number.parseInt(serviceNamed('redis').deploy?.resources?.limits?.memory ?? '', 10);
    expect(gigabytes * 1_024).toBeLessThan(memory);
    expect(serviceNamed('redis').volumes).toEqual(['./deploy/redis.conf:/etc/redis/turnpike.conf:ro']);
  });

  test('the balancer has every collector, asks each whether it is ready, and repeats only what is safe', () => {
    const text = readProjectFile('deploy/balancer.cfg');
    const servers = [...text.matchAll(/^\s*server \S+ ([\w-]+):(\d+)$/gm)].map((match) => match.slice(1));
    const collectors = ours.filter(([, { environment }]) => environment?.TURNPIKE_ROLES === 'ingest');
    expect(servers).toEqual(
      collectors.map(([name, service]) => [name, `${loadConfig(environmentOf(service)).ingestPort}`]),
    );
    // Its default, HTTP/1.0, is refused by the collectors.
    expect(text).toMatch(/^\s*http-check send meth GET uri \/readyz ver HTTP\/1\.1 hdr Host \S+$/m);
    expect(text).toMatch(/^\s*retry-on conn-failure empty-response$/m);
    expect(text).toMatch(/^\s*http-request disable-l7-retry unless \{ url_param\(event_id\) -m found \}$/m);
    const [port] = (serviceNamed('balancer').ports ?? []).map((one) => one.split(':').at(-1));
    expect(text).toMatch(new RegExp(`^\\s*bind :${port}$`, 'm'));
  });

  test('the gate leads to the ports of management', () => {
    const text = readProjectFile('deploy/management-gate.cfg');
    const { httpPort, grpcPort } = loadConfig(environmentOf(serviceNamed('management')));
    const targets = [...text.matchAll(/^\s*server \S+ 127\.0\.0\.1:(\d+)$/gm)].map((match) =>
      Number(match[1]),
    );
    expect(targets).toEqual([httpPort, grpcPort]);
    const opened = [...text.matchAll(/^\s*bind :(\d+)$/gm)].map((match) => match[1]);
    const published = (serviceNamed('management-gate').ports ?? []).map((port) => port.split(':'));
    expect(published.map(([, , inside]) => inside)).toEqual(opened);
    expect(published.map(([, outside]) => Number(outside))).toEqual([httpPort, grpcPort]);
  });
});

describe('the image', () => {
  const copies = instructions('COPY');
  const sources = copies
    .filter((line) => !line.startsWith('--from'))
    .flatMap((line) => line.split(/\s+/).slice(0, -1));
  const isCopied = (path: string): boolean =>
    sources.some((source) => path === source || path.startsWith(`${source}/`));

  test('is built on an exact version of Node that the package accepts, with glibc', () => {
    const bases = instructions('FROM').map((line) => line.split(' ')[0]);
    expect(new Set(bases).size).toBe(1);
    const [, major, minor] = /^node:(\d+)\.(\d+)\.\d+-bookworm-slim$/.exec(bases[0] ?? '') ?? [];
    const { engines } = JSON.parse(readProjectFile('package.json')) as { engines: { node: string } };
    const [, leastMajor, leastMinor] = /^>=(\d+)\.(\d+)$/.exec(engines.node) ?? [];
    // uWebSockets.js brings binaries for this glibc up to Node 20.
    expect(Number(major)).toBe(Number(leastMajor));
    expect(Number(minor)).toBeGreaterThanOrEqual(Number(leastMinor));
  });

  test('installs what the lock file says, and leaves out what is for development', () => {
    expect(instructions('RUN').join('\n')).toMatch(/npm ci\b[\s\S]*npm prune --omit=dev/);
  });

  test('copies whatever the program is made of', () => {
    const pending = ['main.ts', 'actors/node/worker-entry.ts'];
    const reached = new Set<string>();
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (reached.has(path) || path.startsWith('proto/generated/')) continue;
      reached.add(path);
      for (const { specifier } of importsOf(readProjectFile(path)))
        if (specifier.startsWith('.')) pending.push(posix.join(posix.dirname(path), specifier));
    }
    expect(reached.size).toBeGreaterThan(50);
    expect([...reached].filter((path) => !isCopied(path))).toEqual([]);
  });

  test('copies whatever the build reads, and nothing that is not there', () => {
    const build = readProjectFile('scripts/build.mjs');
    const list = (name: string): string[] => {
      const text = new RegExp(`const ${name} = \\[([^\\]]*)\\]`).exec(build)?.[1] ?? '';
      return [...text.matchAll(/'([^']+)'/g)].map((match) => match[1] as string);
    };
    const inputs = [...list('FOLDERS'), ...list('FILES')];
    expect(inputs.length).toBeGreaterThan(10);
    expect(inputs.filter((path) => !isCopied(path))).toEqual([]);
    const files = projectFiles();
    const isThere = (source: string): boolean =>
      files.some((path) => path === source || path.startsWith(`${source}/`));
    expect(sources.filter((source) => !isThere(source))).toEqual([]);
  });

  test('is sent exactly what it copies', () => {
    const lines = readProjectFile('.dockerignore').split('\n');
    const sent = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(lines.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
    expect(sent.sort()).toEqual([...sources].sort());
  });

  test('runs as an ordinary user who owns the data folder', () => {
    const users = instructions('USER');
    expect(users).toEqual(['node']);
    expect(dockerfile.indexOf('\nUSER ')).toBeLessThan(dockerfile.indexOf('\nENTRYPOINT '));
    const [folder] = instructions('VOLUME');
    expect(environmentOf({ image: '' }).TURNPIKE_DATA_DIR).toBe(folder);
    expect(instructions('RUN')).toContainEqual(
      expect.stringMatching(new RegExp(`install --directory --owner=node .*${folder}$`)),
    );
  });

  test('hands signals to the program itself, and has threads enough for its engines', () => {
    expect(instructions('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(instructions('ENTRYPOINT').map((line) => JSON.parse(line))).toEqual([['node', 'dist/main.js']]);
    expect(instructions('CMD').map((line) => JSON.parse(line))).toEqual([['start']]);
    expect(environmentOf({ image: '' }).UV_THREADPOOL_SIZE).toBe('16');
  });

  test('asks for health on a port that every role serves', () => {
    const [check = ''] = instructions('HEALTHCHECK');
    const [program, script] = JSON.parse(check.slice(check.indexOf('['))) as string[];
    expect([program, isCopied(script as string)]).toEqual(['node', true]);
    for (const [name, service] of ours) {
      const { roles } = loadConfig(environmentOf(service));
      expect([name, roles.has('ingest') || servesHttp(roles)]).toEqual([name, true]);
    }
  });
});
