import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { CommissionsPayload } from '../../model/commissions.ts';
import { EventType } from '../../model/event.ts';
import { NOON } from '../test-support.ts';
import type { Earning } from './earnings.ts';
import { PendingCommissions } from './pending-commissions.ts';

const DAY = 86_400_000;
const MOST = limits.commissionsPerMessage;
const earning = (partnerId: string, micros: number, holdMs = 0): Earning => ({
  partnerId,
  micros,
  holdMs,
  credit: 0,
});
const take = (pending: PendingCommissions) =>
  pending.take('c1', 'USD').map(({ actorKind, actorId, name, payload }) => {
    expect([actorKind, name]).toEqual(['account', 'commissions']);
    return [actorId, payload as CommissionsPayload] as const;
  });

describe('what accounts are told', () => {
  it('is one message for each partner, with its releases in order', () => {
    const pending = new PendingCommissions();
    pending.earn(EventType.conversion, [earning('ann', 5, DAY), earning('ben', 1)], NOON);
    pending.earn(EventType.click, [earning('ann', 2)], NOON);
    pending.earn(EventType.conversion, [earning('ann', 6, DAY)], NOON);
    expect(take(pending)).toEqual([
      [
        'ann',
        {
          campaignId: 'c1',
          currency: 'USD',
          assigned: [
            { releaseAt: NOON, micros: '2', conversions: 0, clicks: 1, impressions: 0 },
            { releaseAt: NOON + DAY, micros: '11', conversions: 2, clicks: 0, impressions: 0 },
          ],
          reversed: [],
        },
      ],
      ['ben', expect.objectContaining({ assigned: [expect.objectContaining({ micros: '1' })] })],
    ]);
    expect(take(pending)).toEqual([]);
  });

  it('counts a conversion once that a partner has earned twice', () => {
    const pending = new PendingCommissions();
    const twice = [earning('ann', 1), earning('ben', 1), earning('ann', 3)];
    pending.earn(EventType.conversion, twice, NOON);
    expect(take(pending).map(([, { assigned }]) => assigned)).toMatchObject([
      [{ micros: '4', conversions: 1 }],
      [{ micros: '1', conversions: 1 }],
    ]);
  });

  it('outgrows safe integers', () => {
    const pending = new PendingCommissions();
    for (let i = 0; i < 3; i++) pending.earn(EventType.click, [earning('ann', limits.amountMicros)], NOON);
    expect(take(pending)[0]?.[1].assigned[0]?.micros).toBe(String(3n * BigInt(limits.amountMicros)));
  });

  it('is cut into messages of a bounded size, what was earned before what was reversed', () =>
    fc.assert(
      fc.property(fc.nat(3 * MOST), fc.nat(3 * MOST), (releases, reversals) => {
        const pending = new PendingCommissions();
        for (let i = 0; i < reversals; i++)
          pending.reverse('ann', { releaseAt: i, micros: '1', decisionId: `d${i}`, reason: '' });
        for (let i = 0; i < releases; i++)
          pending.earn(EventType.click, [earning('ann', 1, (i + 1) * DAY)], NOON);
        const payloads = take(pending).map(([, payload]) => payload);
        for (const { assigned, reversed } of payloads) {
          expect(assigned.length + reversed.length).toBeLessThanOrEqual(MOST);
          expect(assigned.length + reversed.length).toBeGreaterThan(0);
        }
        const all = payloads.flatMap(({ assigned, reversed }) => [
          ...assigned.map(({ releaseAt }) => releaseAt),
          ...reversed.map(({ decisionId }) => decisionId),
        ]);
        expect(all).toEqual([
          ...Array.from({ length: releases }, (_, i) => NOON + (i + 1) * DAY),
          ...Array.from({ length: reversals }, (_, i) => `d${i}`),
        ]);
      }),
      { numRuns: 50 },
    ));
});
