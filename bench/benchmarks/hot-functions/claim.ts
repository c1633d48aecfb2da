/** The filter: which events of a batch are new? */

import { limits } from '../../../limits.ts';
import { FINGERPRINT_WORDS } from '../../../model/fingerprint.ts';
import { openMemoryDedup } from '../../../storage/dedup/memory.ts';
import { BATCH } from '../../samples.ts';
import type { HotFunction } from './list.ts';

export function claim(): HotFunction {
  const filter = openMemoryDedup();
  const keys = new Uint32Array(BATCH * FINGERPRINT_WORDS);
  let calls = 0;
  let next = 1;
  const seen = new Map<string, number>();
  return {
    name: 'claim',
    async ours() {
      // Spread over all words, as fingerprints are.
      for (let at = 0; at < keys.length; at++) keys[at] = Math.imul(next++, 0x9e3779b1);
      const token = `call-${calls++}`;
      await filter.claim(keys, token);
      await filter.confirm(keys, token);
    },
    alternative: {
      name: 'a Map of ids with their time, the oldest forgotten',
      run() {
        const now = Date.now();
        for (let row = 0; row < BATCH; row++) {
          const key = `bench-1/sample-${next++}`;
          if (seen.has(key)) throw new Error('it is new');
          seen.set(key, now);
        }
        for (const [key] of seen) {
          if (seen.size <= limits.claimsInMemory) break;
          seen.delete(key);
        }
      },
    },
    why: 'an open-addressed table of fingerprints: 30 bytes an id instead of over 100, nothing for the collector of garbage, and claims that can be taken back',
  };
}
