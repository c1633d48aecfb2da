/** The campaign actor: its state, its memories and its open aggregates, held together for the runtime. */
import type { Query, QueryAnswers } from '../../model/actor-gateway.ts';
import { type CampaignSummary, type CampaignView, currencyOf } from '../../model/campaign.ts';
import type { TableRows } from '../../model/columns/table-rows.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { EventLetter } from '../../model/dead-letter.ts';
import { outcomeOf, REASONS, type ReasonCode } from '../../model/decision.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { Failure } from '../../model/errors.ts';
import { EventType } from '../../model/event.ts';
import { type EventBatch, FIELD, type Stopped, UNDECIDED } from '../../model/event-batch.ts';
import { Domain, FINGERPRINT_WORDS, type FingerprintKey, fingerprint } from '../../model/fingerprint.ts';
import type { Message } from '../../model/message.ts';
import {
  type ActorDocument,
  type ActorFactory,
  type DocumentReader,
  type EventActor,
  STATE_DOCUMENT,
} from '../actor.ts';
import { Announcements } from '../announcements.ts';
import { type DroppedSet, deletionsOf, PagedSet } from '../memory/paged-set.ts';
import type { RememberedAnswer } from '../remembered-answers.ts';
import { announceFailure } from './announce.ts';
import { Touches } from './attribution/touches.ts';
import { nextThresholdMicros, tellExhaustion, tellThresholds } from './budget/budget.ts';
import { noteSpend } from './budget/budget-book.ts';
import { accountOf } from './budget/budget-view.ts';
import { useCaps } from './budget/caps.ts';
import { clearanceOf, UNCLEAR } from './budget/clearance.ts';
import { ClickFloods } from './click-floods.ts';
import { type CampaignSnapshot, decodeSnapshot, encodeSlow, encodeSnapshot } from './codec.ts';
import { handleCommand } from './commands.ts';
import { holdMarked } from './commission/marked.ts';
import { Tallies } from './commission/tallies.ts';
import { ConversionBook, type FoundConversion } from './conversion-book.ts';
import { recordOf } from './conversion-record.ts';
import { type CampaignMemories, type Decision, decide } from './decide.ts';
import { count, countDecision } from './evolve.ts';
import { marksOf } from './fraud.ts';
import { lookAtKpis } from './kpi-state.ts';
import { type CampaignBooks, refundLedger, spendLedger } from './ledgers.ts';
import { PendingCommissions } from './pending-commissions.ts';
import { isPublished, publish } from './publish.ts';
import { REFUND, refundKey } from './refund-command.ts';
import { dueAt, onTime } from './schedule.ts';
import { Slices } from './slices.ts';
import { type CampaignState, exhaustion, isOver, openDay, zoneOf } from './state.ts';
import { metricsOf, summaryOf, viewOf } from './view.ts';

const FAILURES = 'failures';

class CampaignActor implements EventActor {
  readonly id: string;
  readonly #key: FingerprintKey;
  readonly #announcements: Announcements;
  #state: CampaignState | undefined;
  #floods = new ClickFloods();
  readonly #books: CampaignBooks;
  /** The conversion that the command to come names. */
  #found: FoundConversion | undefined;
  /** Number of the uniqueness rule's window that the visitors among the memories belong to. */
  #visitorWindow = 0;
  /** Ids of events that have failed, and of letters that were replayed: for ever. */
  #failures = new PagedSet(FAILURES);
  readonly #touches: Touches;
  readonly #tallies = new Tallies();
  /** What decisions ask; made once, as there is one for each event. */
  readonly #memories: CampaignMemories & { visitors: PagedSet };
  #applied = 0;
  #summaryRevision = 0;
  /** Why there is no room for another click or paid event, as far as that was noted. */
  #exhausted: ReasonCode | undefined;
  /** Spend, in micros, at which there is a threshold to tell: so that most events need not look. */
  #nextThreshold = 0n;
  /** Record time to which days and periods were brought; `NaN`: it is not known. Once a record is enough. */
  #openedAt = Number.NaN;
  /** Memories that the next snapshot will not need, and those that the last one did not. */
  #dropped: DroppedSet[] = [];
  #deletable: readonly DroppedSet[] = [];
  /** What was shown last. */
  #view: { readonly version: number; readonly revision: number; readonly view: CampaignView } | undefined;
  #slow:
    | { version: number; revision: number; answer: RememberedAnswer | undefined; json: string }
    | undefined;

  constructor(id: string, key: FingerprintKey, partition: number) {
    this.id = id;
    this.#books = {
      slices: new Slices(),
      conversions: new ConversionBook(partition),
      commissions: new PendingCommissions(),
    };
    this.#key = key;
    this.#announcements = new Announcements('campaign', id);
    this.#touches = new Touches(id, key);
    this.#memories = {
      conversions: this.#books.conversions,
      visitors: new PagedSet(visitorsOf(0)),
      touches: this.#touches,
      tallies: this.#tallies,
    };
  }

  get applied(): number {
    return this.#applied;
  }

  get exists(): boolean {
    return this.#state !== undefined;
  }

  event(batch: EventBatch, isRepeat: boolean, time: number, sequence: number, out: Decision): void {
    const state = this.#state;
    if (!state) {
      out.reset(REASONS.unknown_campaign);
      return;
    }
    if (time !== this.#openedAt) this.#open(state, time);
    if (batch.type === EventType.click) this.#openVisitorWindow(state, time);
    const { conversions, commissions } = this.#books;
    decide(state, batch, this.#memories, isRepeat, this.#key, out);
    out.flags = marksOf(batch, out, state.definition.fraud, this.#floods, time);
    holdMarked(state, batch, out);
    if (isPublished(state, batch.type)) publish(state, batch, out, this.#announcements.at(sequence, time));
    this.#count(state, batch, time, sequence, out);
    if (outcomeOf(out.reason) !== 'accepted') return;
    if (out.tallied.length > 0)
      for (const change of out.tallied) this.#tallies.put(change, time, zoneOf(state.definition));
    if (out.isUnique) this.#memories.visitors.add(batch.visitors, batch.visitorAt);
    if (out.hasConversionKey)
      conversions.add(out.conversionKey, 0, recordOf(state, batch, out, time, sequence));
    if (out.earnings.length > 0) commissions.earn(batch.type, out.earnings, time);
    this.#touches.remember(batch, time, state.definition);
  }

  failedEvent(batch: EventBatch, letter: EventLetter, out: Decision): void {
    const { time, sequence } = letter;
    out.reset(REASONS.processing_failed);
    announceFailure(letter, this.#announcements.at(sequence, time));
    if (!this.#state) return;
    if (batch.verdict === UNDECIDED) this.#failures.add(batch.fingerprints, batch.fingerprintAt);
    this.#count(this.#state, batch, time, sequence, out);
  }

  hasFailed(batch: EventBatch): boolean {
    return this.#failures.size > 0 && this.#failures.has(batch.fingerprints, batch.fingerprintAt);
  }

  takeLetter(letterId: string, sequence: number): Failure | undefined {
    const state = this.#state;
    if (!state) return { code: 'not_found', message: `there is no campaign ${this.id}` };
    this.#applied = sequence;
    const words = new Uint32Array(FINGERPRINT_WORDS);
    fingerprint(this.#key, Domain.letter, this.id, letterId, words, 0);
    if (this.#failures.has(words, 0))
      return { code: 'already_exists', message: `dead letter ${letterId} was replayed before` };
    const { status } = state;
    if (status !== 'ACTIVE')
      return {
        code: 'failed_precondition',
        message: `cannot replay dead letter ${letterId}: its campaign is ${status}, and only one that is ACTIVE counts events`,
        state: status,
      };
    this.#failures.add(words, 0);
    return undefined;
  }

  stopped(stopped: Stopped, time: number, sequence: number): void {
    if (!this.#state) return;
    const { reason, count: times } = stopped;
    count(this.#state.totals, reason, times);
    count(this.#books.slices.at(time, stopped.partnerId ?? '', time), reason, times);
    this.#applied = sequence;
  }

  async prepare({ name, payload }: Command, read: DocumentReader): Promise<void> {
    const words = name === REFUND ? refundKey(this.#key, this.id, payload) : undefined;
    this.#found = words && (await this.#books.conversions.find(words, read));
  }

  command(command: Command, time: number, sequence: number): CommandAnswer {
    const announce = this.#announcements.at(sequence, time);
    const ledger = spendLedger(this.#books, this.#key, this.id, time);
    const refunds = refundLedger(this.#books, this.#found, time);
    this.#found = undefined;
    if (this.#state) this.#state.clearMicros = UNCLEAR;
    this.#openedAt = Number.NaN;
    const outcome = handleCommand(this.#state, { command, time, sequence, announce, ledger, refunds });
    this.#state = outcome.state;
    if (outcome.state) {
      this.#noteThresholds(outcome.state, time, sequence);
      this.#noteExhaustion(outcome.state, time, sequence);
    }
    this.#applied = sequence;
    return outcome.answer;
  }

  receive({ name }: Message): void {
    throw new Error(`a campaign knows no message ${name}`);
  }

  takeMessages(): readonly Message[] {
    if (!this.#state) return [];
    return this.#books.commissions.take(this.id, currencyOf(this.#state.definition) ?? 'USD');
  }

  query<K extends Query['kind']>(kind: K, asOf: number): QueryAnswers[K] {
    return this.#answer(kind, asOf) as QueryAnswers[K];
  }

  #answer(kind: Query['kind'], asOf: number): QueryAnswers[Query['kind']] {
    const state = this.#state;
    switch (kind) {
      case 'campaign':
        return state && this.#viewOf(state);
      case 'budget':
        return state && accountOf(state);
      case 'metrics':
        return state && metricsOf(state, asOf);
      default:
        return undefined;
    }
  }

  /** The same object as long as nothing in it changes; thresholds of KPIs are reached without a new version. */
  #viewOf(state: CampaignState): CampaignView {
    const { version, revision, kpis } = state;
    const known = this.#view;
    if (known?.version === version && known.revision === revision && kpis.reachedAt.length === 0)
      return known.view;
    const view = viewOf(state);
    this.#view = { version, revision, view };
    return view;
  }

  dueAt(): number | undefined {
    return this.#state && dueAt(this.#state);
  }

  onTime(time: number, sequence: number): void {
    if (this.#state) {
      const announce = this.#announcements.at(sequence, time);
      this.#state.clearMicros = UNCLEAR;
      this.#openedAt = Number.NaN;
      onTime(this.#state, {
        time,
        sequence,
        announce,
        ledger: spendLedger(this.#books, this.#key, this.id, time),
      });
      this.#noteThresholds(this.#state, time, sequence);
      this.#noteExhaustion(this.#state, time, sequence);
    }
    this.#applied = sequence;
  }

  takeSummary(): CampaignSummary | undefined {
    const state = this.#state;
    if (!state || state.revision === this.#summaryRevision) return undefined;
    this.#summaryRevision = state.revision;
    return summaryOf(state);
  }

  takeDomainEvents(): readonly DomainEvent[] {
    return this.#announcements.take();
  }

  writeAggregates(rows: TableRows, version: number): void {
    this.#books.slices.write(rows, this.id, version);
  }

  save(applied: number): ActorDocument[] {
    const state = this.#state;
    if (!state) return [];
    const { conversions, slices } = this.#books;
    if (isOver(state)) {
      this.#touches.clear();
      this.#tallies.clear();
    }
    // Not before a snapshot that does without them is there: the next owner may need them.
    const documents = deletionsOf(this.#deletable);
    this.#deletable = [...this.#dropped, ...this.#touches.takeDropped(), ...this.#tallies.takeDropped()];
    this.#dropped = [];
    for (const set of [conversions, this.#failures, this.#memories.visitors, this.#touches])
      documents.push(...set.takeChanges());
    documents.push(...this.#tallies.takeChanges(applied));
    const { version, revision } = state;
    const answer = state.answers.at(-1);
    if (this.#slow?.version !== version || this.#slow.revision !== revision || this.#slow.answer !== answer)
      this.#slow = { version, revision, answer, json: encodeSlow(state) };
    const snapshot: CampaignSnapshot = {
      state,
      applied,
      slices: slices.toJson(),
      floods: this.#floods.toJson(),
      conversions: conversions.toJson(),
      failures: this.#failures.size,
      visitors: this.#memories.visitors.size,
      visitorWindow: this.#visitorWindow,
      touches: this.#touches.toJson(),
      tallies: this.#tallies.toJson(),
      dropped: this.#deletable,
    };
    documents.push({ name: STATE_DOCUMENT, value: encodeSnapshot(snapshot, this.#slow.json) });
    return documents;
  }

  async restore(snapshot: CampaignSnapshot, read: DocumentReader): Promise<void> {
    this.#state = snapshot.state;
    this.#applied = snapshot.applied;
    this.#books.slices.load(snapshot.slices);
    this.#floods = ClickFloods.fromJson(snapshot.floods);
    this.#visitorWindow = snapshot.visitorWindow;
    this.#exhausted = exhaustion(snapshot.state);
    this.#nextThreshold = nextThresholdMicros(snapshot.state);
    this.#summaryRevision = snapshot.state.revision;
    this.#deletable = snapshot.dropped;
    await this.#books.conversions.load(snapshot.conversions, read);
    this.#failures = await PagedSet.load(FAILURES, snapshot.failures, read);
    this.#memories.visitors = await PagedSet.load(
      visitorsOf(snapshot.visitorWindow),
      snapshot.visitors,
      read,
    );
    await this.#touches.load(snapshot.touches, read);
    await this.#tallies.load(snapshot.tallies, snapshot.applied, read);
  }

  #count(state: CampaignState, batch: EventBatch, time: number, sequence: number, decision: Decision): void {
    const { type } = batch;
    countDecision(state.totals, type, decision);
    const slice = this.#books.slices.at(time, batch.name(FIELD.partnerId) ?? '', batch.occurredAt);
    countDecision(slice, type, decision);
    this.#applied = sequence;
    const { caps } = state.definition;
    const isAccepted = outcomeOf(decision.reason) === 'accepted';
    if (isAccepted) lookAtKpis(state.kpis, time);
    const usesCaps = caps && isAccepted && useCaps(state.capUse, caps, type, decision);
    const { spendMicros } = decision;
    if (spendMicros > 0) {
      noteSpend(state, spendMicros, decision.payer);
      if (spendMicros <= state.clearMicros) {
        state.clearMicros -= spendMicros;
        return;
      }
      if (state.totals.spendMicros >= this.#nextThreshold) this.#noteThresholds(state, time, sequence);
    } else if (!usesCaps) return;
    this.#noteExhaustion(state, time, sequence);
  }

  #noteThresholds(state: CampaignState, time: number, sequence: number): void {
    tellThresholds(state, this.#announcements.at(sequence, time));
    this.#nextThreshold = nextThresholdMicros(state);
  }

  /** Collectors must know when the budget is used up, and when it no longer is. */
  #noteExhaustion(state: CampaignState, time: number, sequence: number): void {
    state.clearMicros = UNCLEAR;
    const exhausted = exhaustion(state);
    if (exhausted !== this.#exhausted) {
      this.#exhausted = exhausted;
      state.revision = sequence;
      if (exhausted !== undefined)
        tellExhaustion(state, time, sequence, this.#announcements.at(sequence, time));
    }
    if (exhausted === undefined) state.clearMicros = clearanceOf(state, this.#nextThreshold);
  }

  #open(state: CampaignState, time: number): void {
    openDay(state, time);
    this.#tallies.open(time);
    this.#openedAt = time;
  }

  #openVisitorWindow(state: CampaignState, time: number): void {
    const window = Math.floor(time / state.definition.uniqueness.windowMs);
    if (window === this.#visitorWindow) return;
    this.#dropped.push(this.#memories.visitors.dropped());
    this.#visitorWindow = window;
    this.#memories.visitors = new PagedSet(visitorsOf(window));
  }
}

function visitorsOf(window: number): string {
  return `visitors-${window}`;
}

/** Makes campaign actors. */
export function campaignActors(key: FingerprintKey): ActorFactory<EventActor> {
  return {
    async load(id, read, partition = 0) {
      const actor = new CampaignActor(id, key, partition);
      const document = await read(STATE_DOCUMENT);
      if (document) await actor.restore(decodeSnapshot(document.value), read);
      return actor;
    },
  };
}
