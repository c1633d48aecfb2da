/** What could not be processed: the letters of all partitions, from the snapshots, and their replay. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { Command, Principal } from '../../../model/command.ts';
import {
  campaignOf,
  type DeadLetter,
  type KeptLetter,
  keptLetter,
  type LetterReplay,
  type LogPlace,
  letterKey,
  letterPrefix,
  lettersOf,
  placeOfLetter,
  REPLAY_LETTER,
  REPLAY_MESSAGE,
  type ReplayMessagePayload,
  type ReplayPayload,
  replayKey,
  type ShownLetter,
} from '../../../model/dead-letter.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { partitionOf } from '../../../model/fingerprint.ts';
import type { Snapshots } from '../../../storage/snapshots/port.ts';
import { newId } from '../identity.ts';
import { withinBytes } from '../page-bytes.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';

/** A letter as it may be shown: the bytes that it keeps stay here. */
export interface LetterAccount {
  readonly letter: ShownLetter;
  /** Absent: it was not replayed. */
  readonly replay?: LetterReplay;
}

export interface DeadLettersQuery {
  /** Only letters of this campaign. */
  readonly campaignId?: string;
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface DeadLetterPage {
  /** Partition by partition, the oldest first. */
  readonly letters: readonly LetterAccount[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** All methods throw `TurnpikeError` where something expected goes wrong. */
export interface DeadLetters {
  /** A page of letters. The first page includes those of everything that was answered before the call. */
  list(query: DeadLettersQuery): Promise<DeadLetterPage>;
  get(id: string): Promise<LetterAccount>;
  /**
   * Lets the event of a letter be decided anew, or its message be told again. It happens once: a letter that was
   * replayed before is given as it is, and nothing is counted.
   *
   * @throws TurnpikeError `failed_precondition` if the letter is not of an event or a message, or its campaign does not run
   */
  replay(id: string, principal: Principal): Promise<LetterAccount>;
}

export interface DeadLettersDependencies {
  readonly gateway: Pick<ActorGateway, 'execute' | 'saved'>;
  readonly snapshots: Pick<Snapshots, 'get' | 'list'>;
  /** Of the cluster. */
  readonly partitions: number;
}

export function createDeadLetters({ gateway, snapshots, partitions }: DeadLettersDependencies): DeadLetters {
  const read = async (id: string, place: LogPlace): Promise<KeptLetter> => {
    const letter = await snapshots.get(letterKey(place));
    if (!letter) throw noLetter(id);
    return keptLetter(letter.value, (await snapshots.get(replayKey(place)))?.value);
  };

  const find = async (id: string): Promise<KeptLetter> => {
    const place = placeOfLetter(id);
    if (!place || place.partition >= partitions) throw noLetter(id);
    await gateway.saved(place.partition);
    return read(id, place);
  };

  return {
    async list({ campaignId, pageSize, pageToken }) {
      const list = ['dead-letters', campaignId ?? null];
      const [after] = pageToken === undefined ? [''] : decodePageToken(pageToken, list, [''] as const);
      const partition = campaignId === undefined ? undefined : partitionOf(campaignId, partitions);
      // What lies behind the end of a page was there when that page was read, or has come since.
      if (pageToken === undefined) await gateway.saved(partition);
      const found: LetterAccount[] = [];
      for await (const kept of lettersOf(snapshots.list(letterPrefix(partition)))) {
        if (letterKey(kept.letter) <= after) continue;
        if (campaignId !== undefined && campaignOf(kept.letter) !== campaignId) continue;
        found.push(accountOf(kept));
        if (found.length > pageSize) break;
      }
      const page = withinBytes(found.slice(0, pageSize), ({ letter }) => letter.error);
      const last = page.at(-1);
      return {
        letters: page,
        ...(last &&
          page.length < found.length && { nextPageToken: encodePageToken(list, [letterKey(last.letter)]) }),
      };
    },

    get: async (id) => accountOf(await find(id)),

    async replay(id, principal) {
      const kept = await find(id);
      if (kept.replay) return accountOf(kept);
      const { letter } = kept;
      const answer = await gateway.execute({ commandId: newId(), principal, ...replayOf(letter) });
      // The gateway carries answers to every command; this one's are replays.
      if (answer.ok) return accountOf({ letter, replay: answer.view as LetterReplay });
      // Somebody else was quicker.
      if (answer.failure.code === 'already_exists') return accountOf(await find(id));
      throw new TurnpikeError(answer.failure);
    },
  };
}

function accountOf({ letter, replay }: KeptLetter): LetterAccount {
  return { letter: shown(letter), ...(replay && { replay }) };
}

function shown(letter: DeadLetter): ShownLetter {
  if (letter.kind === 'COMMAND' || letter.kind === 'MESSAGE') return letter;
  const { record: _, ...said } = letter;
  return said;
}

/**
 * The command that replays a letter.
 *
 * @throws TurnpikeError `failed_precondition` if the letter cannot be replayed
 */
function replayOf(letter: DeadLetter): Pick<Command, 'actorKind' | 'actorId' | 'name' | 'payload'> {
  const { id } = letter;
  switch (letter.kind) {
    case 'EVENT': {
      const payload: ReplayPayload = { letterId: id, record: letter.record };
      return { actorKind: 'campaign', actorId: letter.campaignId, name: REPLAY_LETTER, payload };
    }
    case 'MESSAGE': {
      const { message, origin } = letter;
      const payload: ReplayMessagePayload = { letterId: id, message, origin };
      return { actorKind: message.actorKind, actorId: message.actorId, name: REPLAY_MESSAGE, payload };
    }
    case 'COMMAND': {
      const { name, by } = letter.command;
      throw notReplayable(letter, `is of the command ${name} by ${by}: send the command again instead`);
    }
    case 'RECORD':
      throw notReplayable(letter, 'is of a record that could not be read, and nobody knows what it says');
  }
}

function notReplayable({ id }: DeadLetter, why: string): TurnpikeError {
  return new TurnpikeError({
    code: 'failed_precondition',
    message: `dead letter ${id} cannot be replayed: it ${why}`,
  });
}

function noLetter(id: string): TurnpikeError {
  return new TurnpikeError({
    code: 'not_found',
    message: `there is no dead letter ${id}`,
    deadLetterId: id,
  });
}
