import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { TurnpikeError } from '../../model/errors.ts';
import { checker } from './check.ts';

const check = checker(
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: 3, pattern: '^[a-z]*$' }),
    size: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    tags: Type.Optional(Type.Array(Type.Object({ key: Type.String() }), { maxItems: 30 })),
    amount: Type.Optional(Type.Unsafe<string | number>({ type: ['string', 'number'] })),
  }),
  'body',
);

function faultsOf(value: unknown): string[] {
  try {
    check(value);
  } catch (error) {
    const { violations = [] } = (error as TurnpikeError).failure;
    return violations.map(({ field, description }) => `${field} ${description}`);
  }
  return [];
}

test.each<[unknown, string[]]>([
  [{ name: 'ab', other: true }, []],
  [null, ['body must be a JSON object']],
  [[], ['body must be a JSON object']],
  [{}, ['name is required']],
  [{ name: '' }, ['name must not be empty']],
  [{ name: 'abcd' }, ['name must have at most 3 characters']],
  [{ name: 'A' }, ['name must match ^[a-z]*$']],
  [{ name: 'a', size: 0 }, ['size must be 1 or more']],
  [{ name: 'a', size: 10 }, ['size must be at most 9']],
  [{ name: 'a', size: 1.5 }, ['size must be a whole number']],
  [{ name: 'a', size: 'x' }, ['size must be a whole number']],
  [{ name: 'a', amount: true }, ['amount must be a string or a number']],
  [{ name: 'a', tags: [{ key: 'x' }, {}] }, ['tags[1].key is required']],
  [{ name: 'a', tags: {} }, ['tags must be a list']],
])('%j: %j', (value, faults) => {
  expect(faultsOf(value)).toEqual(faults);
});

test('a hostile value gets a short answer', () => {
  expect(faultsOf({ name: 'a', tags: Array(10_000).fill(1) }).length).toBeLessThan(10);
});

test('names that objects have of their own are no fields', () => {
  expect(faultsOf(JSON.parse('{"__proto__":{"name":"a"}}'))).toEqual(['name is required']);
});

test('a fault is an expected failure', () => {
  expect(() => check(5)).toThrow(TurnpikeError);
});
