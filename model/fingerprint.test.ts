import { describe, expect, it } from 'vitest';
import { Domain, fingerprint, partitionOf } from './fingerprint.ts';

const KEY = { k0: 1, k1: 2 };

function of(domain: number, first: string, second: string, key = KEY): string {
  const out = new Uint32Array(3);
  fingerprint(key, domain, first, second, out, 0);
  return out.join();
}

describe('a fingerprint', () => {
  it('depends on the key, the domain and where one text ends and the other begins', () => {
    const seen = new Set([
      of(Domain.event, 'ab', 'c'),
      of(Domain.event, 'a', 'bc'),
      of(Domain.event, 'abc', ''),
      of(Domain.visitor, 'ab', 'c'),
      of(Domain.event, 'ab', 'c', { k0: 1, k1: 3 }),
      of(Domain.event, 'ab', 'c\0'),
    ]);
    expect(seen.size).toBe(6);
    expect(of(Domain.event, 'ab', 'c')).toBe(of(Domain.event, 'ab', 'c'));
  });

  it('stays what it is, as logs and snapshots hold it', () => {
    const long = 'á'.repeat(700);
    const found = [
      of(Domain.event, '', ''),
      of(Domain.event, 'spring', 'event-17'),
      of(Domain.visitor, 'a', long),
    ];
    expect(found).toEqual([
      '4167462031,2606817135,2125400071',
      '3162430693,1652903977,2508392522',
      '2924875205,3005471768,1538073111',
    ]);
  });

  it('does not collide over a million neighbouring ids, in any two of its words', () => {
    const out = new Uint32Array(3);
    const seen = new Set<bigint>();
    for (let n = 0; n < 1_000_000; n++) {
      fingerprint(KEY, Domain.event, 'campaign', `event-${n}`, out, 0);
      seen.add((BigInt(out[0] as number) << 32n) | BigInt(out[1] as number));
    }
    expect(seen.size).toBe(1_000_000);
  });
});

it('shares campaigns out evenly over the partitions', () => {
  const counts = new Array<number>(16).fill(0);
  for (let n = 0; n < 16_000; n++) {
    const partition = partitionOf(`campaign-${n}`, 16);
    counts[partition] = (counts[partition] as number) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
