/** Dead letters as REST shows them: schemas, and the way there from the application. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { campaignOf, LETTER_KINDS, type LetterReplay } from '../../../model/dead-letter.ts';
import { outcomeOf, reasonName } from '../../../model/decision.ts';
import { EVENT_TYPES } from '../../../model/event.ts';
import { formatInstant } from '../../application/instant.ts';
import type { DeadLetterPage, LetterAccount } from '../../application/tracking/dead-letters.ts';
import { CampaignPath, instant, shared, words } from '../schemas.ts';
import { DecisionResource } from './tracking.ts';

export const LETTER_STATUSES = ['FAILED', 'REPLAYED'] as const;

export const DeadLetterPath = Type.Object({
  id: Type.String({
    pattern: '^[0-9a-z]+-[0-9a-z]+-[0-9a-z]+$',
    description: 'The letter.',
    examples: ['3-1c8-0'],
  }),
});

export const DeadLettersQuery = Type.Object({
  campaign_id: Type.Optional(
    Type.String({ ...CampaignPath.properties.campaign_id, description: 'Only letters of this campaign.' }),
  ),
  page_size: Type.Optional(
    Type.Integer({
      default: limits.defaultPageSize,
      description: `Letters on a page, at most ${limits.pageSize}; it may hold fewer although there are more.`,
    }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'next_page_token of the page before; same filters.' }),
  ),
});

export const DeadLetterResource = Type.Object(
  {
    id: Type.String({
      description:
        'Names the letter: partition, sequence and row of the log, as the decision of an event has them.',
      examples: ['3-1c8-0'],
    }),
    kind: words(LETTER_KINDS, 'What it is about. Letters of events and of messages can be replayed.'),
    status: words(LETTER_STATUSES, 'Whether it was replayed.'),
    campaign_id: Type.Optional(Type.String({ description: 'The campaign, if it is about one.' })),
    event_id: Type.Optional(Type.String({ description: 'The event, if it is one.' })),
    event_type: Type.Optional(words(EVENT_TYPES, 'Its type, if it is an event.')),
    command: Type.Optional(
      Type.Object(
        {
          command_id: Type.String({ description: 'Identifier.' }),
          name: Type.String({ description: 'What was asked for.', examples: ['pause'] }),
          actor: Type.String({ description: 'Whom it was asked of.', examples: ['campaign/summer'] }),
          by: Type.String({ description: 'Who asked for it.' }),
        },
        { description: 'The command, if it is one. What it said is not kept.' },
      ),
    ),
    message: Type.Optional(
      Type.Object(
        {
          name: Type.String({ description: 'What was told.', examples: ['commissions'] }),
          actor: Type.String({ description: 'Who was told.', examples: ['account/maria'] }),
          from_partition: Type.Integer({ description: 'Where it came from: the partition.', examples: [7] }),
          from_sequence: Type.Integer({
            description: 'The block there, by the sequence of its last record.',
            examples: [1234],
          }),
        },
        { description: 'The message between actors, if it is one. It is kept whole.' },
      ),
    ),
    reason: Type.String({ description: 'Why the event was rejected.', examples: ['processing_failed'] }),
    error: Type.String({ description: 'The text of the error.', examples: ['TypeError: x is undefined'] }),
    failed_at: instant('When it failed.'),
    replay: Type.Optional(
      Type.Object(
        {
          replayed_at: instant('When.'),
          by: Type.String({ description: 'Who asked for it.' }),
          decision: DecisionResource,
        },
        {
          description:
            "What became of it, if it was replayed. Of a message: `accepted` if it was taken. If it failed again, the decision's id is that of its new letter.",
        },
      ),
    ),
  },
  { $id: 'DeadLetter', description: 'Something that could not be processed, and was set aside.' },
);
export type DeadLetterResource = Static<typeof DeadLetterResource>;

export const DeadLetterList = Type.Object(
  {
    dead_letters: Type.Array(shared(DeadLetterResource), {
      description: 'Partition by partition, the oldest first.',
    }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'DeadLetterList', description: 'A page of dead letters.' },
);
export type DeadLetterList = Static<typeof DeadLetterList>;

export function deadLetterList({ letters, nextPageToken }: DeadLetterPage): DeadLetterList {
  return { dead_letters: letters.map(deadLetterResource), next_page_token: nextPageToken ?? '' };
}

export function deadLetterResource({ letter, replay }: LetterAccount): DeadLetterResource {
  const campaignId = campaignOf(letter);
  return {
    id: letter.id,
    kind: letter.kind,
    status: replay ? 'REPLAYED' : 'FAILED',
    ...(campaignId !== undefined && { campaign_id: campaignId }),
    ...(letter.kind === 'EVENT' && { event_id: letter.eventId, event_type: letter.type }),
    ...(letter.kind === 'COMMAND' && {
      command: {
        command_id: letter.command.commandId,
        name: letter.command.name,
        actor: `${letter.command.actorKind}/${letter.command.actorId}`,
        by: letter.command.by,
      },
    }),
    ...(letter.kind === 'MESSAGE' && {
      message: {
        name: letter.message.name,
        actor: `${letter.message.actorKind}/${letter.message.actorId}`,
        from_partition: letter.origin.from,
        from_sequence: letter.origin.upTo,
      },
    }),
    reason: reasonName(letter.reason),
    error: letter.error,
    failed_at: formatInstant(letter.time),
    ...(replay && { replay: replayResource(replay) }),
  };
}

function replayResource({ time, by, decisionId, reason }: LetterReplay) {
  return {
    replayed_at: formatInstant(time),
    by,
    decision: {
      id: decisionId,
      status: outcomeOf(reason),
      reason_code: reason,
      reason: reasonName(reason),
    },
  };
}
