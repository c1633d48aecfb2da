/** An actor in memory, with what the runtime has to know of it. */

import type { ActorKind } from '../../model/command.ts';
import type { Summary } from '../../model/summary.ts';
import { type Actor, STATE_DOCUMENT } from '../actor.ts';
import { keys } from '../keys.ts';

export class Cell<A extends Actor = Actor> {
  readonly kind: ActorKind;
  readonly actor: A;
  readonly #partition: number;
  /** Revision of the saved state; 0: none is saved. */
  revision: number;
  /** Sealed blocks that still have to save this actor: it must stay in memory. */
  pins = 0;
  /** Number of its last use, by which it is known who was not used for longest. */
  lastUse = 0;
  /** Sequence of the record that it was last met in. */
  metIn = 0;
  /** What its timer was set to last; `NaN`: it is not known. */
  timer: number | undefined = Number.NaN;
  /** What was restored includes records up to this sequence: they must not be applied again. */
  readonly restoredTo: number;
  #unsavedSummary: Summary | undefined;

  constructor(partition: number, kind: ActorKind, actor: A, revision: number) {
    this.#partition = partition;
    this.kind = kind;
    this.actor = actor;
    this.revision = revision;
    this.restoredTo = actor.applied;
  }

  /** The summary if it has changed; it is kept until the block is sealed. */
  takeSummary(): Summary | undefined {
    const summary = this.actor.takeSummary();
    if (summary) this.#unsavedSummary = summary;
    return summary;
  }

  takeUnsavedSummary(): Summary | undefined {
    const summary = this.#unsavedSummary;
    this.#unsavedSummary = undefined;
    return summary;
  }

  documentKey(name: string): string {
    return keys.actorDocument(this.#partition, this.kind, this.actor.id, name);
  }

  isState(name: string): boolean {
    return name === STATE_DOCUMENT;
  }
}
