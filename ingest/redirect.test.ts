import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowedOverride, fillLandingPage, MACROS, withClickId } from './redirect.ts';
import { campaign } from './test-support.ts';

describe('a landing page', () => {
  test('has its macros filled, encoded', () => {
    const page = 'https://shop.example/{campaign_id}/p?s={sub1}&a={partner_id}&x={unknown}#{source_id}';
    const values = { campaign_id: 'spring', sub1: 'a b&c=d', partner_id: 'ñ', source_id: '#' };
    expect(fillLandingPage(page, values)).toBe(
      'https://shop.example/spring/p?s=a%20b%26c%3Dd&a=%C3%B1&x={unknown}#%23',
    );
  });

  test('has macros without a value filled with nothing', () => {
    expect(fillLandingPage('https://shop.example/?s={sub2}', {})).toBe('https://shop.example/?s=');
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    '//shop.example/',
    'shop.example',
    '',
    'https://{sub1}.example/',
    'https://{sub1}/',
    'https://shop.example:{sub1}/',
    '{sub1}://shop.example/',
  ])('%j cannot be gone to', (page) => {
    expect(fillLandingPage(page, { sub1: 'evil' })).toBeUndefined();
  });

  test('never leads to another host, whatever the macros are filled with', () => {
    const values = fc.dictionary(fc.constantFrom(...MACROS), fc.string({ unit: 'grapheme' }));
    const pages = fc.constantFrom(
      'https://shop.example/{sub1}',
      'https://shop.example{sub1}',
      'https://{sub1}@shop.example/',
      'https://shop.example/?{sub1}={sub2}#{sub3}',
    );
    fc.assert(
      fc.property(pages, values, (page, filled) => {
        const url = fillLandingPage(page, filled);
        if (url === undefined) return;
        expect(new URL(url).host).toBe('shop.example');
        expect(url).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});

describe('the click id', () => {
  test.each([
    ['https://a.example/', 'https://a.example/?click_id=X'],
    ['https://a.example/?', 'https://a.example/?click_id=X'],
    ['https://a.example/?b=1', 'https://a.example/?b=1&click_id=X'],
    ['https://a.example/?b=1#top', 'https://a.example/?b=1&click_id=X#top'],
    ['https://a.example/#a?b', 'https://a.example/?click_id=X#a?b'],
    ['https://a.example/?click_id=old&b=%20', 'https://a.example/?b=%20&click_id=X'],
  ])('is appended to %s', (url, expected) => {
    expect(withClickId(url, 'X')).toBe(expected);
  });
});

describe('an address that the link asks for', () => {
  const one = campaign({
    landingPageUrl: 'https://shop.example/landing',
    allowedHosts: ['other.example', 'dev.example:8443'],
  });

  test.each([
    ['https://shop.example/product?a=1', 'https://shop.example/product?a=1'],
    ['http://other.example', 'http://other.example/'],
    ['https://dev.example:8443/x', 'https://dev.example:8443/x'],
    ['https://SHOP.example/ñ', 'https://shop.example/%C3%B1'],
  ])('%s is gone to', (asked, url) => {
    expect(allowedOverride(asked, one)).toBe(url);
  });

  test.each([
    'https://evil.example/',
    'https://shop.example.evil.example/',
    'https://evil.shop.example/',
    'https://shop.example@evil.example/',
    'https://user:pass@shop.example/',
    'https://shop.example:444/',
    'https://dev.example/',
    '//evil.example',
    'javascript:alert(1)//shop.example',
    'https:\\\\evil.example',
    '/relative',
    '',
  ])('%s is not', (asked) => {
    expect(allowedOverride(asked, one)).toBeUndefined();
  });

  test('is never another host than those named', () => {
    fc.assert(
      fc.property(fc.webUrl(), (asked) => {
        const url = allowedOverride(asked, one);
        if (url !== undefined)
          expect(['shop.example', 'other.example', 'dev.example:8443']).toContain(new URL(url).host);
      }),
    );
  });
});
