/** Identify: which credentials a request brings, and what they allow with which campaign. */

import type { CampaignSummary } from '../model/campaign.ts';
import type { CampaignDirectory } from '../model/campaign-directory.ts';
import { isSigned, parseSignature, type Signature } from '../model/signature.ts';

/** What a campaign says of a request's credentials. */
export type Access =
  /** They will do. */
  | 'granted'
  /** A secret key of the campaign vouches for all that is sent. */
  | 'trusted'
  | 'no_key'
  | 'unknown_key'
  | 'foreign_key'
  | 'no_signature'
  | 'bad_signature';

/** They will not do. */
export type Denial = Exclude<Access, 'granted' | 'trusted'>;

/** What is wrong with the credentials, and what to do. */
export const ACCESS_MESSAGES: Readonly<Record<Denial, string>> = {
  no_key:
    'the campaign demands its write key: send it as x-turnpike-key, as Basic user name, or as write_key',
  unknown_key: 'the write key belongs to no campaign: check it, or leave it out where none is demanded',
  foreign_key: 'the write key belongs to another campaign',
  no_signature: 'the campaign demands signed requests: send x-turnpike-signature',
  bad_signature:
    'x-turnpike-signature does not fit: it is t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body"> with a secret key of the campaign, at most 300 s old',
};

/** Campaigns for which one request's signature is tried: each trial hashes the whole body. */
const SIGNED_CAMPAIGNS = 16;

/** The credentials of one request. */
export class Credentials {
  readonly #directory: CampaignDirectory;
  readonly #key: string | undefined;
  readonly #signature: Signature | 'malformed' | undefined;
  readonly #signed: Uint8Array;
  readonly #now: number;
  #checked: Map<CampaignSummary, boolean> | undefined;

  /**
   * @param key write key of the request, or `undefined`
   * @param signature the signature header; empty: none
   * @param signed what a signature signs: the body, or the query of a request without one
   * @param now milliseconds since the epoch
   */
  constructor(
    directory: CampaignDirectory,
    key: string | undefined,
    signature: string,
    signed: Uint8Array,
    now: number,
  ) {
    this.#directory = directory;
    this.#key = key;
    this.#signature = signature === '' ? undefined : (parseSignature(signature) ?? 'malformed');
    this.#signed = signed;
    this.#now = now;
  }

  /** What the campaign says, with the key that the event brings itself, if it does. */
  access(campaign: CampaignSummary, ownKey: string | undefined): Access {
    if (this.#signature !== undefined) return this.#isSignedFor(campaign) ? 'trusted' : 'bad_signature';
    const key = ownKey ?? this.#key;
    if (key !== undefined && key !== campaign.writeKey && this.#directory.byWriteKey(key) === undefined)
      return 'unknown_key';
    switch (campaign.keyPolicy) {
      case 'open':
        return 'granted';
      case 'write_key':
        if (key === undefined) return 'no_key';
        return key === campaign.writeKey ? 'granted' : 'foreign_key';
      case 'signed':
        return 'no_signature';
    }
  }

  #isSignedFor(campaign: CampaignSummary): boolean {
    const signature = this.#signature;
    if (signature === undefined || signature === 'malformed') return false;
    this.#checked ??= new Map();
    let signed = this.#checked.get(campaign);
    if (signed === undefined) {
      if (this.#checked.size >= SIGNED_CAMPAIGNS) return false;
      signed = isSigned(signature, campaign.secretKeys, this.#signed, this.#now);
      this.#checked.set(campaign, signed);
    }
    return signed;
  }
}

/** The write key of a request's headers: its own header, or the user name of Basic authentication. */
export function writeKeyOf(keyHeader: string, authorization: string): string | undefined {
  if (keyHeader !== '') return keyHeader;
  if (!/^basic /i.test(authorization)) return undefined;
  const [user = ''] = Buffer.from(authorization.slice(6), 'base64').toString().split(':', 1);
  return user;
}
