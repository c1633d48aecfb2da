import { expect, it } from 'vitest';
import { Domain, fingerprint } from '../model/fingerprint.ts';
import { visitorFingerprint } from './visitor-fingerprints.ts';

it('gives what a fingerprint of the visitor is, whoever and whatever came before', () => {
  const keys = [
    { k0: 1, k1: 2 },
    { k0: 3, k1: 4 },
  ];
  const found = new Uint32Array(4);
  const right = new Uint32Array(4);
  for (let step = 0; step < 200; step++) {
    const key = keys[(step >> 5) & 1] as (typeof keys)[0];
    const [campaign, visitor] = [`campaign-${step % 3}`, `visitor-${step >> 3}`];
    visitorFingerprint(key, campaign, visitor, found, 1);
    fingerprint(key, Domain.visitor, campaign, visitor, right, 1);
    expect(found).toEqual(right);
  }
});
