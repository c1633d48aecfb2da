/** Addresses in a campaign's definition. Each function gives the address as it is kept, or why it is refused. */
import { limits } from '../../../limits.ts';

/** A kept address, or what would be right. */
export type Address = { readonly kept: string } | { readonly fix: string };

/** Longest host name that the domain name system knows. */
const HOST_LENGTH = 253;

/**
 * An http(s) address that visitors are sent to, with macros such as `{click_id}` anywhere after the host.
 * It is kept as it was written, except that other than ASCII characters are encoded: the address goes into a
 * `Location` header.
 */
export function pageAddress(text: string): Address {
  if (text.length > limits.urlLength) return { fix: `must have at most ${limits.urlLength} characters` };
  if (hasControlOrSpace(text)) return { fix: 'must not contain spaces or control characters: encode them' };
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    return { fix: 'must be an absolute http or https address, such as https://shop.example/offer' };
  }
  const url = new URL(text);
  if (/[{}]/.test(url.host)) return { fix: 'must not have a macro in its host: macros may follow it' };
  if (url.username !== '' || url.password !== '') return { fix: 'must not contain a user name or password' };
  return { kept: isAscii(text) ? text : url.href.replace(/%7B(\w+)%7D/gi, '{$1}') };
}

/** A host, with a port if one is needed: `shop.example`, `shop.example:8443`. */
export function hostName(text: string): Address {
  const fix = { fix: 'must be a host alone, such as shop.example: no scheme, path or wildcard' };
  if (text.length > HOST_LENGTH || hasControlOrSpace(text) || /[/?#@\\*{}]/.test(text)) return fix;
  if (!URL.canParse(`http://${text}`)) return fix;
  const { host } = new URL(`http://${text}`);
  return host === '' ? fix : { kept: host };
}

/** A web origin: `https://shop.example`. */
export function webOrigin(text: string): Address {
  const fix = { fix: 'must be an origin, such as https://shop.example: no path or wildcard' };
  if (
    text.length > limits.urlLength ||
    hasControlOrSpace(text) ||
    !/^https?:\/\/[^/?#@\\*{}]+\/?$/i.test(text)
  ) {
    return fix;
  }
  return URL.canParse(text) ? { kept: new URL(text).origin } : fix;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7e) return false;
  return true;
}

function hasControlOrSpace(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || (code >= 0x7f && code <= 0xa0)) return true;
  }
  return false;
}
