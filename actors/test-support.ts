/** Builders for the actors' tests: definitions, commands, and records as the collector would append them. */
import type { CampaignDefinition } from '../model/campaign.ts';
import type { Command } from '../model/command.ts';
import type { ReasonCode } from '../model/decision.ts';
import { EventType, type TrackingEvent } from '../model/event.ts';
import { EventBatchBuilder, UNDECIDED } from '../model/event-batch.ts';
import { Domain, FINGERPRINT_WORDS, type FingerprintKey, fingerprint } from '../model/fingerprint.ts';
import type { Gateway } from '../storage/gateway/port.ts';

export const KEY: FingerprintKey = { k0: 0x1234567, k1: 0x89abcde };
/** A payment gateway that never answers as it should. */
export const NO_GATEWAY: Pick<Gateway, 'transfer'> = {
  transfer: async () => ({ kind: 'unknown', message: 'there is none' }),
};

/** A moment in 2026, on a whole minute. */
export const NOON = Date.UTC(2026, 5, 1, 12);

export function definition(overrides: Partial<CampaignDefinition> = {}): CampaignDefinition {
  return {
    brandId: 'brand',
    name: 'Summer',
    type: 'AFFILIATE',
    objective: 'TRAFFIC',
    landingPageUrl: 'https://shop.example/',
    allowedHosts: [],
    allowedOrigins: [],
    budgetTotal: { micros: 100_000_000, currency: 'USD' },
    cost: { model: 'CPC', rate: { micros: 500_000, currency: 'USD' } },
    uniqueness: { key: 'none', windowMs: 3_600_000 },
    clickWindowMs: 30 * 86_400_000,
    keyPolicy: 'open',
    writeKey: 'wk_test',
    secretKeys: [],
    rateLimit: 0,
    ...overrides,
  };
}

let commandNumber = 0;

export function command(name: string, overrides: Partial<Command> = {}): Command {
  return {
    commandId: `command-${++commandNumber}`,
    actorKind: 'campaign',
    actorId: 'c1',
    name,
    payload: name === 'create' ? definition() : {},
    principal: { subject: 'tester' },
    ...overrides,
  };
}

export type EventInput = Partial<TrackingEvent> & { eventId: string; visitor?: string; verdict?: ReasonCode };

/** An events record of these events. */
export function eventsRecord(
  events: readonly EventInput[],
  stopped: readonly (readonly [string, ReasonCode])[] = [],
): Uint8Array {
  const builder = new EventBatchBuilder();
  const words = new Uint32Array(2 * FINGERPRINT_WORDS);
  for (const { visitor, verdict, ...input } of events) {
    const event: TrackingEvent = {
      type: EventType.click,
      campaignId: 'c1',
      occurredAt: NOON,
      valueMicros: 0,
      flags: 0,
      ...input,
    };
    fingerprint(KEY, Domain.event, event.campaignId, event.eventId, words, 0);
    fingerprint(KEY, Domain.visitor, event.campaignId, visitor ?? event.eventId, words, FINGERPRINT_WORDS);
    builder.add(event, words, 0, verdict ?? UNDECIDED);
  }
  for (const [campaignId, reason] of stopped)
    builder.addStopped(campaignId, undefined, EventType.click, reason);
  return builder.encode();
}
