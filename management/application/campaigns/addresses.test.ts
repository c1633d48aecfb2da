import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostName, pageAddress, webOrigin } from './addresses.ts';

describe('a page address', () => {
  test.each([
    'https://shop.example',
    'http://127.0.0.1:9000/landing',
    'HTTPS://Shop.Example/Offer?x={click_id}&y={sub1}#{partner_id}',
    'https://shop.example/{campaign_id}/offer',
    'https://[::1]:8080/',
  ])('is kept as it was written: %s', (text) => {
    expect(pageAddress(text)).toEqual({ kept: text });
  });

  test('is encoded where it is not ASCII, and keeps its macros', () => {
    expect(pageAddress('https://tienda.example/campaña/{sub1}?q=año&c={click_id}')).toEqual({
      kept: 'https://tienda.example/campa%C3%B1a/{sub1}?q=a%C3%B1o&c={click_id}',
    });
    expect(pageAddress('https://mañana.example/')).toEqual({ kept: 'https://xn--maana-pta.example/' });
  });

  test('never holds what could end a header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const address = pageAddress(`https://a.example/${text}`);
        if ('kept' in address) expect(address.kept).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });

  test.each([
    '',
    'shop.example',
    '//shop.example',
    'ftp://shop.example',
    'javascript:alert(1)',
    'https://',
    'https:shop.example',
    'https://user:word@shop.example/',
    'https://{host}/',
    'https://a.{sub1}.example/',
    'https://shop.example/a b',
    'https://shop.example/\u0085',
  ])('is not %j', (text) => {
    expect(pageAddress(text)).toHaveProperty('fix');
  });
});

describe('a host', () => {
  test.each([
    ['shop.example', 'shop.example'],
    ['Shop.Example:8443', 'shop.example:8443'],
    ['mañana.example', 'xn--maana-pta.example'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]:80', '[::1]'],
  ])('%s is kept as %s', (text, kept) => {
    expect(hostName(text)).toEqual({ kept });
  });

  test.each([
    '',
    '*',
    '*.example',
    'https://shop.example',
    'shop.example/',
    'a@b',
    'a b',
    'a:b',
    'x'.repeat(254),
  ])('is not %j', (text) => {
    expect(hostName(text)).toHaveProperty('fix');
  });
});

describe('an origin', () => {
  test.each([
    ['https://shop.example', 'https://shop.example'],
    ['HTTP://Shop.Example:80/', 'http://shop.example'],
    ['http://localhost:3000', 'http://localhost:3000'],
  ])('%s is kept as %s', (text, kept) => {
    expect(webOrigin(text)).toEqual({ kept });
  });

  test.each([
    '',
    'null',
    '*',
    'shop.example',
    'https://*.example',
    'https://shop.example/x',
    'https://u@shop.example',
  ])('is not %j', (text) => {
    expect(webOrigin(text)).toHaveProperty('fix');
  });
});
