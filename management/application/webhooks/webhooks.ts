/** What management does with webhooks, whichever protocol asks. Delivering is done elsewhere, see `webhooks/`. */
import { createHash, randomBytes } from 'node:crypto';
import { limits } from '../../../limits.ts';
import { fail, TurnpikeError } from '../../../model/errors.ts';
import type { Log } from '../../../storage/log/port.ts';
import { RevisionConflict } from '../../../storage/snapshots/port.ts';
import type { Attempt, Sender } from '../../delivery/sender.ts';
import type { Kept, WebhookStore } from '../../delivery/store.ts';
import { type Progress, validSecrets, type Webhook } from '../../delivery/webhook.ts';
import { checker } from '../check.ts';
import type { CommandContext } from '../command.ts';
import { maskKey, newId as mintId } from '../identity.ts';
import { isObject, merged } from '../merge-patch.ts';
import { refuse, Violations } from '../violations.ts';
import { checkedFields, type WebhookDraft, WebhookFields } from './webhook-draft.ts';

/** A webhook as it is shown. */
export interface WebhookView {
  readonly webhook: Omit<Webhook, 'secrets' | 'start' | 'createdBy' | 'rotatedBy'>;
  /** Those that sign now, the present one first: whole in the answer that mints one, masked otherwise. */
  readonly secrets: readonly string[];
  readonly etag: string;
  /** Absent: nothing was sent yet. */
  readonly progress?: Progress;
}

/** What came of a test. */
export interface TestResult {
  readonly eventId: string;
  readonly attempt: Attempt;
  readonly durationMs: number;
}

/**
 * All methods throw `TurnpikeError`: `not_found`, `invalid_argument` naming each field at fault, `aborted` where the
 * etag is not the present one, `unavailable`.
 */
export interface Webhooks {
  /**
   * Creates a webhook; only what happens from now on is delivered. Only this answer shows its secret. With a
   * `requestId` a repeat gets the first answer.
   *
   * @throws TurnpikeError `already_exists`; `failed_precondition` if there are as many as there may be
   */
  create(draft: WebhookDraft, context: CommandContext): Promise<WebhookView>;
  get(webhookId: string): Promise<WebhookView>;
  /** All there are, in the order of their ids. */
  list(): Promise<readonly WebhookView[]>;
  /** @param patch a merge patch (RFC 7396) in the spelling of drafts */
  update(webhookId: string, patch: unknown, context: CommandContext): Promise<WebhookView>;
  delete(webhookId: string, context: CommandContext): Promise<void>;
  /** Mints a secret; the one before signs too for `limits.webhookSecretMs`. Only this answer shows the new one. */
  rotateSecret(webhookId: string, context: CommandContext): Promise<WebhookView>;
  /** Sends a `turnpike.test` event now, once, also where the webhook is disabled. */
  test(webhookId: string): Promise<TestResult>;
}

export interface WebhooksDependencies {
  readonly store: WebhookStore;
  readonly sender: Pick<Sender, 'send'>;
  readonly log: Pick<Log, 'partitions' | 'lastSequence'>;
  /** Whether addresses that are not public may be called. */
  readonly allowPrivate: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newId?: () => string;
  readonly newSecret?: () => string;
}

const ATTEMPTS = 4;
const checkFields = checker(WebhookFields, 'patch');

export function createWebhooks(dependencies: WebhooksDependencies): Webhooks {
  const { store, sender, log, allowPrivate, now, newId = mintId, newSecret = mintSecret } = dependencies;
  let tests = 0;

  const present = async (webhookId: string): Promise<Kept<Webhook>> => {
    const kept = await store.get(webhookId);
    if (kept) return kept;
    throw new TurnpikeError({
      code: 'not_found',
      message: `there is no webhook ${webhookId}`,
      webhookId,
    });
  };

  const shown = async (kept: Kept<Webhook>, secrets: 'whole' | 'masked'): Promise<WebhookView> => {
    const progress = await store.progress(kept.value.webhookId);
    return viewOf(kept, progress?.value, secrets, now());
  };

  /** Changes a webhook as it is now; again where somebody else's change came in between. */
  const change = async (
    webhookId: string,
    { etag }: CommandContext,
    apply: (webhook: Webhook) => Webhook,
  ): Promise<Kept<Webhook>> => {
    for (let attempt = 1; ; attempt++) {
      const kept = await present(webhookId);
      if (etag !== undefined && etag !== String(kept.revision)) throw changed(webhookId);
      const value = apply(kept.value);
      if (value === kept.value) return kept;
      try {
        return { value, revision: await store.put(value, kept.revision) };
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
        if (attempt === ATTEMPTS) throw changed(webhookId);
      }
    }
  };

  return {
    async create({ webhook_id: wanted, ...fields }, { requestId }) {
      const checked = checkedFields(fields, allowPrivate, new Violations());
      const webhookId = wanted ?? (requestId === undefined ? newId() : webhookIdOf(requestId));
      const repeated = async (): Promise<WebhookView | undefined> => {
        const kept = await store.get(webhookId);
        if (kept === undefined) return undefined;
        const { createdBy, createdAt, updatedAt } = kept.value;
        if (requestId === undefined || createdBy !== requestId)
          throw new TurnpikeError({
            code: 'already_exists',
            message: `there is a webhook ${webhookId} already`,
            webhookId,
          });
        return shown(kept, createdAt === updatedAt ? 'whole' : 'masked');
      };
      const first = await repeated();
      if (first) return first;
      if ((await store.list()).length >= limits.webhooks)
        fail(
          'failed_precondition',
          `there are ${limits.webhooks} webhooks, which is the most: delete one first`,
        );
      const time = now();
      const value: Webhook = {
        webhookId,
        ...checked,
        secrets: [{ secret: newSecret() }],
        createdAt: time,
        updatedAt: time,
        enabledAt: time,
        ...(requestId !== undefined && { createdBy: requestId }),
        start: await Promise.all(
          Array.from({ length: log.partitions }, (_, partition) => log.lastSequence(partition)),
        ),
      };
      try {
        return await shown({ value, revision: await store.put(value, 0) }, 'whole');
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw error;
        return (await repeated()) ?? Promise.reject(changed(webhookId));
      }
    },

    get: async (webhookId) => shown(await present(webhookId), 'masked'),

    async list() {
      const [all, progress] = await Promise.all([store.list(), store.allProgress()]);
      return all.map((kept) => viewOf(kept, progress.get(kept.value.webhookId), 'masked', now()));
    },

    async update(webhookId, patch, context) {
      if (!isObject(patch)) return refuse([{ field: 'body', description: 'must be a JSON object' }]);
      const kept = await change(webhookId, context, (webhook) =>
        patched(webhook, patch, allowPrivate, now()),
      );
      return shown(kept, 'masked');
    },

    async delete(webhookId, { etag }) {
      for (let attempt = 1; ; attempt++) {
        const { revision } = await present(webhookId);
        if (etag !== undefined && etag !== String(revision)) throw changed(webhookId);
        try {
          return await store.delete(webhookId, revision);
        } catch (error) {
          if (!(error instanceof RevisionConflict)) throw error;
          if (attempt === ATTEMPTS) throw changed(webhookId);
        }
      }
    },

    async rotateSecret(webhookId, context) {
      const { requestId } = context;
      const kept = await change(webhookId, context, (webhook) => {
        if (requestId !== undefined && webhook.rotatedBy === requestId) return webhook;
        return rotated(webhook, newSecret(), requestId, now());
      });
      return shown(kept, 'whole');
    },

    async test(webhookId) {
      if (tests >= limits.webhookTests) fail('resource_exhausted', 'too many tests under way; try again');
      tests++;
      try {
        const { value } = await present(webhookId);
        const time = now();
        const eventId = newId();
        const body = testEvent(webhookId, eventId, time);
        const started = performance.now();
        const attempt = await sender.send({
          url: value.url,
          secrets: validSecrets(value, time),
          eventId,
          body,
        });
        return { eventId, attempt, durationMs: Math.round(performance.now() - started) };
      } finally {
        tests--;
      }
    },
  };
}

function patched(
  webhook: Webhook,
  patch: Readonly<Record<string, unknown>>,
  allowPrivate: boolean,
  now: number,
): Webhook {
  if ('webhook_id' in patch && patch.webhook_id !== webhook.webhookId)
    refuse([{ field: 'webhook_id', description: 'cannot be changed' }]);
  const { url, eventTypes, subjects, description, enabled } = webhook;
  const fields = { url, event_types: eventTypes, subjects, description, enabled };
  const checked = checkedFields(checkFields(merged(fields, patch)), allowPrivate, new Violations());
  // Enabled by hand, it is no longer what Turnpike had to say of it.
  const { disabledReason, ...rest } = webhook;
  const isKept = !checked.enabled && disabledReason !== undefined;
  return {
    ...rest,
    ...checked,
    ...(isKept && { disabledReason }),
    updatedAt: now,
    enabledAt: checked.enabled && !enabled ? now : webhook.enabledAt,
  };
}

function rotated(webhook: Webhook, secret: string, requestId: string | undefined, now: number): Webhook {
  const { rotatedBy: _, ...rest } = webhook;
  const replaced = webhook.secrets
    .filter(({ until }) => until === undefined || now < until)
    .map((old) => ({ secret: old.secret, until: old.until ?? now + limits.webhookSecretMs }));
  return {
    ...rest,
    secrets: [{ secret }, ...replaced].slice(0, limits.webhookSecrets),
    updatedAt: now,
    ...(requestId !== undefined && { rotatedBy: requestId }),
  };
}

function viewOf(
  { value, revision }: Kept<Webhook>,
  progress: Progress | undefined,
  shownSecrets: 'whole' | 'masked',
  now: number,
): WebhookView {
  const {
    secrets: _secrets,
    start: _start,
    createdBy: _createdBy,
    rotatedBy: _rotatedBy,
    ...webhook
  } = value;
  const secrets = validSecrets(value, now);
  return {
    webhook,
    // Only the newest is whole: who asks has the others.
    secrets: secrets.map((secret, at) => (shownSecrets === 'whole' && at === 0 ? secret : maskKey(secret))),
    etag: String(revision),
    ...(progress && { progress }),
  };
}

function changed(webhookId: string): TurnpikeError {
  return new TurnpikeError({
    code: 'aborted',
    message: `webhook ${webhookId} has been changed meanwhile: read it and try again`,
    webhookId,
  });
}

/** A new random secret, 256 bits. */
function mintSecret(): string {
  return `whsec_${randomBytes(32).toString('base64url')}`;
}

/** The webhook that a create request with this idempotency key makes: a repeat must come to the same. */
function webhookIdOf(requestId: string): string {
  return createHash('sha256').update(`webhook:${requestId}`).digest('hex').slice(0, 32);
}

function testEvent(webhookId: string, id: string, now: number): string {
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: 'turnpike',
    type: 'turnpike.test',
    subject: webhookId,
    time: new Date(now).toISOString(),
    datacontenttype: 'application/json',
    data: { webhook_id: webhookId },
  });
}
