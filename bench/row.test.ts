import { describe, expect, it } from 'vitest';
import { aimText, figureText, rowOf } from './row.ts';

const measured = { name: 'one', question: 'How fast?', unit: 'events/s' };

describe('a row', () => {
  it('takes its ratio from repetitions that were measured next to each other', () => {
    const reference = { name: 'bare', samples: [100, 50, 200] };
    const row = rowOf({ ...measured, samples: [80, 40, 160], reference });
    expect(row.value).toBe(80);
    expect(row.reference).toMatchObject({ name: 'bare', value: 100 });
    expect(row.ratio).toBe(0.8);
  });

  it('meets its aims only if it meets all of them', () => {
    const reference = { name: 'bare', samples: [100] };
    const met = (samples: number[], ...aims: Parameters<typeof rowOf>[0]['aims'] & object) =>
      rowOf({ ...measured, samples, reference, aims }).met;
    expect(met([80], { of: 'ratio', atLeast: 0.8 })).toBe(true);
    expect(met([79], { of: 'ratio', atLeast: 0.8 })).toBe(false);
    expect(met([5], { of: 'ratio', atMost: 0.05 })).toBe(true);
    expect(met([80], { of: 'ratio', atLeast: 0.8 }, { of: 'value', atLeast: 90 })).toBe(false);
  });

  it('without an aim neither meets nor misses one', () => {
    expect(rowOf({ ...measured, samples: [1] }).met).toBeUndefined();
  });

  it('with an aim for a ratio that it does not have misses it', () => {
    expect(rowOf({ ...measured, samples: [1], aims: [{ of: 'ratio', atLeast: 0 }] }).met).toBe(false);
  });

  it('refuses a reference that was measured another number of times', () => {
    const reference = { name: 'bare', samples: [1, 2] };
    expect(() => rowOf({ ...measured, samples: [1], reference })).toThrow(RangeError);
  });
});

describe('figures as text', () => {
  it.each([
    [0.04567, '0.0457'],
    [12.345, '12.3'],
    [999.4, '999'],
    [254_321.7, '254,322'],
    [0, '0'],
  ])('%d is %s', (value, text) => {
    expect(figureText(value)).toBe(text);
  });

  it('say what is aimed at', () => {
    expect(
      aimText([
        { of: 'ratio', atLeast: 0.5 },
        { of: 'value', atLeast: 1e6 },
      ]),
    ).toBe('ratio ≥ 0.5 and ≥ 1,000,000');
    expect(aimText([{ of: 'value', atMost: 50 }])).toBe('≤ 50');
    expect(aimText([])).toBe('');
  });
});
