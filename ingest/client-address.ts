/**
 * Where a request comes from. Behind proxies that are trusted, that is what they say in `X-Forwarded-For`:
 * the last address in it that is not a proxy's own. What stands before it anybody may have written.
 */
import { BlockList, isIPv6 } from 'node:net';
import { parseAddress } from './address.ts';

/** Proxies that a request may have come through. */
const MOST_HOPS = 16;

export class ClientAddresses {
  readonly #trusted: BlockList | undefined;

  /** @param proxies addresses and networks (`10.0.0.0/8`) of proxies that are trusted */
  constructor(proxies: readonly string[]) {
    if (proxies.length > 0) this.#trusted = blockListOf(proxies);
  }

  /**
   * The client's address.
   *
   * @param remote who has sent the request here
   * @param forwardedFor `X-Forwarded-For` as it came; empty if absent
   */
  of(remote: string, forwardedFor: string): string {
    if (this.#trusted === undefined || forwardedFor === '') return remote;
    let client = remote;
    const hops = forwardedFor.split(',').slice(-MOST_HOPS);
    while (hops.length > 0 && this.#isTrusted(client)) {
      const hop = parseAddress((hops.pop() as string).trim());
      // What a trusted proxy says must be an address; whatever it is, it came from that proxy.
      if (hop === undefined) return client;
      client = hop;
    }
    return client;
  }

  #isTrusted(address: string): boolean {
    return this.#trusted?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false;
  }
}

function blockListOf(proxies: readonly string[]): BlockList {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
