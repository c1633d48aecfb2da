import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cleanEnvironment } from './support/environment.ts';
import { TestProcess } from './support/process.ts';
import { PROJECT_ROOT } from './support/project.ts';
import { temporaryFolder } from './support/temporary.ts';
import { waitFor } from './support/wait.ts';

interface Project extends Disposable {
  readonly path: string;
  write(file: string, content: string): void;
  read(file: string): string;
  build(...options: string[]): { readonly status: number | null; readonly stderr: string };
}

/** A small project with this one's build, settings and packages. */
function project(): Project {
  const folder = temporaryFolder('build');
  const { path } = folder;
  for (const name of ['scripts', 'cli']) mkdirSync(join(path, name));
  for (const file of ['scripts/alone.mjs', 'scripts/build.mjs', 'package.json', 'package-lock.json']) {
    copyFileSync(join(PROJECT_ROOT, file), join(path, file));
  }
  for (const file of ['tsconfig.json', 'tsconfig.build.json']) {
    copyFileSync(join(PROJECT_ROOT, file), join(path, file));
  }
  symlinkSync(join(PROJECT_ROOT, 'node_modules'), join(path, 'node_modules'));
  const write = (file: string, content: string): void => writeFileSync(join(path, file), content);
  write('cli/greeting.ts', `export const greeting: string = 'hello';\n`);
  write(
    'main.ts',
    `#!/usr/bin/env node\nimport { greeting } from './cli/greeting.ts';\nconsole.log(greeting);\n`,
  );
  return {
    path,
    write,
    read: (file) => readFileSync(join(path, file), 'utf8'),
    build(...options) {
      const script = join(path, 'scripts', 'build.mjs');
      const { status, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: 'utf8' });
      return { status, stderr };
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

describe('two builds at once', () => {
  test('come one after the other', async () => {
    using set = project();
    // A process that lives is at work.
    set.write('.build.lock', String(process.pid));
    const build = [join(set.path, 'scripts', 'build.mjs')];
    await using second = new TestProcess(process.execPath, build, cleanEnvironment());
    await waitFor('the second to wait', () => second.stderr.includes('waiting for it'));
    expect(existsSync(join(set.path, 'dist'))).toBe(false);
    rmSync(join(set.path, '.build.lock'));
    expect(await second.exited).toMatchObject({ code: 0 });
    expect(existsSync(join(set.path, 'dist', 'main.js'))).toBe(true);
    expect(existsSync(join(set.path, '.build.lock'))).toBe(false);
  });

  test('do not wait for one that was killed', () => {
    using set = project();
    const { pid } = spawnSync(process.execPath, ['--version']);
    set.write('.build.lock', String(pid));
    expect(set.build()).toEqual({ status: 0, stderr: 'Building …\n' });
  });
});

describe('the build', () => {
  test('does not install packages where they are somebody else’s', () => {
    using set = project();
    const lock = JSON.parse(set.read('package-lock.json'));
    lock.packages['node_modules/another'] = { version: '1.0.0' };
    set.write('package-lock.json', JSON.stringify(lock));
    const { status, stderr } = set.build();
    expect(status).toBe(1);
    expect(stderr).toContain('node_modules is a link, and its packages are not current');
    expect(existsSync(join(PROJECT_ROOT, 'node_modules', 'vitest'))).toBe(true);
  });

  test('makes a program that runs, and can be called by its name', () => {
    using set = project();
    expect(set.build()).toEqual({ status: 0, stderr: 'Building …\n' });
    const program = spawnSync(join(set.path, 'dist', 'main.js'), { encoding: 'utf8' });
    expect(program.stdout).toBe('hello\n');
  });

  test('does nothing if nothing has changed', () => {
    using set = project();
    set.build();
    const before = statSync(join(set.path, 'dist', '.sources')).mtimeMs;
    expect(set.build('--if-needed')).toEqual({ status: 0, stderr: '' });
    expect(statSync(join(set.path, 'dist', '.sources')).mtimeMs).toBe(before);
  });

  test('builds again after a change, and removes what has lost its source', () => {
    using set = project();
    set.write('cli/old.ts', 'export const old = 1;\n');
    set.build();
    expect(existsSync(join(set.path, 'dist', 'cli', 'old.js'))).toBe(true);
    rmSync(join(set.path, 'cli', 'old.ts'));
    set.write('cli/greeting.ts', `export const greeting: string = 'good day';\n`);
    expect(set.build('--if-needed', '--quiet')).toEqual({ status: 0, stderr: '' });
    expect(set.read('dist/cli/greeting.js')).toContain('good day');
    expect(existsSync(join(set.path, 'dist', 'cli', 'old.js'))).toBe(false);
  });

  test('builds again after dist was deleted', () => {
    using set = project();
    set.build();
    rmSync(join(set.path, 'dist'), { recursive: true });
    expect(set.build('--if-needed', '--quiet').status).toBe(0);
    expect(existsSync(join(set.path, 'dist', 'cli', 'greeting.js'))).toBe(true);
  });

  test('tells a mistake where it is, fails, and is not taken for done', () => {
    using set = project();
    set.write('cli/greeting.ts', 'export const greeting: string = 7;\n');
    for (const attempt of ['first', 'second']) {
      const { status, stderr } = set.build('--if-needed', '--quiet');
      expect([attempt, status]).toEqual([attempt, 1]);
      expect(stderr).toMatch(/^cli\/greeting\.ts\(1,14\): error TS2322: .*\nThe build failed\.\n$/);
    }
  });

  test('refuses options that it does not have', () => {
    using set = project();
    expect(set.build('--fast')).toEqual({
      status: 2,
      stderr: 'build.mjs: unknown option --fast; there are --if-needed and --quiet\n',
    });
  });
});

test('the lock file knows the optional packages of every platform, without which npm ci refuses it', () => {
  const { packages } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Record<string, string> }>>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
