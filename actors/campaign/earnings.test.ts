import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attribution } from '../../model/attribution.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { EventBatch } from '../../model/event-batch.ts';
import { type Commission, WHOLE_PPM } from '../../model/terms.ts';
import { type EventInput, eventsRecord } from '../test-support.ts';
import { Tallies } from './commission/tallies.ts';
import { Decision } from './decide.ts';
import { commissionOf, type Earning, earn, NOTHING } from './earnings.ts';

const usd = (micros: number) => ({ micros, currency: 'USD' });
const WINDOW = { clickWindowMs: 3_600_000 };

/** A conversion that is credited to these partners, with their shares in millionths. */
function credited(shares: readonly (readonly [partnerId: string, sharePpm: number])[]): Attribution {
  return {
    model: 'LINEAR',
    credits: shares.map(([partnerId, sharePpm]) => ({
      touch: { kind: 'click', partnerId, contentId: '', touchedAt: 0, nonce: [1, 2] },
      sharePpm,
    })),
  };
}

function earned(
  commission: Commission | undefined,
  event: Partial<EventInput>,
  attribution?: Attribution,
): readonly Earning[] {
  const batch = new EventBatch(eventsRecord([{ eventId: 'e', ...event }]));
  batch.seek(0);
  const decision = new Decision();
  decision.reset(REASONS.accepted);
  decision.revenueMicros = event.valueMicros ?? 0;
  decision.attribution = attribution;
  earn({ ...WINDOW, ...(commission && { commission }) }, batch, new Tallies(), decision);
  return decision.earnings;
}

const SALE = { type: EventType.conversion, valueMicros: 20_000_000 } as const;
const FLAT: Commission = { model: 'FLAT', rate: usd(3_000_000) };

describe('what is earned', () => {
  it('by a conversion goes to those it is credited to, each by its share', () => {
    const attribution = credited([
      ['ann', 333_333],
      ['ben', 333_333],
      ['eva', 333_334],
    ]);
    expect(earned({ model: 'PERCENTAGE', sharePpm: 100_000 }, SALE, attribution)).toEqual([
      { partnerId: 'ann', micros: 666_666, holdMs: 0, credit: 0 },
      { partnerId: 'ben', micros: 666_666, holdMs: 0, credit: 1 },
      { partnerId: 'eva', micros: 666_668, holdMs: 0, credit: 2 },
    ]);
  });

  it('for a credit of nobody is earned by nobody', () => {
    const attribution = credited([
      ['', 400_000],
      ['ben', 600_000],
    ]);
    const earnings = earned(FLAT, SALE, attribution);
    expect(earnings).toEqual([{ partnerId: 'ben', micros: 1_800_000, holdMs: 0, credit: 1 }]);
    expect(commissionOf(earnings)).toBe(1_800_000);
    expect(earned(FLAT, SALE, credited([['', WHOLE_PPM]]))).toEqual([]);
  });

  it('by a click or an impression goes to the partner that it names', () => {
    const click: Commission = { model: 'CPC', rate: usd(10_000) };
    expect(earned(click, { partnerId: 'ann' })).toEqual([
      { partnerId: 'ann', micros: 10_000, holdMs: 0, credit: 0 },
    ]);
    expect(earned(click, {})).toBe(NOTHING);
    const view: Commission = { model: 'CPM', rate: usd(5_000_000) };
    expect(earned(view, { partnerId: 'ann', type: EventType.impression })).toMatchObject([{ micros: 5_000 }]);
  });

  it('is nothing by events that the campaign pays no commission for', () => {
    expect(earned(FLAT, { partnerId: 'ann' })).toBe(NOTHING);
    expect(earned(undefined, SALE, credited([['ann', WHOLE_PPM]]))).toBe(NOTHING);
  });

  it('sums to the whole commission, to the micro, where every credit is somebody’s', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 9_000_000_000 }),
        (weights, micros) => {
          const sum = weights.reduce((total, weight) => total + weight, 0);
          const shares = weights.map((weight) => Math.floor((weight * WHOLE_PPM) / sum));
          shares[0] = (shares[0] as number) + WHOLE_PPM - shares.reduce((total, share) => total + share, 0);
          const attribution = credited(shares.map((share, index) => [`p${index}`, share]));
          const earnings = earned({ model: 'FLAT', rate: usd(micros) }, SALE, attribution);
          expect(commissionOf(earnings)).toBe(micros);
        },
      ),
    ));
});
