/**
 * The limits that a simulated system runs with in the place of those of `limits.ts`: what is large there is
 * small here, so that a short story comes to every bound.
 */
import type { limits } from '../../limits.ts';

const SECOND = 1_000;

export const SMALL_LIMITS: { readonly [Name in keyof typeof limits]?: number } = {
  // Room for about five events, so that batches become several records.
  eventBytes: 150,
  recordBytes: 900,
  eventsPerRecord: 12,
  eventsPerBlock: 24,
  eventIdWindowMs: 30 * SECOND,
  fingerprintsPerPage: 4,
  touchesPerPage: 4,
  clickTouchesPerGeneration: 10,
  viewTouchesPerGeneration: 6,
  touchSourcesPerGeneration: 3,
  touchSourcesPerPage: 1,
  touchesApartMs: 1 * SECOND,
  talliesPerPage: 1,
  sealedBlocks: 2,
  spoolBytes: 12_000,
  actorsInMemory: 2,
  slicesPerMinute: 3,
  recordsRemembered: 8,
  blockMs: 1 * SECOND,
  payoutLongestRetryMs: 6 * SECOND,
  payoutAcceptedMs: 4 * SECOND,
  payoutSteps: 8,
  payoutFirstSteps: 2,
  openPayouts: 3,
  transfersPerPartition: 2,
  commissionsPerMessage: 2,
};
