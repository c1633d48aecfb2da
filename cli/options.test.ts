import { describe, expect, test } from 'vitest';
import * as read from './options.ts';

describe('the options', () => {
  test.each([
    ['a whole number', read.wholeNumber(1, 500_000), '200000', 200_000],
    ['a grouped number', read.wholeNumber(1, 500_000), '200_000', 200_000],
    ['a percentage', read.percentage(50), '3%', 0.03],
    ['a percentage without its sign', read.percentage(50), '0.5', 0.005],
    ['a rate', read.eventRate, '5000', 5_000],
    ['a rate with its unit', read.eventRate, '5000/s', 5_000],
    ['a duration', read.duration, '5m', 300_000],
    ['an address', read.httpOrigin, 'http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['a delimiter', read.delimiter, ';', ';'],
    ['a tab', read.delimiter, 'tab', '\t'],
    ['shares', read.channelShares, 'pixel=5%,single=2%', { pixel: 0.05, single: 0.02, redirect: 0 }],
  ])('read %s', (_, reader, text, value) => {
    expect((reader as (text: string) => unknown)(text)).toEqual(value);
  });

  test.each([
    ['a number above its bound', read.wholeNumber(1, 10), '11'],
    ['a number with a sign', read.wholeNumber(-5, 10), '-1'],
    ['a fraction', read.wholeNumber(1, 10), '1.5'],
    ['a percentage above its bound', read.percentage(50), '51%'],
    ['a percentage that is none', read.percentage(50), 'half'],
    ['a rate of nothing', read.eventRate, '0/s'],
    ['a rate per minute', read.eventRate, '5/min'],
    ['a duration without a unit', read.duration, '60'],
    ['an address with a path', read.httpOrigin, 'http://127.0.0.1:8080/v1'],
    ['an address of something else', read.httpOrigin, 'ftp://127.0.0.1'],
    ['a word as delimiter', read.delimiter, 'comma'],
    ['shares of something else', read.channelShares, 'post=5%'],
    ['too many redirects', read.channelShares, 'redirect=20%'],
    ['more than everything', read.channelShares, 'pixel=80%,single=30%'],
  ])('refuse %s', (_, reader, text) => {
    expect(() => (reader as (text: string) => unknown)(text)).toThrow(/^Expected /);
  });

  test('gather pairs over repetitions', () => {
    const first = read.pairs('a=x, b=y', new Map());
    expect([...read.pairs('c=z', first)]).toEqual([
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'z'],
    ]);
  });

  test('leave commas and signs in the value of a single pair', () => {
    expect([...read.pair('url=https://a.example/?b=1,2', new Map())]).toEqual([
      ['url', 'https://a.example/?b=1,2'],
    ]);
  });

  test.each(['a', '=x', 'a=', ''])('refuse the pair "%s"', (text) => {
    expect(() => read.pairs(text, new Map())).toThrow('Expected name=value.');
  });
});
