/**
 * Signatures of what servers send each other, events to the collector and domain events to webhooks:
 * `x-turnpike-signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`. Several `v1=` may be given, and
 * several secrets may be valid, so that both sides can rotate.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { limits } from '../limits.ts';

export const SIGNATURE_HEADER = 'x-turnpike-signature';

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
    const digest = digestOf(secret, signature.seconds, body);
    return signature.digests.some((given) => given.length === DIGEST_BYTES && timingSafeEqual(given, digest));
  });
}

/**
 * The signature header of a body, by each of `secrets`, at most three of them.
 *
 * @param now milliseconds since the epoch
 */
export function signatureHeader(secrets: readonly string[], body: string | Uint8Array, now: number): string {
  const seconds = String(Math.floor(now / 1_000));
  const digests = secrets
    .slice(0, SIGNATURES - 1)
    .map((secret) => `v1=${digestOf(secret, seconds, body).toString('hex')}`);
  return [`t=${seconds}`, ...digests].join(',');
}

function digestOf(secret: string, seconds: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
