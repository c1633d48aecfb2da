import { describe, expect, test } from 'vitest';
import { describeAnswer, eventResults, parseObject } from './events-answer.ts';

const answer = (body: string, status = 202) => ({ status, headers: {}, body });

describe('eventResults', () => {
  test('gives the results in order', () => {
    const body = '{"results":[{"status":"accepted","click_id":"x"},{"status":"duplicate"}]}';
    expect(eventResults(answer(body), 2)).toEqual([
      { status: 'accepted', click_id: 'x' },
      { status: 'duplicate' },
    ]);
  });

  test.each([
    ['another status', answer('{"title":"bad"}', 400), 'status 400: {"title":"bad"}'],
    ['too few results', answer('{"results":[]}'), '0 results for 1 events'],
    ['no results', answer('{}'), 'no results for 1 events'],
    ['a text', answer('hello\n there'), 'not JSON, status 202: hello there'],
    ['a number', answer('7'), 'not a JSON object, status 202: 7'],
  ])('refuses %s', (_, given, message) => {
    expect(() => eventResults(given, 1)).toThrow(message);
  });
});

test('a long answer is described by its beginning', () => {
  expect(describeAnswer(answer('x'.repeat(1_000)))).toHaveLength('status 202: '.length + 200);
});

test('an object is what it says', () => {
  expect(parseObject(answer('{"a":1}'))).toEqual({ a: 1 });
});
