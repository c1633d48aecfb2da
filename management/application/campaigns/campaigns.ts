/**
 * What management does with campaigns, whichever protocol asks: commands go through the log to the actors,
 * live queries to the actors, lists to the directory, figures over time to the warehouse.
 */
import type { ActorGateway, ActorObserver } from '../../../model/actor-gateway.ts';
import type { CampaignDefinition, CampaignView } from '../../../model/campaign.ts';
import type { CampaignDirectory } from '../../../model/campaign-directory.ts';
import type { Command } from '../../../model/command.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { type Conservation, type ConservationQuery, conservationOf } from '../figures/conservation.ts';
import {
  changedFigures,
  type Figures,
  type FiguresQuery,
  figuresAt,
  figuresOver,
  liveFigures,
} from '../figures/figures.ts';
import { campaignIdOf, type KeyPrefix, newId as mintId, newKey as mintKey } from '../identity.ts';
import { type Watcher, Watches } from '../live/watches.ts';
import { noCampaign, withoutSecrets } from '../outcome.ts';
import { checkPartner } from '../partners/partner-rules.ts';
import { checkedReason } from '../request.ts';
import { refuse } from '../violations.ts';
import type { CampaignDraft } from './campaign-draft.ts';
import { definitionOf } from './definition.ts';
import { type HistoryPage, type HistoryQuery, historyPage } from './history.ts';
import { type CampaignPage, type ListQuery, listPage } from './list.ts';
import { patchedDefinition } from './update.ts';

/** The verbs of a campaign's life, as its actor knows them. */
export const LIFECYCLE_VERBS = ['schedule', 'activate', 'pause', 'resume', 'complete', 'cancel'] as const;
export type LifecycleVerb = (typeof LIFECYCLE_VERBS)[number];

/** All methods throw `TurnpikeError` where something expected goes wrong. */
export interface Campaigns {
  /**
   * Creates a campaign as a draft. Only this answer shows its secret keys.
   *
   * Without a `campaign_id` but with a `requestId` the campaign's id follows from brand and `requestId`, so that
   * a repeat finds the same campaign.
   */
  create(draft: CampaignDraft, context: CommandContext): Promise<CampaignView>;
  get(campaignId: string): Promise<CampaignView>;
  /** A page of campaigns, the newest first. */
  list(query: ListQuery): Promise<CampaignPage>;
  /** Leads a campaign on in its life. */
  change(
    campaignId: string,
    verb: LifecycleVerb,
    reason: string | undefined,
    context: CommandContext,
  ): Promise<CampaignView>;
  /**
   * Changes what a campaign is.
   *
   * @param patch a merge patch (RFC 7396) in the spelling of drafts
   */
  update(campaignId: string, patch: unknown, context: CommandContext): Promise<CampaignView>;
  /** A campaign's figures; see `FiguresQuery` for which. */
  figures(campaignId: string, query: FiguresQuery): Promise<Figures>;
  /**
   * Tells a campaign's live figures now and whenever they change, until the result is called.
   *
   * @throws TurnpikeError `resource_exhausted`
   */
  watch(campaignId: string, watcher: Watcher<Figures>): () => void;
  /** Whether what a campaign received is the sum of what was said of it, by every account there is. */
  conservation(campaignId: string, query: ConservationQuery): Promise<Conservation>;
  /** A page of what has happened to a campaign, the newest first. */
  history(campaignId: string, query: HistoryQuery): Promise<HistoryPage>;
}

export interface CampaignsDependencies {
  readonly gateway: ActorGateway;
  readonly observer: ActorObserver;
  readonly directory: CampaignDirectory;
  readonly warehouse: Warehouse;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
  /** Mints a key with this prefix. */
  readonly newKey?: (prefix: KeyPrefix) => string;
}

/** How often a change is tried again where somebody else's came in between. */
const UPDATE_ATTEMPTS = 4;

export function createCampaigns(dependencies: CampaignsDependencies): Campaigns {
  const { gateway, directory, newId = mintId, newKey = mintKey } = dependencies;

  const command = (campaignId: string, name: string, payload: unknown, context: CommandContext): Command =>
    commandOf(newId(), { actorKind: 'campaign', actorId: campaignId, name, payload }, context);

  const get = async (campaignId: string): Promise<CampaignView> => {
    const view = await gateway.query(campaignId, { kind: 'campaign' });
    if (view === undefined) throw noCampaign(campaignId);
    return withoutSecrets(view);
  };

  /** A campaign that a partner runs is one that it is associated with; to repeat that changes nothing. */
  const associate = async (
    campaignId: string,
    { partnerId }: CampaignDefinition,
    { principal }: CommandContext,
  ): Promise<void> => {
    if (partnerId === undefined) return;
    const order = {
      actorKind: 'partner',
      actorId: partnerId,
      name: 'associate',
      payload: { campaignId },
    } as const;
    viewOf(await gateway.execute(commandOf(newId(), order, { principal })));
  };

  const watches = new Watches<Figures>({
    look: (campaignId, after) => changedFigures(dependencies.observer, campaignId, after),
    // Time alone changes nothing.
    essence: ({ asOf: _, ...figures }) => figures,
  });

  return {
    async create(draft, context) {
      const definition = definitionOf(draft, newKey);
      const { requestId } = context;
      const derived = draft.campaign_id === undefined && requestId !== undefined;
      const campaignId = derived ? campaignIdOf(draft.brand_id, requestId) : (draft.campaign_id ?? newId());
      // A repeat gets its first answer, whatever the partner may do by now.
      if (definition.partnerId !== undefined) {
        const isRepeat = requestId !== undefined && (await gateway.query(campaignId, { kind: 'campaign' }));
        if (!isRepeat) await checkPartner(gateway, definition);
      }
      const answer = await gateway.execute(command(campaignId, 'create', definition, context));
      if (answer.ok) await associate(campaignId, definition, context);
      // The id tells that it is a repeat, even where the actor has forgotten its first answer by now.
      if (!answer.ok && derived && answer.failure.code === 'already_exists') return get(campaignId);
      return viewOf<CampaignView>(answer);
    },

    get,

    list: (query) => listPage(gateway, directory, query),

    async change(campaignId, verb, reason, context) {
      const payload = reason === undefined ? {} : { reason: checkedReason(reason) };
      return withoutSecrets(
        viewOf<CampaignView>(await gateway.execute(command(campaignId, verb, payload, context))),
      );
    },

    async update(campaignId, patch, context) {
      for (let attempt = 1; ; attempt++) {
        const view = await get(campaignId);
        const definition = patchedDefinition(view, patch, newKey);
        if (view.status === 'DRAFT') await checkPartner(gateway, definition);
        const checked = { ...context, etag: context.etag ?? view.etag };
        const answer = await gateway.execute(command(campaignId, 'update', definition, checked));
        const hasChanged = !answer.ok && answer.failure.code === 'aborted' && context.etag === undefined;
        if (hasChanged && attempt < UPDATE_ATTEMPTS) continue;
        const updated = viewOf<CampaignView>(answer);
        // Keys that the change has brought about are shown, this once.
        return view.secretKeys.length === 0 ? updated : withoutSecrets(updated);
      }
    },

    figures(campaignId, query) {
      if (query.at !== undefined) {
        if (query.from !== undefined || query.to !== undefined || query.granularity !== undefined) {
          refuse([{ field: 'at', description: 'must stand alone: leave out from, to and granularity' }]);
        }
        return figuresAt(dependencies, campaignId, query.at);
      }
      const range = query.from !== undefined || query.to !== undefined || query.granularity !== undefined;
      return range ? figuresOver(dependencies, campaignId, query) : liveFigures(dependencies, campaignId);
    },

    watch: (campaignId, watcher) => watches.watch(campaignId, watcher),

    conservation: (campaignId, query) => conservationOf(dependencies, campaignId, query),

    history: (campaignId, query) => historyPage(dependencies, campaignId, query),
  };
}
