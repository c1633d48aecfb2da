/**
 * The import rule: who may import whom. The way of the data through the folders is also the only way of
 * their dependencies; adapters are chosen in one place.
 */
import { posix } from 'node:path';

export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** `import type` or `export type`: gone after compilation. */
  readonly typeOnly: boolean;
}

const STATIC_IMPORT = /^[ \t]*import\s+(type\s+)?(?:[\w$*{][^;'"]*?\s*from\s*)['"]([^'"\n]+)['"]/gm;
const BARE_IMPORT = /^[ \t]*import\s*['"]([^'"\n]+)['"]/gm;
const RE_EXPORT = /^[ \t]*export\s+(type\s+)?(?:\*[^;'"]*?|\{[^}]*\})\s*from\s*['"]([^'"\n]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"\n]+)['"]/g;

/** All imports and re-exports of a source text. */
export function importsOf(source: string): Import[] {
  const imports: Import[] = [];
  for (const pattern of [STATIC_IMPORT, RE_EXPORT]) {
    for (const match of source.matchAll(pattern)) {
      imports.push({ specifier: match[2] as string, typeOnly: match[1] !== undefined });
    }
  }
  for (const pattern of [BARE_IMPORT, DYNAMIC_IMPORT]) {
    for (const match of source.matchAll(pattern)) {
      imports.push({ specifier: match[1] as string, typeOnly: false });
    }
  }
  return imports;
}

/** Built-in modules without I/O: pure code may use them. */
const PURE_BUILTINS = new Set(['node:assert', 'node:buffer', 'node:crypto', 'node:util']);

/** The files that choose adapters: the process' wiring, and that of its threads. */
const COMPOSITION = ['main.ts', 'cli/engines/', 'actors/node/worker-entry.ts'];

const SERVICES = ['ingest/', 'actors/', 'management/'];

/** What several adapters share of one engine. */
const ENGINES = /^storage\/(nats|redis)\//;

const isPort = (path: string): boolean =>
  /^storage\/[^/]+\/port\.ts$/.test(path) || path === 'storage/warehouse/schema.ts';

/**
 * Why `file` may not import this, or `undefined` if it may.
 *
 * @param file path from the project's root, as `specifier` is resolved against it
 */
export function violation(file: string, { specifier, typeOnly }: Import): string | undefined {
  if (!specifier.startsWith('.')) return libraryViolation(file, specifier);
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  if (/^(test|bench)\//.test(target)) return 'product code never imports tests or benchmarks';
  if (COMPOSITION.some((wiring) => file.startsWith(wiring)) || target === 'limits.ts') return undefined;

  const service = SERVICES.find((folder) => file.startsWith(folder));
  if (service !== undefined) {
    if (target.startsWith('model/') || target.startsWith(service) || isPort(target)) return undefined;
    if (target === 'config.ts') return typeOnly ? undefined : 'services take the types of config.ts only';
    if (service === 'management/' && target.startsWith('proto/generated/')) return undefined;
    return `${service} imports the model, limits, ports and itself, not ${target}`;
  }
  if (file.startsWith('storage/')) {
    const port = /^storage\/[^/]+\//.exec(file)?.[0];
    if (target.startsWith('model/') || isPort(target) || ENGINES.test(target)) return undefined;
    if (port !== undefined && target.startsWith(port)) return undefined;
    return `an adapter imports the model, limits, ports and its own folder, not ${target}`;
  }
  if (file.startsWith('model/')) {
    return target.startsWith('model/') ? undefined : `the model imports the model and limits, not ${target}`;
  }
  if (target.startsWith('storage/') && !isPort(target)) return 'only the wiring chooses adapters';
  return undefined;
}

function libraryViolation(file: string, specifier: string): string | undefined {
  const pure = file.startsWith('model/') || file.startsWith('actors/campaign/');
  if (pure && specifier.startsWith('node:') && !PURE_BUILTINS.has(specifier)) {
    return `pure code does no I/O, so it has no use for ${specifier}`;
  }
  return undefined;
}

/** All violations of one file, as lines to print. */
export function violations(file: string, source: string): string[] {
  return importsOf(source).flatMap((entry) => {
    const reason = violation(file, entry);
    return reason === undefined ? [] : [`${file} imports '${entry.specifier}': ${reason}`];
  });
}
