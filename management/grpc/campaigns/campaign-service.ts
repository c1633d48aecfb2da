/** The methods of `turnpike.v1.CampaignService`: thin over the application. */
import { CAMPAIGN_STATUSES, CAMPAIGN_TYPES } from '../../../model/campaign.ts';
import { CampaignStatus, CampaignType } from '../../../proto/generated/turnpike/v1/campaign.ts';
import type {
  CampaignServiceServer,
  GetCampaignMetricsRequest,
  ListCampaignsRequest,
  PauseCampaignRequest,
} from '../../../proto/generated/turnpike/v1/campaign_service.ts';
import { Granularity } from '../../../proto/generated/turnpike/v1/metrics.ts';
import type { Campaigns, LifecycleVerb } from '../../application/campaigns/campaigns.ts';
import type { ListQuery } from '../../application/campaigns/list.ts';
import { type FiguresQuery, GRANULARITIES } from '../../application/figures/figures.ts';
import { checkedPageSize } from '../../application/request.ts';
import { Violations } from '../../application/violations.ts';
import { wordOf as oneOf } from '../../application/words.ts';
import { contextOf } from '../context.ts';
import { named } from '../request.ts';
import { streaming } from '../streaming.ts';
import { instantOf } from '../timestamp.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { wordOf } from '../words.ts';
import { protoConservation } from './conservation.ts';
import { draftOf, patchOf, respelled } from './draft.ts';
import { protoHistory } from './history.ts';
import { protoCampaign, protoMetrics } from './present.ts';

/** All lifecycle requests have the same fields. */
type ChangeRequest = PauseCampaignRequest;

export function campaignService(
  campaigns: Campaigns,
  dependencies: UnaryDependencies,
): CampaignServiceServer {
  const change = (method: string, verb: LifecycleVerb) =>
    unary(dependencies, method, async (request: ChangeRequest) => {
      const { campaignId, reason } = request;
      const context = contextOf(request.requestId, request.etag);
      return protoCampaign(await campaigns.change(named(campaignId), verb, reason || undefined, context));
    });

  return {
    createCampaign: unary(dependencies, 'CreateCampaign', async (request) => {
      const context = contextOf(request.requestId, '');
      try {
        return protoCampaign(await campaigns.create(draftOf(request), context));
      } catch (error) {
        throw respelled(error);
      }
    }),
    getCampaign: unary(dependencies, 'GetCampaign', async ({ campaignId }) =>
      protoCampaign(await campaigns.get(named(campaignId))),
    ),
    listCampaigns: unary(dependencies, 'ListCampaigns', async (request) => {
      const page = await campaigns.list(listQueryOf(request));
      return { campaigns: page.campaigns.map(protoCampaign), nextPageToken: page.nextPageToken ?? '' };
    }),
    updateCampaign: unary(dependencies, 'UpdateCampaign', async (request) => {
      const campaignId = named(request.campaign?.id ?? '', 'campaign.id');
      const context = contextOf(request.requestId, request.etag);
      try {
        return protoCampaign(await campaigns.update(campaignId, patchOf(request), context));
      } catch (error) {
        throw respelled(error);
      }
    }),
    scheduleCampaign: change('ScheduleCampaign', 'schedule'),
    activateCampaign: change('ActivateCampaign', 'activate'),
    pauseCampaign: change('PauseCampaign', 'pause'),
    resumeCampaign: change('ResumeCampaign', 'resume'),
    completeCampaign: change('CompleteCampaign', 'complete'),
    cancelCampaign: change('CancelCampaign', 'cancel'),
    getCampaignMetrics: unary(dependencies, 'GetCampaignMetrics', async (request) =>
      protoMetrics(await campaigns.figures(named(request.campaignId), figuresQueryOf(request))),
    ),
    watchCampaignMetrics: streaming(dependencies, 'WatchCampaignMetrics', ({ campaignId }, stream) =>
      campaigns.watch(named(campaignId), {
        changed: ({ view }) => stream.send(protoMetrics(view)),
        failed: (error) => stream.fail(error),
      }),
    ),
    getCampaignConservation: unary(dependencies, 'GetCampaignConservation', async (request) =>
      protoConservation(
        await campaigns.conservation(
          named(request.campaignId),
          figuresQueryOf({ ...request, at: undefined }),
        ),
      ),
    ),
    listCampaignHistory: unary(dependencies, 'ListCampaignHistory', async (request) =>
      protoHistory(
        await campaigns.history(named(request.campaignId), {
          pageSize: checkedPageSize(request.pageSize),
          ...(request.pageToken && { pageToken: request.pageToken }),
        }),
      ),
    ),
  };
}

function listQueryOf(request: ListCampaignsRequest): ListQuery {
  const violations = new Violations();
  const typeWord = wordOf(CampaignType, request.type);
  const statusWord = wordOf(CampaignStatus, request.status);
  const type = typeWord && oneOf(CAMPAIGN_TYPES, typeWord, 'type', violations);
  const status = statusWord && oneOf(CAMPAIGN_STATUSES, statusWord, 'status', violations);
  violations.refuse();
  return {
    filter: {
      ...(request.brandId && { brandId: request.brandId }),
      ...(request.partnerId && { partnerId: request.partnerId }),
      ...(type && { type }),
      ...(status && { status }),
    },
    pageSize: checkedPageSize(request.pageSize),
    ...(request.pageToken && { pageToken: request.pageToken }),
  };
}

function figuresQueryOf(request: GetCampaignMetricsRequest): FiguresQuery {
  const violations = new Violations();
  const word = wordOf(Granularity, request.granularity);
  const at = instantOf(request.at, 'at', violations);
  const from = instantOf(request.from, 'from', violations);
  const to = instantOf(request.to, 'to', violations);
  const granularity = word && oneOf(GRANULARITIES, word, 'granularity', violations);
  violations.refuse();
  return {
    ...(at !== undefined && { at }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(granularity && { granularity }),
  };
}
