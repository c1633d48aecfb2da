import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TransferOutcome } from '../../model/transfer.ts';
import { payoutRequest, RESERVED, TestPayout } from './test-payout.ts';

/** Something that may come to a payout, any number of times. */
type Happening =
  | { readonly kind: 'request' | 'reserved' | 'refused' | 'wake' | 'crash' }
  | { readonly kind: 'report'; readonly attempt: number; readonly outcome: TransferOutcome['kind'] }
  | { readonly kind: 'notice'; readonly told: 'succeeded' | 'failed' | 'reversed'; readonly part: number };

const HAPPENING: fc.Arbitrary<Happening> = fc.oneof(
  fc
    .constantFrom('request' as const, 'reserved' as const, 'refused' as const, 'crash' as const)
    .map((kind) => ({
      kind,
    })),
  { weight: 3, arbitrary: fc.constant({ kind: 'wake' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      attempt: fc.integer({ min: 1, max: 4 }),
      outcome: fc.constantFrom(
        'succeeded' as const,
        'accepted' as const,
        'declined' as const,
        'unknown' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('notice' as const),
      told: fc.constantFrom('succeeded' as const, 'failed' as const, 'reversed' as const),
      part: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

function outcomeOf(kind: TransferOutcome['kind']): TransferOutcome {
  if (kind === 'declined') return { kind, code: 'no', message: 'no' };
  return kind === 'unknown' ? { kind, message: 'no answer' } : { kind, transferId: 'tr_1' };
}

/** @returns whether the gateway has told that the money is sent, and that payout has had to believe it */
async function happen(payout: TestPayout, happening: Happening): Promise<void> {
  switch (happening.kind) {
    case 'request':
      payout.do('request', payoutRequest());
      break;
    case 'reserved':
      payout.receive('reserved', RESERVED);
      break;
    case 'refused':
      payout.receive('refused', { code: 'suspended', message: 'no' });
      break;
    case 'wake':
      if (payout.actor.dueAt() !== undefined) payout.wake();
      break;
    case 'crash':
      await payout.restore();
      break;
    case 'report':
      payout.report(outcomeOf(happening.outcome), happening.attempt);
      break;
    case 'notice':
      payout.notice(happening.told, { reversedMicros: happening.part * 2_500_000 });
      break;
  }
}

/** Whether a happening says that money was sent. */
function saysSent(happening: Happening): boolean {
  return (
    (happening.kind === 'report' && happening.outcome === 'succeeded') ||
    (happening.kind === 'notice' && happening.told !== 'failed')
  );
}

describe('a payout to which anything comes in any order', () => {
  it('settles once, is paid only by what the gateway said, and gives back once what it does not send', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(HAPPENING, { maxLength: 40 }), async (happenings) => {
        const payout = await TestPayout.requested();
        let wasSaid = false;
        for (const happening of happenings) {
          const before = payout.view;
          const had = payout.told.length;
          await happen(payout, happening);
          wasSaid ||= saysSent(happening) && before.status !== 'PENDING';
          const { told, view } = payout;
          const count = (name: string) => told.filter((one) => one === name).length;
          expect(count('reserve')).toBe(1);
          expect(count('settle paid') + count('settle unpaid')).toBeLessThanOrEqual(1);
          expect(count('returned')).toBeLessThanOrEqual(count('settle paid'));
          if (view.status === 'SUCCEEDED') {
            expect(wasSaid).toBe(true);
            expect(told.slice(1)).toEqual(['settle paid']);
          }
          const isOver = before.status === 'SUCCEEDED' || before.status === 'FAILED';
          if (isOver && view.status !== before.status)
            expect([before.status, view.status, view.failure?.code]).toEqual([
              'SUCCEEDED',
              'FAILED',
              'reversed',
            ]);
          if (view.status === 'FAILED' && payout.orders.length > 0) {
            const back = view.failure?.code === 'reversed' ? ['settle paid', 'returned'] : ['settle unpaid'];
            expect(told.slice(1)).toEqual(back);
          }
          if (view.status === 'PENDING' || view.status === 'PROCESSING') expect(told).toHaveLength(1);
          // What is over is done: only what came back, or what was set aside too late, makes it speak again.
          if (isOver && told.length > had) expect(['returned', 'settle unpaid']).toContain(told.at(-1));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('asks the gateway one attempt at a time, always for the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(HAPPENING, { maxLength: 40 }), async (happenings) => {
        const payout = await TestPayout.processing();
        for (const happening of happenings) await happen(payout, happening);
        expect(payout.orders.map(({ attempt }) => attempt)).toEqual(
          payout.orders.map((_, index) => index + 1),
        );
        expect(new Set(payout.orders.map((order) => JSON.stringify({ ...order, attempt: 0 }))).size).toBe(1);
        expect(payout.view.attempts).toBe(payout.orders.length);
      }),
      { numRuns: 200 },
    );
  });

  it('comes to the same, byte for byte, whether it crashes or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(HAPPENING, { maxLength: 40 }), async (happenings) => {
        const steady = await TestPayout.requested();
        const crashing = await TestPayout.requested();
        for (const happening of happenings) {
          if (happening.kind !== 'crash') await happen(steady, happening);
          await happen(crashing, happening);
        }
        const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
        expect(text(crashing.saved())).toBe(text(steady.saved()));
        expect(crashing.messages).toEqual(steady.messages);
        expect(crashing.orders).toEqual(steady.orders);
        expect(crashing.events).toEqual(steady.events);
      }),
      { numRuns: 200 },
    );
  });
});
