/**
 * HMAC-SHA256 (RFC 2104) under keys that are used again and again: for each click, one in five events.
 *
 * Measured on messages of 40 bytes: 0.9 µs, where an `Hmac` object takes 2.8. Most of that is not the hash but the
 * object around it, which one call to `hash` does without; and a result as text costs less than a buffer.
 */
import crypto from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER = 0x36;
const OUTER = 0x5c;
const FIRST_MESSAGE_BYTES = 1_024;

/** What is hashed: the key's part, which stays, and behind it the message or the inner hash. */
interface Blocks {
  inner: Buffer;
  readonly outer: Buffer;
}

const known = new WeakMap<Uint8Array, Blocks>();

/** The MAC of `message`, 32 bytes as text of one character (`latin1`) each. The secret must never be changed. */
export const hmacSha256: (secret: Uint8Array, message: Uint8Array) => string =
  // Node has it since 20.12.
  typeof crypto.hash === 'function'
    ? hmacInTwoHashes
    : (secret, message) => crypto.createHmac('sha256', secret).update(message).digest('binary');

function hmacInTwoHashes(secret: Uint8Array, message: Uint8Array): string {
  let blocks = known.get(secret);
  if (blocks === undefined) {
    blocks = blocksOf(secret);
    known.set(secret, blocks);
  }
  const length = BLOCK_BYTES + message.length;
  if (length > blocks.inner.length) blocks.inner = Buffer.concat([blocks.inner], 2 * length);
  blocks.inner.set(message, BLOCK_BYTES);
  const innerHash = crypto.hash('sha256', blocks.inner.subarray(0, length), 'binary');
  blocks.outer.write(innerHash, BLOCK_BYTES, 'latin1');
  return crypto.hash('sha256', blocks.outer, 'binary');
}

function blocksOf(secret: Uint8Array): Blocks {
  const key = secret.length > BLOCK_BYTES ? crypto.createHash('sha256').update(secret).digest() : secret;
  const inner = Buffer.alloc(BLOCK_BYTES + FIRST_MESSAGE_BYTES, INNER);
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES, OUTER);
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ INNER;
    outer[at] = byte ^ OUTER;
  }
  return { inner, outer };
}
