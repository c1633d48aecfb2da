/** The routes of dead letters: thin over the application. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { checkedPageSize } from '../../application/request.ts';
import type { DeadLetters } from '../../application/tracking/dead-letters.ts';
import { contextOf } from '../http/conditions.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import { shared } from '../schemas.ts';
import {
  DeadLetterList,
  DeadLetterPath,
  DeadLetterResource,
  DeadLettersQuery,
  deadLetterList,
  deadLetterResource,
} from './dead-letters.ts';

const DEAD_LETTERS = '/v1/dead-letters';
/** With its own pattern, so that the router tells an id from a verb behind it. */
const DEAD_LETTER = `${DEAD_LETTERS}/:id([0-9a-z-]+)`;
const TAGS = ['Dead letters'];
const NO_LETTER = { 404: problemResponse('There is no such dead letter, or it was given up.') };

export function deadLetterRoutes(server: FastifyInstance, deadLetters: DeadLetters): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [DeadLetterResource, DeadLetterList]) app.addSchema(schema);

  app.get(
    DEAD_LETTERS,
    {
      schema: {
        operationId: 'listDeadLetters',
        summary: 'List what could not be processed, partition by partition, the oldest first',
        description:
          'The first page includes the letters of everything that was answered before the request was sent.',
        tags: TAGS,
        querystring: DeadLettersQuery,
        response: { 200: shared(DeadLetterList), ...PROBLEMS },
      },
    },
    async ({ query }) =>
      deadLetterList(
        await deadLetters.list({
          pageSize: checkedPageSize(query.page_size),
          ...(query.campaign_id !== undefined && { campaignId: query.campaign_id }),
          ...(query.page_token && { pageToken: query.page_token }),
        }),
      ),
  );

  app.get(
    DEAD_LETTER,
    {
      schema: {
        operationId: 'getDeadLetter',
        summary: 'Get a dead letter',
        tags: TAGS,
        params: DeadLetterPath,
        response: { 200: shared(DeadLetterResource), ...NO_LETTER, ...PROBLEMS },
      },
    },
    async ({ params }) => deadLetterResource(await deadLetters.get(params.id)),
  );

  app.post(
    `${DEAD_LETTER}::replay`,
    {
      schema: {
        operationId: 'replayDeadLetter',
        summary: 'Have the event or the message of a dead letter processed again, as if it arrived now',
        description:
          'It happens once for ever, so no key is needed to repeat the request: of a letter that was replayed ' +
          'before, the answer is the letter as it is, and nothing is counted.',
        tags: TAGS,
        params: DeadLetterPath,
        response: {
          200: shared(DeadLetterResource),
          409: problemResponse(
            'It is not the letter of an event or a message, or its campaign is not active: `state` names its state then.',
          ),
          ...NO_LETTER,
          ...PROBLEMS,
        },
      },
    },
    async ({ params, headers }) => {
      const { principal } = contextOf(headers);
      return deadLetterResource(await deadLetters.replay(params.id, principal));
    },
  );
}
