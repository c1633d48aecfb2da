/**
 * What campaigns have told accounts, by the log alone: each message once, however often its batch was stored; and
 * whether it is what the campaigns' events have earned, and what the accounts have posted.
 */
import type { CommissionsPayload } from '../../../model/commissions.ts';
import type { LogServer } from '../ports/log.ts';
import type { Posting } from './books.ts';
import type { Ledger } from './ledger.ts';
import { readMessages, type StoredMessage } from './record-reader.ts';

/** A message with the block that it comes from. */
export interface ToldMessage extends StoredMessage {
  readonly source: string;
  /** The partition whose log it is in. */
  readonly partition: number;
}

/** All messages in the logs, each once, in the order in which they came first. */
export function readTold(ledger: Ledger, { partitions }: Pick<LogServer, 'partitions'>): ToldMessage[] {
  const told: ToldMessage[] = [];
  partitions.forEach(({ records }, partition) => {
    const known = new Map<string, string>();
    for (const { data } of records) {
      const batch = readMessages(data);
      if (!batch) continue;
      for (const [index, message] of batch.messages.entries()) {
        const source = `${batch.from}:${batch.upTo}`;
        const key = `${source}/${batch.first + index}`;
        const text = JSON.stringify(message);
        const before = known.get(key);
        if (before === undefined) told.push({ ...message, source, partition });
        else if (before !== text)
          ledger.fail(`the message ${key} to ${partition} was ${before} and then ${text}`);
        known.set(key, text);
      }
    }
  });
  return told;
}

/** Sums of micros by partner, campaign and release. */
export type Earned = ReadonlyMap<string, bigint>;

export function earnedKey(partnerId: string, campaignId: string, releaseAt: number): string {
  return `${partnerId} by ${campaignId} until ${new Date(releaseAt).toISOString()}`;
}

/** Notes where what was earned, what was told, and what was posted differ. */
export function checkTold(
  ledger: Ledger,
  told: readonly ToldMessage[],
  postings: readonly Posting[],
  earned: Earned,
): void {
  const assigned = new Map<string, bigint>();
  const bySource = new Map<string, bigint>();
  for (const { name, actorId, payload, source } of told) {
    if (name !== 'commissions') continue;
    const { campaignId, assigned: parts, reversed } = payload as CommissionsPayload;
    for (const { releaseAt, micros } of parts) {
      const key = earnedKey(actorId, campaignId, releaseAt);
      add(assigned, key, BigInt(micros));
      add(bySource, `assigned ${source} ${key}`, BigInt(micros));
    }
    for (const { releaseAt, micros, decisionId } of reversed)
      add(
        bySource,
        `reversed ${decisionId} ${source} ${earnedKey(actorId, campaignId, releaseAt)}`,
        BigInt(micros),
      );
  }
  compare(ledger, earned, assigned, 'earned', 'told');
  const posted = new Map<string, bigint>();
  for (const { cause, source, partnerId, campaignId, releaseAt, decisionId, micros } of postings) {
    const key = earnedKey(partnerId, campaignId, releaseAt);
    if (cause === 'assigned') add(posted, `assigned ${source} ${key}`, micros);
    else if (cause === 'reversed') add(posted, `reversed ${decisionId} ${source} ${key}`, micros);
  }
  compare(ledger, bySource, posted, 'told', 'posted');
}

export function add(sums: Map<string, bigint>, key: string, micros: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + micros);
}

/** Notes where two sums differ; what is not there is 0. */
export function compare(
  ledger: Ledger,
  one: ReadonlyMap<string, bigint>,
  other: ReadonlyMap<string, bigint>,
  wasOne: string,
  wasOther: string,
): void {
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const [left, right] = [one.get(key) ?? 0n, other.get(key) ?? 0n];
    if (left !== right) ledger.fail(`${key}: ${left} ${wasOne}, ${right} ${wasOther}`);
  }
}
