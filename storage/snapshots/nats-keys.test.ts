import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterOf, keyOf, subjectOf } from './nats-keys.ts';

const key = fc.stringMatching(/^[ab./=_-]{1,8}$/);

/** Whether NATS would deliver the subject to the filter. */
function passes(subject: string, filter: string): boolean {
  const parts = subject.split('.');
  const wanted = filter.split('.');
  return wanted.every((part, i) => (part === '>' ? parts.length > i : part === parts[i]));
}

describe('keys as subjects', () => {
  test('read as paths', () => {
    expect(subjectOf('partition/3/campaign/summer-24/state')).toBe('partition.3.campaign.summer-24.state');
    expect(subjectOf('a.b/c')).toBe('a/b.c');
    expect(subjectOf('/=/')).toBe('=.==.=');
  });

  test('are subjects of NATS, and come back as they were', () => {
    fc.assert(
      fc.property(key, (one) => {
        expect(subjectOf(one)).toMatch(/^[\w=/-]+(\.[\w=/-]+)*$/);
        expect(keyOf(subjectOf(one))).toBe(one);
      }),
    );
  });

  test('pass the filters of all their prefixes', () => {
    fc.assert(
      fc.property(key, fc.nat(8), (one, length) => {
        expect(passes(subjectOf(one), filterOf(one.slice(0, length)))).toBe(true);
      }),
    );
  });

  test('of a folder are told from others by the filter alone', () => {
    expect(filterOf('partition/3/spool/')).toBe('partition.3.spool.>');
    expect(filterOf('partition/3/sp')).toBe('partition.3.>');
    expect(filterOf('')).toBe('>');
  });
});
