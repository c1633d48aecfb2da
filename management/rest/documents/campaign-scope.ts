/** What the documents' routes of campaigns have in common. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import type { CampaignStatus, CampaignView } from '../../../model/campaign.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { CAMPAIGN_ID_PATTERN } from '../../application/campaigns/campaign-draft.ts';
import type { Campaigns } from '../../application/campaigns/campaigns.ts';
import type { CommandContext } from '../../application/command.ts';
import type { CampaignFilter } from '../../application/page.ts';
import { checkedPageSize } from '../../application/request.ts';
import { PROBLEMS, problemResponse } from '../responses.ts';
import type { Owner } from './campaign-drafts.ts';
import { inWordsOf } from './campaign-failures.ts';
import { renamed } from './campaign-fields.ts';
import type { Words } from './campaign-words.ts';

export const TAGS = ['Campaigns of the documents'];

/** With its own pattern, as the router tells an id from what stands behind it. */
export const ID = ':id([A-Za-z0-9_-]+)';

export const IdPath = Type.Object({
  id: Type.String({ pattern: CAMPAIGN_ID_PATTERN, description: 'The campaign.' }),
});

export const ReasonBody = Type.Object({
  motivo: Type.Optional(
    Type.String({ maxLength: limits.reasonLength, description: 'Why; kept with the change.' }),
  ),
});

export const PageQuery = Type.Object({
  page_size: Type.Optional(
    Type.Integer({
      default: limits.defaultPageSize,
      description: `Campaigns in the answer, at most ${limits.pageSize}; there may be fewer although there are more.`,
    }),
  ),
  page_token: Type.Optional(
    Type.String({ description: 'Part of the address that the Link header of the page before gives.' }),
  ),
});

export const CHANGE_PROBLEMS = {
  404: problemResponse('There is no such campaign.'),
  409: problemResponse(
    'The state of the campaign forbids it: `state` names it, `violations` what is missing.',
  ),
  412: problemResponse('The campaign has another etag than `If-Match` demands.'),
  ...PROBLEMS,
};

/** Routes whose requests and failures are in the words of a document. */
export function inDocumentWords(
  server: FastifyInstance,
  owner: Owner,
  states: Words<CampaignStatus>,
  routes: (scope: DocumentScope) => void,
): void {
  const translated = inWordsOf(owner, states);
  server.register(async (scope) => {
    scope.addHook('preValidation', async (request) => {
      request.body = renamed(request.body);
    });
    scope.setErrorHandler((error) => {
      throw translated(error);
    });
    routes(scope.withTypeProvider<TypeBoxTypeProvider>());
  });
}

const typed = (server: FastifyInstance) => server.withTypeProvider<TypeBoxTypeProvider>();
export type DocumentScope = ReturnType<typeof typed>;

/** A page of campaigns, and what its `Link` header says. */
export async function pageOf(
  campaigns: Campaigns,
  filter: CampaignFilter,
  query: Static<typeof PageQuery>,
  url: string,
): Promise<{ views: readonly CampaignView[]; link: { link?: string } }> {
  const pageSize = checkedPageSize(query.page_size);
  const page = await campaigns.list({
    filter,
    pageSize,
    ...(query.page_token && { pageToken: query.page_token }),
  });
  const { nextPageToken } = page;
  if (nextPageToken === undefined) return { views: page.campaigns, link: {} };
  const [path, asked] = url.split('?', 2);
  const next = new URLSearchParams(asked);
  next.set('page_size', String(pageSize));
  next.set('page_token', nextPageToken);
  return { views: page.campaigns, link: { link: `<${path}?${next}>; rel="next"` } };
}

/** Starts a campaign, or goes on with one that is halted: the documents have one word for both. */
export async function activate(
  campaigns: Campaigns,
  id: string,
  reason: string | undefined,
  context: CommandContext,
): Promise<CampaignView> {
  try {
    return await campaigns.change(id, 'activate', reason, context);
  } catch (error) {
    const state = error instanceof TurnpikeError ? error.failure.state : undefined;
    const repeats = state === 'ACTIVE' && context.requestId !== undefined;
    if (state !== 'PAUSED' && !repeats) throw error;
    // A key belongs to one command: that of going on has its own, so that a repeat finds its answer again.
    try {
      return await campaigns.change(id, 'resume', reason, part(context, 'resume'));
    } catch (again) {
      throw repeats ? error : again;
    }
  }
}

/** The context of one of the commands that a request is made of. */
export function part(context: CommandContext, name: string): CommandContext {
  const { requestId } = context;
  return requestId === undefined ? context : { ...context, requestId: `${requestId}:${name}` };
}
