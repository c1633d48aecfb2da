/**
 * Signatures of server events: `x-turnpike-signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
 * Several `v1=` may be given, and a campaign may have several secrets, so that both sides can rotate.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { limits } from '../limits.ts';

/** Signatures looked at in one header. */
const SIGNATURES = 4;
const DIGEST_BYTES = 32;
const HEX_DIGEST = /^[0-9a-fA-F]{64}$/;
const SECONDS = /^[0-9]{1,12}$/;

export interface Signature {
  /** As written: it is part of what is signed. */
  readonly seconds: string;
  readonly digests: readonly Buffer[];
}

/** The parts of a signature header, or `undefined` if it is none. */
export function parseSignature(header: string): Signature | undefined {
  let seconds: string | undefined;
  const digests: Buffer[] = [];
  for (const part of header.split(',', SIGNATURES + 1)) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim();
    const value = part.slice(equals + 1).trim();
    if (name === 't' && SECONDS.test(value)) seconds ??= value;
    else if (name === 'v1' && HEX_DIGEST.test(value)) digests.push(Buffer.from(value, 'hex'));
  }
  return seconds === undefined || digests.length === 0 ? undefined : { seconds, digests };
}

/**
 * Whether one of `secrets` signed `body`, within `limits.signatureWindowMs` of `now`.
 *
 * @param now milliseconds since the epoch
 */
export function isSigned(
  signature: Signature,
  secrets: readonly string[],
  body: Uint8Array,
  now: number,
): boolean {
  if (Math.abs(now - Number(signature.seconds) * 1_000) > limits.signatureWindowMs) return false;
  return secrets.some((secret) => {
    const digest = createHmac('sha256', secret).update(`${signature.seconds}.`).update(body).digest();
    return signature.digests.some((given) => given.length === DIGEST_BYTES && timingSafeEqual(given, digest));
  });
}
