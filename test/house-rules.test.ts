import { describe, expect, test } from 'vitest';
import { projectFiles, readProjectFile } from './support/project.ts';

const files = projectFiles();
const sources = files.filter((path) => /\.(ts|mjs|js|proto|sh)$/.test(path) || path === '.ci/run');
const texts = files.filter((path) => !/\.(png|gif|ico|woff2?|parquet)$|^package-lock\.json$/.test(path));

/** Lines that match, as `path:line`. Patterns are spelled so that they do not find themselves. */
function occurrences(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    readProjectFile(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

describe('house rules', () => {
  test('no source file has more than 400 lines', () => {
    expect(sources.length).toBeGreaterThan(20);
    const long = sources.filter((path) => readProjectFile(path).trimEnd().split('\n').length > 400);
    expect(long).toEqual([]);
  });

  test('nothing is left open in the code', () => {
    expect(occurrences(sources, /\b(TO[D]O|FIX[M]E|X[X]X)\b|not impl[e]mented/)).toEqual([]);
  });

  test('no test is skipped or singled out', () => {
    expect(occurrences(sources, /\b(test|it|describe)\.(sk[i]p|on[l]y|to[d]o|skip[I]f|run[I]f)\b/)).toEqual(
      [],
    );
  });

  test('only config.ts reads the environment, and of the tests only their own settings', () => {
    const readers = ['config.ts', 'test/support/environment.ts'];
    const typescript = sources.filter((path) => path.endsWith('.ts') && !readers.includes(path));
    expect(occurrences(typescript, /process\s*\.\s*e[n]v\b|process\[['"]e[n]v/)).toEqual([]);
  });

  test('no file names a folder of somebody’s machine', () => {
    expect(occurrences(texts, /(^|[\s'"`(=:])\/(wor[k]|hom[e]|Us[e]rs|roo[t]|far[m])\//)).toEqual([]);
  });

  test('types are never switched off', () => {
    const typescript = sources.filter((path) => path.endsWith('.ts'));
    expect(occurrences(typescript, /@ts-(ign[o]re|nochec[k]|expect-erro[r])|\bas an[y]\s*[),;.\]]/)).toEqual(
      [],
    );
  });
});

describe('dependencies', () => {
  const manifest = JSON.parse(readProjectFile('package.json')) as {
    readonly scripts: Readonly<Record<string, string>>;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const declared = { ...manifest.dependencies, ...manifest.devDependencies };

  test('are pinned to exact versions', () => {
    const exact = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
    const loose = Object.entries(declared).filter(([, version]) => !exact.test(version));
    expect(loose).toEqual([]);
  });

  test('each have a line in docs/dependencies.md, and nothing else has', () => {
    const listed = [...readProjectFile('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
      (match) => match[1] as string,
    );
    expect([...listed].sort()).toEqual(Object.keys(declared).sort());
  });

  /** Used, but by code that is not in the tree. */
  const indirect = new Set(['@bufbuild/protobuf' /* what ts-proto generates imports it */]);

  /** The programs that a package brings. */
  function programsOf(name: string): string[] {
    const { bin = {} } = JSON.parse(readProjectFile(`node_modules/${name}/package.json`)) as {
      bin?: object | string;
    };
    return typeof bin === 'string' ? [] : Object.keys(bin).map((program) => `.bin/${program}`);
  }

  test('are each imported or run by something', () => {
    const users = files.filter(
      (path) => /\.(ts|mjs|js|json|ya?ml)$/.test(path) && !/^package(-lock)?\.json$/.test(path),
    );
    const code = [...users.map(readProjectFile), ...Object.values(manifest.scripts)].join('\n');
    const unused = Object.keys(declared).filter(
      (name) =>
        !name.startsWith('@types/') &&
        !indirect.has(name) &&
        ![name, ...programsOf(name)].some((use) => code.includes(use)),
    );
    expect(unused).toEqual([]);
  });
});
