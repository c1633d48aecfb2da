/**
 * The snapshot of an account: JSON, with amounts as decimal texts. The same state gives the same bytes. Sums, terms
 * and payouts under way are in the state itself; lots and campaigns are parts, see `parts.ts`.
 */
import type { LedgerAccount, PayoutTerms, PayoutTermsView } from '../../model/account.ts';
import type { ActorDocument, DocumentReader } from '../actor.ts';
import { STATE_DOCUMENT } from '../actor.ts';
import type { RememberedAnswer } from '../remembered-answers.ts';
import type { Book, Reservation } from './book.ts';
import { Campaigns, type CampaignsJson } from './campaigns.ts';
import { HeldLots } from './held-lots.ts';
import { Ledger, type LedgerJson, sumsOf } from './ledger.ts';
import { type Lot, Lots } from './lots.ts';
import { Parts, type PartsJson } from './parts.ts';
import type { AccountState } from './state.ts';

const HOUR_MS = 3_600_000;

/** A lot: index of its campaign, hour of its release, micros, hour of its earliest release if that is another. */
type LotJson = readonly [campaign: number, releaseHour: number, micros: string, sinceHour?: number];

interface BookJson {
  readonly currency: string;
  readonly ledger: LedgerJson;
  readonly owed: string;
  readonly reservations: readonly (readonly [payoutId: string, micros: string, advanced: string])[];
}

interface HeadJson {
  readonly applied: number;
  readonly partnerId: string;
  readonly terms: PayoutTerms;
  readonly isSuspended: boolean;
  readonly version: number;
  readonly nextPayoutAt: number | null;
  readonly books: readonly BookJson[];
  readonly answers: readonly RememberedAnswer<PayoutTermsView>[];
}

/** The keys of the parts of a book. */
const keyOf = {
  campaigns: (currency: string): string => `campaigns/${currency}`,
  approved: (currency: string): string => `approved/${currency}`,
  held: (currency: string, day: number): string => `held/${currency}/${day}`,
  reserved: (currency: string, payoutId: string): string => `reserved/${currency}/${payoutId}`,
};

/**
 * Saves a state: the documents of its parts that have changed, and the state itself, which comes last.
 *
 * @param applied last sequence of the block
 */
export function saveState(state: AccountState, parts: Parts, applied: number): ActorDocument[] {
  for (const book of state.books.values()) putChanges(book, parts, applied);
  const documents = parts.takeDocuments();
  const head: HeadJson = {
    applied,
    partnerId: state.partnerId,
    terms: state.terms,
    isSuspended: state.isSuspended,
    version: state.version,
    nextPayoutAt: state.nextPayoutAt ?? null,
    books: [...state.books.values()].map(bookJson),
    answers: state.answers,
  };
  const text = `{"head":${JSON.stringify(head)},"parts":${parts.encode()}}`;
  return [...documents, { name: STATE_DOCUMENT, value: Buffer.from(text) }];
}

export interface LoadedAccount {
  readonly state: AccountState;
  readonly parts: Parts;
  readonly applied: number;
}

/** Restores a state. @throws Error if a document is missing: another owner has gone on meanwhile */
export async function loadState(bytes: Uint8Array, read: DocumentReader): Promise<LoadedAccount> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const { head, parts: partsJson } = JSON.parse(text) as {
    readonly head: HeadJson;
    readonly parts: PartsJson;
  };
  const { parts, values } = await Parts.load(partsJson, read);
  const state: AccountState = {
    partnerId: head.partnerId,
    terms: head.terms,
    isSuspended: head.isSuspended,
    version: head.version,
    nextPayoutAt: head.nextPayoutAt ?? undefined,
    books: new Map(head.books.map((book) => [book.currency, bookFrom(book, values)])),
    answers: [...head.answers],
  };
  return { state, parts, applied: head.applied };
}

function putChanges(book: Book, parts: Parts, applied: number): void {
  const { currency, campaigns, held, approved, reservations } = book;
  if (campaigns.takeChange()) parts.put(keyOf.campaigns(currency), campaigns.toJson(), applied);
  const put = (key: string, lots: Lots): void =>
    parts.put(key, lots.size === 0 ? undefined : lotsJson(lots, campaigns), applied);
  for (const day of [...held.takeChanges()].sort((one, other) => one - other))
    put(keyOf.held(currency, day), held.lotsOf(day));
  if (book.areApprovedChanged) put(keyOf.approved(currency), approved);
  book.areApprovedChanged = false;
  for (const payoutId of book.settled.splice(0)) put(keyOf.reserved(currency, payoutId), new Lots());
  for (const reservation of reservations) {
    if (reservation.isChanged) put(keyOf.reserved(currency, reservation.payoutId), reservation.lots);
    reservation.isChanged = false;
  }
}

function bookJson({ currency, ledger, owed, reservations }: Book): BookJson {
  return {
    currency,
    ledger: ledger.toJson(),
    owed: owed.toString(),
    reservations: reservations.map(({ payoutId, micros, advanced }) => [
      payoutId,
      micros.toString(),
      advanced.toString(),
    ]),
  };
}

function bookFrom(saved: BookJson, values: ReadonlyMap<string, unknown>): Book {
  const { currency } = saved;
  const campaigns = new Campaigns(values.get(keyOf.campaigns(currency)) as CampaignsJson | undefined);
  const names = campaigns.names();
  const lots = (key: string): Lots => lotsFrom((values.get(key) ?? []) as readonly LotJson[], names);
  const prefix = keyOf.held(currency, 0).slice(0, -1);
  const days = [...values.keys()].flatMap((key) =>
    key.startsWith(prefix) ? [[Number(key.slice(prefix.length)), lots(key)] as const] : [],
  );
  return {
    currency,
    ledger: new Ledger(currency, saved.ledger),
    held: new HeldLots(days),
    approved: lots(keyOf.approved(currency)),
    areApprovedChanged: false,
    reservations: saved.reservations.map(
      ([payoutId, micros, advanced]): Reservation => ({
        payoutId,
        micros: BigInt(micros),
        lots: lots(keyOf.reserved(currency, payoutId)),
        advanced: BigInt(advanced),
        isChanged: false,
      }),
    ),
    settled: [],
    owed: BigInt(saved.owed),
    campaigns,
  };
}

function lotsJson(lots: Lots, campaigns: Campaigns): LotJson[] {
  return [...lots].map(({ campaignId, since, releaseAt, micros }): LotJson => {
    const lot = [campaigns.indexOf(campaignId), releaseAt / HOUR_MS, micros.toString()] as const;
    return since === releaseAt ? lot : [...lot, since / HOUR_MS];
  });
}

function lotsFrom(saved: readonly LotJson[], names: readonly string[]): Lots {
  return new Lots(
    saved.map(
      ([campaign, releaseHour, micros, sinceHour = releaseHour]): Lot => ({
        campaignId: names[campaign] as string,
        since: sinceHour * HOUR_MS,
        releaseAt: releaseHour * HOUR_MS,
        micros: BigInt(micros),
      }),
    ),
  );
}

/** What a saved state says of an account, for whoever checks it. */
export interface SavedBalances {
  readonly partnerId: string;
  /** Last sequence that is in it. */
  readonly applied: number;
  /** In micros, by currency. */
  readonly balances: ReadonlyMap<string, Readonly<Record<LedgerAccount, bigint>>>;
}

export function balancesOf(bytes: Uint8Array): SavedBalances {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const { head } = JSON.parse(text) as { readonly head: HeadJson };
  const balances = head.books.map(({ currency, ledger }) => [currency, sumsOf(ledger)] as const);
  return { partnerId: head.partnerId, applied: head.applied, balances: new Map(balances) };
}
