import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT_ROOT, projectFiles, readProjectFile } from './support/project.ts';

const documents = projectFiles().filter((path) => path.endsWith('.md'));

/** Targets of the links and pictures of a document that point into the project, without their anchors. */
function localLinks(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/src="([^"]+)"/g)];
  return links
    .map((match) => (match[1] as string).replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

describe('the documents', () => {
  test.each(documents)('%s links to files that are there', (path) => {
    const targets = localLinks(readProjectFile(path)).map((target) => join(dirname(path), target));
    expect(targets.filter((target) => !existsSync(join(PROJECT_ROOT, target)))).toEqual([]);
  });

  test('say what to run with scripts that package.json has', () => {
    const { scripts } = JSON.parse(readProjectFile('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((path) =>
      [...readProjectFile(path).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] as string),
    );
    expect(named.length).toBeGreaterThan(0);
    expect([...new Set([...named, 'start', 'test'])].filter((name) => scripts[name] === undefined)).toEqual(
      [],
    );
  });
});
