/** What management does with partners: commands go through the log to their actors, lists to the directory. */
import type { AccountView } from '../../../model/account.ts';
import type { ActorGateway, ActorObserver } from '../../../model/actor-gateway.ts';
import type { CommandAnswer } from '../../../model/command.ts';
import type { PartnerCampaigns, PartnerView } from '../../../model/partner.ts';
import type { PartnerDirectory } from '../../../model/partner-directory.ts';
import { emptyAccount } from '../accounts/accounts.ts';
import { checker } from '../check.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { campaignIdOf, newId as mintId } from '../identity.ts';
import { type Live, type Watcher, Watches } from '../live/watches.ts';
import { isObject, merged } from '../merge-patch.ts';
import { noCampaign, noPartner } from '../outcome.ts';
import { refuse } from '../violations.ts';
import { type ContentListQuery, type ContentPage, checkContentId, contentPage } from './contents.ts';
import { PartnerDraft, partnerDefinition, partnerDraftOf } from './partner-draft.ts';
import { type PartnerListQuery, type PartnerPage, partnerPage } from './partner-list.ts';

/** All methods throw `TurnpikeError` where something expected goes wrong. */
export interface Partners {
  /**
   * Registers a partner. Without a `partner_id` but with a `requestId` the partner's id follows from that, so that
   * a repeat finds the same partner.
   */
  register(draft: PartnerDraft, context: CommandContext): Promise<PartnerView>;
  get(partnerId: string): Promise<PartnerView>;
  /** A page of partners, the newest first. */
  list(query: PartnerListQuery): Promise<PartnerPage>;
  /**
   * Changes what a partner is, may do, and how much.
   *
   * @param patch a merge patch (RFC 7396) in the spelling of drafts
   */
  update(partnerId: string, patch: unknown, context: CommandContext): Promise<PartnerView>;
  /** Associates a partner with a campaign; to do it again changes nothing. */
  associate(partnerId: string, campaignId: string, context: CommandContext): Promise<PartnerView>;
  /**
   * Associates a content with a partner and a campaign, and the two with each other; to do it again changes nothing.
   *
   * @param contentId as events name it: up to `limits.idLength` characters
   */
  associateContent(
    partnerId: string,
    campaignId: string,
    contentId: string,
    context: CommandContext,
  ): Promise<PartnerView>;
  /** A page of a partner's contents, in the order of their association. */
  contents(partnerId: string, query: ContentListQuery): Promise<ContentPage>;
  /** The campaigns that a partner runs, and those it is associated with. */
  campaigns(partnerId: string): Promise<PartnerCampaigns>;
  /**
   * Tells what is live of a partner now and whenever it changes, until the result is called. Whoever has earned
   * something is a partner, registered or not.
   *
   * @throws TurnpikeError `resource_exhausted`
   */
  watch(partnerId: string, watcher: Watcher<PartnerLive>): () => void;
}

/** What a partner's own actors know of it. */
export interface PartnerLive {
  /** Absent: it is not registered. */
  readonly partner?: PartnerView;
  readonly account: AccountView;
}

export interface PartnersDependencies {
  readonly gateway: ActorGateway;
  readonly observer: ActorObserver;
  readonly directory: PartnerDirectory;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

const UPDATE_ATTEMPTS = 4;
const check = checker(PartnerDraft, 'body');

export function createPartners(dependencies: PartnersDependencies): Partners {
  const { gateway, observer, directory, newId = mintId } = dependencies;
  const watches = new Watches<PartnerLive>({
    look: (partnerId, after) => changedPartner(observer, partnerId, after),
  });
  const execute = (
    partnerId: string,
    name: string,
    payload: unknown,
    context: CommandContext,
  ): Promise<CommandAnswer> =>
    gateway.execute(commandOf(newId(), { actorKind: 'partner', actorId: partnerId, name, payload }, context));

  const get = async (partnerId: string): Promise<PartnerView> => {
    const view = await gateway.query(partnerId, { kind: 'partner' });
    if (view === undefined) throw noPartner(partnerId);
    return view;
  };

  return {
    async register(draft, context) {
      const definition = partnerDefinition(draft);
      const { requestId } = context;
      const derived = draft.partner_id === undefined && requestId !== undefined;
      const partnerId = derived ? campaignIdOf('', requestId) : (draft.partner_id ?? newId());
      const answer = await execute(partnerId, 'register', definition, context);
      // The id tells that it is a repeat, even where the actor has forgotten its first answer by now.
      if (!answer.ok && derived && answer.failure.code === 'already_exists') return get(partnerId);
      return viewOf<PartnerView>(answer);
    },

    get,

    list: (query) => partnerPage(gateway, directory, query),

    async update(partnerId, patch, context) {
      if (!isObject(patch)) refuse([{ field: 'body', description: 'must be a JSON object: a merge patch' }]);
      if ('partner_id' in patch && patch.partner_id !== partnerId)
        refuse([{ field: 'partner_id', description: 'cannot be changed' }]);
      for (let attempt = 1; ; attempt++) {
        const view = await get(partnerId);
        const definition = partnerDefinition(check(merged(partnerDraftOf(view), patch)));
        const checked = { ...context, etag: context.etag ?? view.etag };
        const answer = await execute(partnerId, 'update', definition, checked);
        const hasChanged = !answer.ok && answer.failure.code === 'aborted' && context.etag === undefined;
        if (!hasChanged || attempt === UPDATE_ATTEMPTS) return viewOf<PartnerView>(answer);
      }
    },

    async associate(partnerId, campaignId, context) {
      if ((await gateway.query(campaignId, { kind: 'campaign' })) === undefined) throw noCampaign(campaignId);
      return viewOf<PartnerView>(await execute(partnerId, 'associate', { campaignId }, context));
    },

    async associateContent(partnerId, campaignId, contentId, context) {
      checkContentId(contentId);
      if ((await gateway.query(campaignId, { kind: 'campaign' })) === undefined) throw noCampaign(campaignId);
      return viewOf<PartnerView>(
        await execute(partnerId, 'associate_content', { campaignId, contentId }, context),
      );
    },

    async contents(partnerId, query) {
      const contents = await gateway.query(partnerId, { kind: 'partner_contents' });
      if (contents === undefined) throw noPartner(partnerId);
      return contentPage(partnerId, contents, query);
    },

    async campaigns(partnerId) {
      const campaigns = await gateway.query(partnerId, { kind: 'partner_campaigns' });
      if (campaigns === undefined) throw noPartner(partnerId);
      return campaigns;
    },

    watch: (partnerId, watcher) => watches.watch(partnerId, watcher),
  };
}

async function changedPartner(
  observer: ActorObserver,
  partnerId: string,
  after: number | undefined,
): Promise<Live<PartnerLive> | undefined> {
  const seen = await observer.changed(partnerId, ['partner', 'account'], after);
  if (!seen) return undefined;
  const { partner, account } = seen.answers;
  if (!partner && !account) throw noPartner(partnerId);
  return {
    sequence: seen.at,
    view: { ...(partner && { partner }), account: account ?? emptyAccount(partnerId) },
  };
}
