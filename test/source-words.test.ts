import { describe, expect, test } from 'vitest';
import { FIELD_RULES } from '../ingest/fields.ts';
import { CAMPAIGN_FIELDS } from '../management/rest/documents/campaign-fields.ts';
import {
  AFFILIATE_STATES,
  BRAND_STATES,
  OBJECTIVE_WORDS,
  TYPE_WORDS,
} from '../management/rest/documents/campaign-words.ts';
import { PAYMENT_FIELDS, PAYMENT_STATES } from '../management/rest/documents/payments.ts';
import { CAMPAIGN_OBJECTIVES, CAMPAIGN_STATUSES, CAMPAIGN_TYPES } from '../model/campaign.ts';
import { DOMAIN_EVENT_TYPES } from '../model/domain-event.ts';
import { SOURCE_EVENT_TYPES, SOURCE_STATES } from '../model/source-words.ts';
import { readProjectFile } from './support/project.ts';

/** Rows of the table whose first column has this title: the cells of each. */
function table(title: string): string[][] {
  const lines = readProjectFile('docs/source-words.md').split('\n');
  const start = lines.findIndex(
    (line, at) => line.startsWith(`| ${title} |`) && lines[at + 1]?.startsWith('|---'),
  );
  const rows = lines.slice(start + 2);
  return rows.slice(0, rows.indexOf('')).map((line) => line.slice(2, -2).split(' | '));
}

const quoted = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word as string);
/** By our word: that of the documents which stands at this place. */
const words = (title: string, at: number): Record<string, string | undefined> =>
  Object.fromEntries(table(title).map(([theirs, own]) => [quoted(own)[0], quoted(theirs)[at]]));
const ours = (title: string): string[] => table(title).flatMap(([, cell]) => quoted(cell));

describe('the table of the source documents’ words', () => {
  test('names the fields that the collector takes, and what it takes them for', () => {
    const taken = table('field').filter(([theirs]) => !theirs?.includes('in answers'));
    expect(taken.length).toBeGreaterThan(8);
    for (const [theirs, own = ''] of taken) {
      for (const word of quoted(theirs)) {
        const name = own.startsWith('the same') ? word : quoted(own)[0];
        const rule = FIELD_RULES.find((candidate) => candidate.name === name);
        expect([name, ...(rule?.aliases ?? [])], `${word} is no name of ${name}`).toContain(word);
      }
    }
  });

  test('names the states and types of events', () => {
    const pairs = (title: string) =>
      table(title).map(([theirs, own]) => [quoted(own)[0], quoted(theirs)[0]] as const);
    expect(Object.fromEntries(pairs('`estado`'))).toEqual(SOURCE_STATES);
    expect(Object.fromEntries(pairs('`tipo_evento`'))).toEqual(SOURCE_EVENT_TYPES);
  });

  test('names the fields that requests about campaigns have, and all that is taken for them', () => {
    const rows = table('field of a campaign');
    expect(rows.map(([name]) => quoted(name)[0]).sort()).toEqual(
      Object.keys(CAMPAIGN_FIELDS)
        .filter((name) => name !== 'moneda')
        .sort(),
    );
    for (const [name, others] of rows) {
      const [field = ''] = quoted(name);
      const taken = quoted(others).filter((word) => !['model', 'rate'].includes(word));
      expect(taken.sort(), field).toEqual([...(CAMPAIGN_FIELDS[field] ?? [])].sort());
    }
  });

  test('names the fields and states of payments, and all that is taken for them', () => {
    const rows = table('field of a payment').map(
      ([name, others]) => [quoted(name)[0] ?? '', quoted(others)] as const,
    );
    expect(Object.fromEntries(rows)).toEqual(PAYMENT_FIELDS);
    expect(words('state of a payment', 0)).toEqual(PAYMENT_STATES);
  });

  test('names states, types and objectives that campaigns have, and events that are published', () => {
    expect(ours('state').sort()).toEqual([...CAMPAIGN_STATUSES].sort());
    expect(ours('type').sort()).toEqual([...CAMPAIGN_TYPES].sort());
    expect(ours('objective').sort()).toEqual([...CAMPAIGN_OBJECTIVES].sort());
    expect(words('state', 0)).toEqual(BRAND_STATES);
    expect(words('state', 1)).toEqual(AFFILIATE_STATES);
    expect(words('type', 0)).toEqual(TYPE_WORDS);
    expect(words('objective', 0)).toEqual(OBJECTIVE_WORDS);
    expect(DOMAIN_EVENT_TYPES).toEqual(expect.arrayContaining(ours('event')));
    expect(ours('event').length).toBeGreaterThan(5);
  });
});
