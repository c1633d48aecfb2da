import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { Names } from './names.ts';

describe('names', () => {
  it('are what was asked for, the first time and later', () => {
    const names = new Names();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(names.of(text)).toBe(text);
        expect(names.of(text)).toBe(text);
      }),
    );
  });

  it('are right also when there are more of them than are kept', () => {
    const names = new Names();
    let wrong = 0;
    for (let n = 0; n < limits.namesInMemory + 10; n++) if (names.of(`name ${n}`) !== `name ${n}`) wrong++;
    expect(wrong).toBe(0);
    expect(names.of('name 0')).toBe('name 0');
  });
});
