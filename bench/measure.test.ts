import { describe, expect, it } from 'vitest';
import { inTurn, resultsOf } from './measure.ts';

describe('measurements in turn', () => {
  it('alternate, every other round in the opposite order', async () => {
    const order: string[] = [];
    const subject = (name: string) => ({
      name,
      async run() {
        order.push(name);
        return order.length;
      },
    });
    const results = await inTurn([subject('a'), subject('b')], 3);
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
    expect(resultsOf(results, 'a')).toEqual([1, 4, 5]);
    expect(resultsOf(results, 'b')).toEqual([2, 3, 6]);
  });

  it('know nothing of what was not measured', async () => {
    const results = await inTurn<number>([], 1);
    expect(() => resultsOf(results, 'a')).toThrow('not measured');
  });
});
