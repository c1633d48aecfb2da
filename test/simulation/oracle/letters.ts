/** Dead letters: every event that has failed is in one, is told of, and is counted once when it is replayed. */
import type { LiveCampaign, Row } from './check.ts';
import { type Ledger, placeOf, REASON } from './ledger.ts';

/** A letter as it is kept at rest. */
export interface LetterAtRest {
  readonly id: string;
  readonly campaignId: string;
  readonly isReplayed: boolean;
}

export interface LetterEvidence {
  readonly ledger: Ledger;
  readonly decided: readonly Row[];
  readonly domainEvents: readonly Row[];
  readonly letters: readonly LetterAtRest[];
  readonly live: ReadonlyMap<string, LiveCampaign>;
  /** Whether what fails was mended before the last replays were asked for. */
  readonly isMended: boolean;
}

/** Notes everything that is wrong in the ledger. */
export function checkLetters(evidence: LetterEvidence): void {
  const { ledger, decided, domainEvents, letters, live, isMended } = evidence;
  const failed = new Set<string>();
  const accepted = new Map<string, number>();
  /** Rows of replays, by letter. */
  const replays = new Map<string, number>();
  for (const row of decided) {
    if (Number(row.reason) === REASON.processingFailed) failed.add(idOf(row));
    if (Number(row.reason) === REASON.accepted) add(accepted, String(row.event_id));
    const replay = ledger.replays.get(placeOf(row));
    if (replay) add(replays, replay.letterId);
  }
  for (const [eventId, times] of accepted)
    if (times > 1) ledger.fail(`${eventId} was accepted ${times} times`);
  for (const [id, times] of replays) {
    if (!failed.has(id)) ledger.fail(`${id} was replayed, and has not failed`);
    if (times > 1) ledger.fail(`the letter ${id} was replayed ${times} times`);
  }
  compare(ledger, failed, new Set(letters.map(({ id }) => id)), 'a letter');
  const told = domainEvents.filter(({ type }) => type === 'tracking.failed');
  compare(ledger, failed, new Set(told.map(({ data }) => JSON.parse(String(data)).letter_id)), 'told');
  for (const { id, campaignId, isReplayed } of letters) {
    if (isReplayed !== replays.has(id))
      ledger.fail(`the letter ${id} is ${isReplayed ? '' : 'not '}said to be replayed, and its rows differ`);
    if (isMended && !isReplayed && live.get(campaignId)?.status === 'ACTIVE')
      ledger.fail(`the letter ${id} was not replayed, though its campaign is active`);
  }
}

function compare(
  ledger: Ledger,
  failed: ReadonlySet<string>,
  found: ReadonlySet<string>,
  what: string,
): void {
  for (const id of failed) if (!found.has(id)) ledger.fail(`${id} has failed, and is not ${what}`);
  for (const id of found) if (!failed.has(id)) ledger.fail(`${id} is ${what}, and has not failed`);
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Partition, sequence and row in base 36, as the public interface has them. */
function idOf({ partition, sequence, row }: Row): string {
  return [partition, sequence, row].map((part) => Number(part).toString(36)).join('-');
}
