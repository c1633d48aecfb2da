/**
 * What the accounts of partners are still to be told: what each has earned and lost since the last block was
 * closed. By partner and release, so that a block tells each account once, however many events it has.
 */
import { limits } from '../../limits.ts';
import {
  type AssignedCommissions,
  type CommissionsPayload,
  type ReversedCommission,
  releaseOf,
} from '../../model/commissions.ts';
import { EventType, type EventTypeCode } from '../../model/event.ts';
import type { Message } from '../../model/message.ts';
import type { Earning } from './earnings.ts';

interface Sum {
  micros: bigint;
  conversions: number;
  clicks: number;
  impressions: number;
}

/** Of one partner. */
interface Pending {
  /** By release. */
  readonly assigned: Map<number, Sum>;
  readonly reversed: ReversedCommission[];
}

const NOTHING: readonly Message[] = [];

export class PendingCommissions {
  /** In the order in which the partners were first met. */
  readonly #partners = new Map<string, Pending>();

  /**
   * Adds what was earned by an event.
   *
   * @param time record time, milliseconds since the epoch
   */
  earn(type: EventTypeCode, earnings: readonly Earning[], time: number): void {
    const counted: Sum[] = [];
    for (const { partnerId, micros, holdMs } of earnings) {
      const sum = this.#sumOf(partnerId, releaseOf(time, holdMs));
      sum.micros += BigInt(micros);
      // A partner may be credited with an event more than once.
      if (counted.includes(sum)) continue;
      counted.push(sum);
      if (type === EventType.conversion) sum.conversions++;
      else if (type === EventType.click) sum.clicks++;
      else sum.impressions++;
    }
  }

  reverse(partnerId: string, reversed: ReversedCommission): void {
    this.#of(partnerId).reversed.push(reversed);
  }

  /** What is to be told, and no longer pending then. */
  take(campaignId: string, currency: string): readonly Message[] {
    if (this.#partners.size === 0) return NOTHING;
    const messages: Message[] = [];
    for (const [actorId, { assigned, reversed }] of this.#partners)
      for (const part of partsOf(assignedOf(assigned), reversed)) {
        const payload: CommissionsPayload = { campaignId, currency, ...part };
        messages.push({ actorKind: 'account', actorId, name: 'commissions', payload });
      }
    this.#partners.clear();
    return messages;
  }

  #of(partnerId: string): Pending {
    const known = this.#partners.get(partnerId);
    if (known) return known;
    const pending: Pending = { assigned: new Map(), reversed: [] };
    this.#partners.set(partnerId, pending);
    return pending;
  }

  #sumOf(partnerId: string, releaseAt: number): Sum {
    const { assigned } = this.#of(partnerId);
    const known = assigned.get(releaseAt);
    if (known) return known;
    const sum: Sum = { micros: 0n, conversions: 0, clicks: 0, impressions: 0 };
    assigned.set(releaseAt, sum);
    return sum;
  }
}

function assignedOf(sums: ReadonlyMap<number, Sum>): AssignedCommissions[] {
  return [...sums]
    .map(([releaseAt, { micros, ...counts }]) => ({ releaseAt, micros: micros.toString(), ...counts }))
    .sort((a, b) => a.releaseAt - b.releaseAt);
}

/** Cut into what fits a message each: first what was earned, as nothing is lost that was not earned before. */
function* partsOf(
  assigned: readonly AssignedCommissions[],
  reversed: readonly ReversedCommission[],
): Generator<Pick<CommissionsPayload, 'assigned' | 'reversed'>> {
  const most = limits.commissionsPerMessage;
  for (let at = 0; at < assigned.length + reversed.length; at += most) {
    const from = Math.max(0, at - assigned.length);
    yield {
      assigned: assigned.slice(at, at + most),
      reversed: reversed.slice(from, Math.max(0, at + most - assigned.length)),
    };
  }
}
