import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonBody } from './json-body.ts';

test('reads what was written', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseJsonBody(Buffer.from(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('tells the position of what does not belong there', () => {
  const list = fc.array(fc.jsonValue(), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(list, fc.nat(), (values, pick) => {
      const texts = values.map((value) => JSON.stringify(value));
      const at = pick % texts.length;
      const before = `[${texts
        .slice(0, at)
        .map((text) => `${text},`)
        .join('')}`;
      const text = `${before}@${texts.slice(at).join(',')}]`;
      expect(() => parseJsonBody(Buffer.from(text))).toThrow(
        new RegExp(`the body is not valid JSON at position ${before.length}$`),
      );
    }),
  );
});

test('takes no longer than it should to look for the position', () => {
  const text = `["${'x'.repeat(1_000_000)}",@]`;
  expect(() => parseJsonBody(Buffer.from(text))).toThrow('the body is not valid JSON');
});

test('never takes anything but an expected failure to refuse', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        parseJsonBody(Buffer.from(bytes));
      } catch (error) {
        expect(error).toMatchObject({ failure: { code: 'invalid_argument' } });
      }
    }),
  );
});

test('an empty body is none', () => {
  expect(parseJsonBody(Buffer.alloc(0))).toBeUndefined();
});
