/** What the live feed can be asked to follow: `campaign:summer`, `partner:ana`. */
import { limits } from '../../../limits.ts';
import { CAMPAIGN_ID_PATTERN } from '../../application/campaigns/campaign-draft.ts';
import type { Campaigns } from '../../application/campaigns/campaigns.ts';
import type { Live, Watcher } from '../../application/live/watches.ts';
import type { Partners } from '../../application/partners/partners.ts';
import { accountResource } from '../accounts/accounts.ts';
import { metricsResource } from '../campaigns/present.ts';
import { partnerResource } from '../partners/partners.ts';

export const TOPIC_KINDS = ['campaign', 'partner'] as const;
export type TopicKind = (typeof TOPIC_KINDS)[number];

export interface Topic {
  readonly kind: TopicKind;
  readonly id: string;
}

export function topicName({ kind, id }: Topic): string {
  return `${kind}:${id}`;
}

const CAMPAIGN_ID = new RegExp(CAMPAIGN_ID_PATTERN);

/** The topic of a name; `undefined` if it is none. */
export function topicOf(name: string): Topic | undefined {
  const at = name.indexOf(':');
  const kind = TOPIC_KINDS.find((known) => known === name.slice(0, at));
  const id = name.slice(at + 1);
  if (kind === 'campaign' && CAMPAIGN_ID.test(id)) return { kind, id };
  if (kind === 'partner' && id.length > 0 && id.length <= limits.idLength) return { kind, id };
  return undefined;
}

/** What is told of a topic, but for what differs from one client to another. */
export interface Message {
  readonly type: 'metrics_update' | 'partner_update';
  readonly topic: string;
  /** Whose it is: `campaign_id`, `partner_id`. */
  readonly of: Readonly<Record<string, string>>;
  readonly sequence: number;
  readonly data: object;
}

/** Who follows topics: gives what stops it. @throws TurnpikeError `resource_exhausted` */
export type Follow = (topic: Topic, watcher: TopicWatcher) => () => void;

export interface TopicWatcher {
  /** The same function for the same state, whoever is told. */
  readonly changed: (message: () => Message) => void;
  readonly failed: (error: unknown) => void;
}

export function followerOf(campaigns: Pick<Campaigns, 'watch'>, partners: Pick<Partners, 'watch'>): Follow {
  const campaign = presented('metrics_update', 'campaign', metricsResource);
  const partner = presented('partner_update', 'partner', ({ partner, account }: PartnerLive) => ({
    ...(partner && { partner: partnerResource(partner) }),
    account: accountResource(account),
  }));
  return (topic, watcher) => {
    switch (topic.kind) {
      case 'campaign':
        return campaigns.watch(topic.id, campaign(topic, watcher));
      case 'partner':
        return partners.watch(topic.id, partner(topic, watcher));
    }
  };
}

type PartnerLive = Parameters<Parameters<Partners['watch']>[1]['changed']>[0]['view'];

/** From what is watched to messages: each state is presented once, however many follow it, and only if it is sent. */
function presented<View>(
  type: Message['type'],
  kind: TopicKind,
  present: (view: View) => object,
): (topic: Topic, watcher: TopicWatcher) => Watcher<View> {
  const messages = new WeakMap<Live<View>, () => Message>();
  const messageOf = (topic: Topic, live: Live<View>): (() => Message) => {
    const known = messages.get(live);
    if (known) return known;
    let made: Message | undefined;
    const message = (): Message => {
      made ??= {
        type,
        topic: topicName(topic),
        of: { [`${kind}_id`]: topic.id },
        sequence: live.sequence,
        data: present(live.view),
      };
      return made;
    };
    messages.set(live, message);
    return message;
  };
  return (topic, { changed, failed }) => ({
    changed: (live) => changed(messageOf(topic, live)),
    failed,
  });
}
