import { describe, expect, test } from 'vitest';
import { ALL_SETTINGS } from '../settings.ts';
import { configurationPage, settingsHelp } from './settings-text.ts';

describe('the documentation of the settings', () => {
  test('docs/configuration.md is what the table says (npm run docs:config)', async () => {
    await expect(configurationPage()).toMatchFileSnapshot('../docs/configuration.md');
  });

  test('does not depend on the machine it is made on', () => {
    expect(configurationPage()).toContain('| cores − 1, at least 1 |');
  });

  test('the help names every setting with its default and keeps its lines short', () => {
    const help = settingsHelp();
    for (const { name } of ALL_SETTINGS) expect(help).toContain(`${name}  (default: `);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('every example is one that its setting accepts', () => {
    for (const { kind, example } of ALL_SETTINGS) expect(kind.parse(example)).toBeDefined();
  });
});
