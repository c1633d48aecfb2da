import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyBuffer } from './body-buffer.ts';

test('a body is what its pieces were, whatever becomes of them', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 })), (pieces) => {
      const body = new BodyBuffer();
      const expected = Buffer.concat(pieces);
      for (const piece of pieces) {
        body.append(piece);
        piece.fill(0);
      }
      expect(body.bytes.equals(expected)).toBe(true);
    }),
  );
});
