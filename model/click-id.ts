/**
 * Click ids that describe themselves: campaign, partner, time and a MAC, so that a conversion which
 * brings one back is routed and checked without any look-up.
 *
 * Layout before base64url, integers big-endian:
 *
 *     version 1 | time 6 (ms) | nonce 8 | campaign length 1, UTF-8 | partner length 2, UTF-8 | MAC 10
 *
 * The nonce is the beginning of the click's event fingerprint: a click that is sent again gets a click
 * id with the same nonce, so "once per click" holds however often it was minted. The MAC is
 * HMAC-SHA256 over all before it, cut to 80 bits (RFC 2104, section 5, allows half or more of what an
 * attacker must guess; 80 bits cannot be tried over a network).
 */
import { timingSafeEqual } from 'node:crypto';
import { hmacSha256 } from './hmac.ts';

const VERSION = 1;
const HEAD_BYTES = 1 + 6 + 8;
const MAC_BYTES = 10;
/** No click id is longer: 64 + 128 × 3 bytes of ids, 28 of the rest, in base64. */
export const CLICK_ID_LENGTH = 640;

export interface Click {
  readonly campaignId: string;
  /** Empty if the click had no partner. */
  readonly partnerId: string;
  /** Milliseconds since the epoch. */
  readonly clickedAt: number;
  /** The two words of the nonce: what "the same click" means. */
  readonly nonce: readonly [number, number];
}

/** In `latin1`. */
function mac(secret: Uint8Array, body: Uint8Array): string {
  return hmacSha256(secret, body).slice(0, MAC_BYTES);
}

/** Mints the click id of a click. */
export function encodeClickId(secret: Uint8Array, click: Click): string {
  const campaignBytes = Buffer.byteLength(click.campaignId);
  const partnerBytes = Buffer.byteLength(click.partnerId);
  const bodyBytes = HEAD_BYTES + 3 + campaignBytes + partnerBytes;
  const bytes = Buffer.allocUnsafe(bodyBytes + MAC_BYTES);
  bytes[0] = VERSION;
  bytes.writeUIntBE(click.clickedAt, 1, 6);
  bytes.writeUInt32BE(click.nonce[0], 7);
  bytes.writeUInt32BE(click.nonce[1], 11);
  let at = HEAD_BYTES;
  bytes[at++] = campaignBytes;
  at += bytes.write(click.campaignId, at);
  at = bytes.writeUInt16BE(partnerBytes, at);
  at += bytes.write(click.partnerId, at);
  bytes.write(mac(secret, bytes.subarray(0, bodyBytes)), bodyBytes, 'latin1');
  return bytes.toString('base64url');
}

/** Reads a click id without checking its MAC: for text that the collector has verified before. */
export function decodeClickId(text: string): Click | undefined {
  return parse(Buffer.from(text, 'base64url'));
}

/** Reads a click id; `undefined` unless it was minted with one of `secrets` and is whole. */
export function verifyClickId(secrets: readonly Uint8Array[], text: string): Click | undefined {
  if (text.length > CLICK_ID_LENGTH) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const click = parse(bytes);
  // Buffer.from skips characters that are not base64url; a click id has one spelling only.
  if (!click || bytes.toString('base64url') !== text) return undefined;
  const body = bytes.subarray(0, bytes.length - MAC_BYTES);
  const given = bytes.subarray(bytes.length - MAC_BYTES);
  return secrets.some((secret) => timingSafeEqual(Buffer.from(mac(secret, body), 'latin1'), given))
    ? click
    : undefined;
}

function parse(bytes: Buffer): Click | undefined {
  if (bytes.length < HEAD_BYTES + 3 + MAC_BYTES || bytes[0] !== VERSION) return undefined;
  let at = HEAD_BYTES;
  const campaignEnd = at + 1 + bytes.readUInt8(at);
  if (campaignEnd + 2 + MAC_BYTES > bytes.length) return undefined;
  const campaignId = bytes.toString('utf8', at + 1, campaignEnd);
  at = campaignEnd;
  const partnerEnd = at + 2 + bytes.readUInt16BE(at);
  if (partnerEnd + MAC_BYTES !== bytes.length) return undefined;
  return {
    campaignId,
    partnerId: bytes.toString('utf8', at + 2, partnerEnd),
    clickedAt: bytes.readUIntBE(1, 6),
    nonce: [bytes.readUInt32BE(7), bytes.readUInt32BE(11)],
  };
}
