/** The sending phase: a fixed number of requests under way until the traffic is used up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UnexpectedAnswer } from '../traffic/events-answer.ts';
import type { Pace } from '../traffic/pace.ts';
import type { RetryingClient } from '../traffic/retrying-client.ts';
import type { Ledger } from './ledger.ts';
import { type EventOutcome, outcomesOf } from './outcomes.ts';
import type { RequestSource, TrafficRequest } from './request-source.ts';

export interface SenderOptions {
  readonly source: RequestSource;
  readonly client: RetryingClient;
  readonly ledger: Ledger;
  readonly pace: Pace;
  /** Requests under way at once. */
  readonly concurrency: number;
}

/**
 * Sends everything, each request until it is answered.
 *
 * @returns seconds from the first request to the last answer
 * @throws Unanswered when the server stays away for too long
 */
export async function sendTraffic(options: SenderOptions): Promise<number> {
  const begin = performance.now();
  do {
    // When the plan is used up, the last answers still bring click ids and with them conversions.
    const workers = Array.from({ length: options.concurrency }, () => worker(options));
    try {
      await Promise.all(workers);
    } catch (error) {
      options.source.stop();
      throw error;
    }
  } while (options.source.hasMore);
  return (performance.now() - begin) / 1_000;
}

async function worker({ source, client, ledger, pace }: SenderOptions): Promise<void> {
  for (let request = source.next(); request !== undefined; request = source.next()) {
    const delayMs = pace.delayMs(request.events.length);
    if (delayMs > 0) await sleep(delayMs);
    const { answer, resends } = await client.deliver(request.http);
    let outcomes: readonly EventOutcome[];
    try {
      outcomes = outcomesOf(request, answer);
    } catch (error) {
      if (!(error instanceof UnexpectedAnswer)) throw error;
      ledger.unexpected(request, error.message, resends);
      continue;
    }
    ledger.answer(request, outcomes, resends);
    releaseConversions(source, request, outcomes);
  }
}

function releaseConversions(
  source: RequestSource,
  request: TrafficRequest,
  outcomes: readonly EventOutcome[],
): void {
  for (const [index, { planned, isRepeat }] of request.events.entries()) {
    if (planned.conversion !== undefined && !isRepeat) {
      source.clickAnswered(planned, outcomes[index]?.clickId);
    }
  }
}
