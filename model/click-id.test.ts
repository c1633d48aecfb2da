import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLICK_ID_LENGTH, decodeClickId, encodeClickId, verifyClickId } from './click-id.ts';

const SECRET = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);
const click = fc.record({
  campaignId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  partnerId: fc.string({ maxLength: 128, unit: 'grapheme-composite' }).filter((text) => text.length <= 128),
  clickedAt: fc.integer({ min: 0, max: 2 ** 47 }),
  nonce: fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)),
});

describe('a click id', () => {
  it('tells its campaign, partner and time to whoever holds the secret', () => {
    fc.assert(
      fc.property(click, (input) => {
        const text = encodeClickId(SECRET, input);
        expect(text.length).toBeLessThanOrEqual(CLICK_ID_LENGTH);
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(verifyClickId([OTHER, SECRET], text)).toEqual(input);
        expect(decodeClickId(text)).toEqual(input);
      }),
    );
  });

  it('is refused if any character of it is changed', () => {
    const text = encodeClickId(SECRET, { campaignId: 'c', partnerId: 'p', clickedAt: 1, nonce: [1, 2] });
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      expect(verifyClickId([SECRET], changed)).toBeUndefined();
    }
    expect(verifyClickId([SECRET], `${text}=`)).toBeUndefined();
    expect(verifyClickId([OTHER], text)).toBeUndefined();
  });

  it('is refused, never thrown at, whatever text is sent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 700 }), (text) => verifyClickId([SECRET], text) === undefined),
    );
  });
});
