import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { chosen, SUITE } from './suite.ts';

describe('the options', () => {
  it('mean a full run of everything if there are none', () => {
    expect(readOptions([], [])).toEqual({
      quick: false,
      json: false,
      only: [],
      html: undefined,
      runs: 7,
      longRuns: 5,
      profile: undefined,
    });
  });

  it('of a quick run repeat less, unless told how often', () => {
    expect(readOptions(['--quick'], []).runs).toBe(3);
    expect(readOptions(['--quick', '--runs', '5'], [])).toMatchObject({ runs: 5, longRuns: 5 });
  });

  it('name benchmarks by commas', () => {
    expect(readOptions(['--only', 'single, replay'], []).only).toEqual(['single', 'replay']);
  });

  it('choose benchmarks in the order of the suite, and none that there is not', () => {
    expect(chosen([])).toBe(SUITE);
    expect(chosen(['replay', 'single']).map(({ name }) => name)).toEqual(['single', 'replay']);
    expect(() => chosen(['simple'])).toThrow('there is no simple: there are single');
  });
});
