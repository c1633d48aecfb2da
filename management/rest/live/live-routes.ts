/** Where the live feed is: one address for any topics, and one for each campaign and partner. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { fail } from '../../../model/errors.ts';
import { AccountPath, AccountResource } from '../accounts/accounts.ts';
import { PROBLEM_MEDIA_TYPE, problem } from '../http/problem.ts';
import { isOfForeignPage } from '../http/same-origin.ts';
import { NO_PARTNER, PartnerResource } from '../partners/partners.ts';
import { CAMPAIGN, NOT_FOUND, PROBLEMS, problemResponse } from '../responses.ts';
import { count } from '../schema-parts.ts';
import { CampaignPath, MetricsResource, ProblemResource, shared, words } from '../schemas.ts';
import type { LiveFeeds } from './feeds.ts';
import type { Topic } from './topics.ts';
import { asksForWebSocket, routeUpgrades } from './upgrades.ts';

const LIVE = '/v1/live';
const TAGS = ['Live feed'];

const UPDATE = {
  topic: Type.String({ description: 'What it is about: `campaign:<id>` or `partner:<id>`.' }),
  sequence: count('Where in the log of its partition that state is. It grows.'),
  snapshot: Type.Boolean({ description: 'Whether it is the first that is told of the topic.' }),
};

const MetricsUpdate = Type.Object(
  {
    type: words(['metrics_update']),
    ...UPDATE,
    campaign_id: Type.String({ description: 'The campaign.' }),
    data: shared(MetricsResource),
  },
  { $id: 'LiveMetrics', description: "A campaign's live figures, as the live feed tells them." },
);

const PartnerUpdate = Type.Object(
  {
    type: words(['partner_update']),
    ...UPDATE,
    partner_id: Type.String({ description: 'The partner.' }),
    data: Type.Object({ partner: Type.Optional(shared(PartnerResource)), account: shared(AccountResource) }),
  },
  { $id: 'LivePartner', description: 'A partner and its account, as the live feed tells them.' },
);

const LiveError = Type.Object(
  {
    type: words(['error']),
    topic: Type.Optional(
      Type.String({ description: 'The topic that is not followed; absent: the message was wrong.' }),
    ),
    problem: shared(ProblemResource),
  },
  { $id: 'LiveError', description: 'Why the live feed does not follow a topic, or did not take a message.' },
);

const messages = (description: string, ...of: Parameters<typeof Type.Union>[0]) => ({
  101: {
    description,
    content: { 'application/json': { schema: Type.Union([...of, shared(LiveError)]) } },
  },
});

const REFUSALS = {
  403: problemResponse('A browser asks for a page of another site.'),
  426: problemResponse('An ordinary request: the live feed is a WebSocket.'),
  ...PROBLEMS,
};

const ABOUT =
  'A WebSocket. Its messages are JSON: the state at once, and again when it has changed, at most four times a second; ' +
  'a slow reader is told the newest state only.';

export function liveRoutes(server: FastifyInstance, feeds: LiveFeeds): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>();
  for (const schema of [MetricsUpdate, PartnerUpdate, LiveError]) app.addSchema(schema);
  routeUpgrades(server);

  app.get(
    LIVE,
    {
      schema: {
        operationId: 'followLive',
        summary: 'Follow campaigns and partners live',
        description:
          `${ABOUT} To follow topics, send \`{"type":"subscribe","topics":["campaign:summer","partner:ana"]}\`, and ` +
          'to leave them the same with `unsubscribe`.',
        tags: TAGS,
        response: {
          ...messages('Messages of the topics.', shared(MetricsUpdate), shared(PartnerUpdate)),
          ...REFUSALS,
        },
      },
    },
    (request, reply) => open(feeds, request, reply, []),
  );

  app.get(
    `${CAMPAIGN}/live`,
    {
      schema: {
        operationId: 'followCampaignLive',
        summary: "Follow a campaign's figures live",
        description: `${ABOUT} Other topics can be followed on it too, as on \`${LIVE}\`.`,
        tags: TAGS,
        params: CampaignPath,
        response: { ...messages('The figures.', shared(MetricsUpdate)), ...NOT_FOUND, ...REFUSALS },
      },
    },
    (request, reply) => open(feeds, request, reply, [{ kind: 'campaign', id: request.params.campaign_id }]),
  );

  app.get(
    '/v1/partners/:partner_id/live',
    {
      schema: {
        operationId: 'followPartnerLive',
        summary: 'Follow a partner and its account live',
        description: `${ABOUT} Other topics can be followed on it too, as on \`${LIVE}\`.`,
        tags: TAGS,
        params: AccountPath,
        response: {
          ...messages('The partner and its account.', shared(PartnerUpdate)),
          ...NO_PARTNER,
          ...REFUSALS,
        },
      },
    },
    (request, reply) => open(feeds, request, reply, [{ kind: 'partner', id: request.params.partner_id }]),
  );
}

/** @throws TurnpikeError if there is nothing to follow, or no room */
async function open(
  feeds: LiveFeeds,
  request: FastifyRequest,
  reply: FastifyReply,
  topics: readonly Topic[],
): Promise<void> {
  const { raw, headers } = request;
  if (!asksForWebSocket(raw)) {
    sayHow(reply);
    return;
  }
  // Browsers let any page open a WebSocket anywhere, and read it: the origin is all that tells whose page it is.
  if (isOfForeignPage(headers)) fail('permission_denied', 'the live feed is not for pages of other sites');
  feeds.checkRoom();
  for (const topic of topics) await feeds.known(topic);
  feeds.checkRoom();
  reply.hijack();
  feeds.open(raw, topics);
}

function sayHow(reply: FastifyReply): void {
  const detail =
    'this is a WebSocket: connect to it as one, such as `new WebSocket("ws://…/v1/live")` in a browser';
  const { status, body } = problem(426, 'upgrade_required', detail);
  reply
    .code(status)
    .headers({ 'content-type': PROBLEM_MEDIA_TYPE, upgrade: 'websocket', connection: 'upgrade' })
    .send(body);
}
