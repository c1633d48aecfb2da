/**
 * Every message between the main thread and the partition workers. `postMessage` has no back-pressure of
 * its own, so each kind is bounded by what causes it: queries and decisions by `limits.queriesInFlight`,
 * inserts by one block per partition, summaries and answers by the commands under way.
 */
import type { EventDecision, Query, QueryAnswers } from '../model/actor-gateway.ts';
import type { CampaignSummary } from '../model/campaign.ts';
import type { CommandAnswer } from '../model/command.ts';
import type { Failure } from '../model/errors.ts';
import type { FingerprintKey } from '../model/fingerprint.ts';
import type { WarehouseBlock } from '../storage/warehouse/port.ts';
import type { PartitionProgress } from './partition.ts';

/** What a worker thread is started with. */
export interface WorkerStart<Engines> {
  /** Handles of the engines, as the worker's entry understands them. */
  readonly engines: Engines;
  readonly partitions: readonly number[];
  readonly fingerprintKey: FingerprintKey;
  readonly logLevel: string;
}

export type ToWorker =
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly partition: number;
      readonly sequence: number;
      readonly campaignId: string;
      readonly query: Query['kind'];
    }
  | {
      readonly kind: 'decision';
      readonly id: number;
      readonly partition: number;
      readonly sequence: number;
      readonly row: number;
    }
  | { readonly kind: 'settled'; readonly id: number; readonly partition: number; readonly sequence: number }
  | { readonly kind: 'inserted'; readonly id: number; readonly failure?: Failure }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'summary'; readonly summary: CampaignSummary }
  | { readonly kind: 'answer'; readonly commandId: string; readonly answer: CommandAnswer }
  | {
      readonly kind: 'reply';
      readonly id: number;
      readonly value?: QueryAnswers[Query['kind']] | EventDecision;
      readonly failure?: Failure;
    }
  | { readonly kind: 'insert'; readonly id: number; readonly block: WarehouseBlock }
  | { readonly kind: 'tick'; readonly partition: number; readonly after: number }
  | { readonly kind: 'progress'; readonly progress: readonly PartitionProgress[] };
