import { describe, expect, test } from 'vitest';
import { ALL_SETTINGS } from '../settings.ts';
import { TABLES } from '../storage/warehouse/port.ts';
import { projectFiles, readProjectFile } from './support/project.ts';

describe('the page on operations', () => {
  const page = readProjectFile('docs/operations.md');
  const product = projectFiles().filter(
    (path) =>
      /^(actors|cli|ingest|management|model|storage)\/.*\.ts$|^limits\.ts$/.test(path) &&
      !path.endsWith('.test.ts'),
  );
  const code = product.map(readProjectFile).join('\n');

  /** What the page sets as code and the pattern finds whole. */
  const spans = (pattern: RegExp): string[] =>
    [...new Set([...page.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] as string))].filter((span) =>
      pattern.test(span),
    );

  test('names metrics that there are, and all of them', () => {
    const named = spans(/^turnpike_\w+$/);
    const registered = [
      ...code.matchAll(
        /'(turnpike_(?:gateway|ingest|partition|actors|spool|events|management|webhook)_\w+)'/g,
      ),
    ];
    expect(named.sort()).toEqual([...new Set(registered.map((match) => match[1] as string))].sort());
  });

  test('names settings that there are', () => {
    const named = [...new Set(page.match(/\bTURNPIKE_\w+/g))];
    const known = ALL_SETTINGS.map(({ name }) => name as string);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('quotes log lines as they are written', () => {
    const table = page.slice(
      page.indexOf('## What each failure looks like'),
      page.indexOf('## What to watch'),
    );
    const quoted = [...table.matchAll(/`([a-zA-Z][\w;:]*(?: [\w;:]+)+)`/g)].map(
      (match) => match[1] as string,
    );
    expect(quoted.length).toBeGreaterThan(10);
    const isWritten = (line: string): boolean =>
      [line, line.replace(/^Redis /, ''), line.replace(/^TURNPIKE_\w+ /, '')].some((text) =>
        code.includes(text),
      );
    const others = ['npm run chaos', 'insufficient resources'];
    expect(quoted.filter((line) => !others.includes(line) && !isWritten(line))).toEqual([]);
  });

  test('lets a restore remove what would be there twice, from every table that does not replace repeats', () => {
    const statements = readProjectFile('storage/warehouse/migrations.ts').split(
      'CREATE TABLE IF NOT EXISTS ',
    );
    const engineOf = (table: string): string | undefined => {
      const statement = statements.find((text) => text.startsWith(`${table} `)) ?? '';
      return /ENGINE = (\w+)/.exec(statement)?.[1];
    };
    const repeating = TABLES.filter((table) => engineOf(table) === 'MergeTree');
    expect(repeating.length).toBeGreaterThan(0);
    expect(page).toContain(`for t in ${repeating.join(' ')}; do clickhouse-client`);
    for (const table of TABLES) expect(page).toContain(`\`${table}\``);
  });

  test('is found from the other documents', () => {
    expect(readProjectFile('README.md')).toContain('(docs/operations.md)');
    expect(readProjectFile('docs/ARCHITECTURE.md')).toContain('(operations.md)');
  });
});
