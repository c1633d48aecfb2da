/** From dead letters to their messages. */
import { campaignOf, type LetterKind, type LetterReplay } from '../../../model/dead-letter.ts';
import { outcomeOf, reasonName } from '../../../model/decision.ts';
import {
  DeadLetterKind,
  type DeadLetter as DeadLetterMessage,
  type DeadLetterReplay,
  DeadLetterStatus,
} from '../../../proto/generated/turnpike/v1/dead_letter.ts';
import { EventType } from '../../../proto/generated/turnpike/v1/tracking.ts';
import type { LetterAccount } from '../../application/tracking/dead-letters.ts';
import { protoTimestamp } from '../timestamp.ts';
import { protoDecision, TYPES } from './tracking.ts';

const KINDS: Readonly<Record<LetterKind, DeadLetterKind>> = {
  EVENT: DeadLetterKind.EVENT,
  COMMAND: DeadLetterKind.COMMAND,
  RECORD: DeadLetterKind.RECORD,
  MESSAGE: DeadLetterKind.MESSAGE,
};

export function protoDeadLetter({ letter, replay }: LetterAccount): DeadLetterMessage {
  const event = letter.kind === 'EVENT' ? letter : undefined;
  const command = letter.kind === 'COMMAND' ? letter.command : undefined;
  const told = letter.kind === 'MESSAGE' ? letter : undefined;
  return {
    id: letter.id,
    kind: KINDS[letter.kind],
    status: replay ? DeadLetterStatus.REPLAYED : DeadLetterStatus.FAILED,
    campaignId: campaignOf(letter) ?? '',
    eventId: event?.eventId ?? '',
    eventType: event ? TYPES[event.type] : EventType.UNSPECIFIED,
    command: command && {
      commandId: command.commandId,
      name: command.name,
      actor: `${command.actorKind}/${command.actorId}`,
      by: command.by,
    },
    reason: reasonName(letter.reason),
    error: letter.error,
    failedAt: protoTimestamp(letter.time),
    replay: replay && protoReplay(replay),
    message: told && {
      name: told.message.name,
      actor: `${told.message.actorKind}/${told.message.actorId}`,
      fromPartition: told.origin.from,
      fromSequence: BigInt(told.origin.upTo),
    },
  };
}

function protoReplay({ time, by, decisionId, reason }: LetterReplay): DeadLetterReplay {
  return {
    replayedAt: protoTimestamp(time),
    by,
    decision: protoDecision({
      id: decisionId,
      outcome: outcomeOf(reason),
      reasonCode: reason,
      reason: reasonName(reason),
    }),
  };
}
